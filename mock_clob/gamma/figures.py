"""What Gamma knows of a market in numbers, from the engine's books and trades.

Volume is in dollars, of every match that has not failed. The price shown is the middle of the
book, or the last trade's where the book is wider than 0.10 or one-sided: so the venue documents
it. How it counts liquidity is not established: here each resting order at its price.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mock_clob import wire
from mock_clob.exact_json import ratio, times
from mock_clob.gamma.catalog import Catalog, Event
from mock_clob.model import UNIT, Market, Side, TradeStatus

if TYPE_CHECKING:
    from mock_clob.venue import Venue

DAY_MS = 86_400_000
SPANS = {"24hr": DAY_MS, "1wk": 7 * DAY_MS, "1mo": 30 * DAY_MS, "1yr": 365 * DAY_MS}
CHANGES = {
    "oneHourPriceChange": DAY_MS // 24,
    "oneDayPriceChange": DAY_MS,
    "oneWeekPriceChange": 7 * DAY_MS,
    "oneMonthPriceChange": 30 * DAY_MS,
    "oneYearPriceChange": 365 * DAY_MS,
}
WIDE = 100_000  # a spread above which the middle says nothing


@dataclass
class Figures:
    """One market. Amounts in base units, prices of YES in 1e-6, times in Unix ms."""

    id: int
    market: Market
    event: Event
    volume: int = 0
    volumes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SPANS, 0))
    liquidity: int = 0
    rewards_min_size: int = 0
    interest: int = 0  # a dollar for each pair that somebody holds
    bid: int = 0
    ask: int = UNIT
    last: int = 0
    changes: dict[str, int] = field(default_factory=dict)  # those that are known

    @property
    def spread(self) -> int:
        return self.ask - self.bid

    @property
    def price(self) -> int:
        """Of YES, as it is shown."""
        if self.market.winning_token_id:
            return UNIT if self.market.winning_token_id == self.market.token_ids[0] else 0
        two_sided = self.bid > 0 and self.ask < UNIT
        return (self.bid + self.ask) // 2 if two_sided and self.spread <= WIDE else self.last

    @property
    def competitive(self) -> int:
        """1 / (1 + (price - 0.5)^2) in units of 1e-16, as recorded replies have it."""
        return ratio(UNIT**2, UNIT**2 + (self.price - UNIT // 2) ** 2, 16)

    @property
    def start_ms(self) -> int:
        return milliseconds(self.market.start_date)

    @property
    def end_ms(self) -> int:
        return milliseconds(self.market.end_date)


def figures(venue: Venue, catalog: Catalog) -> dict[str, Figures]:
    """By condition id, in the order of listing."""
    engine, now = venue.engine, venue.clock.now_ms()
    found = {
        market.condition_id: Figures(catalog.id_of(market), market, catalog.event_of(market))
        for market in catalog.markets
    }
    for (_, asset), held in venue.ledger.balances.items():
        listed = engine.by_token.get(asset)
        if listed and asset == listed.token_ids[0]:
            found[listed.condition_id].interest += held
    points: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for trade in engine.trades.values():
        if trade.status is TradeStatus.FAILED:
            continue
        market = trade.taker.market
        figure = found[market.condition_id]
        amount = sum(fill.taker_collateral for fill in trade.fills)
        figure.volume += amount
        for name, span in SPANS.items():
            if now - trade.matched_ms <= span:
                figure.volumes[name] += amount
        first = trade.taker.token_id == market.token_ids[0]
        yes = trade.price if first else UNIT - trade.price
        points[market.condition_id].append((trade.matched_ms, yes))
    for condition_id, figure in found.items():
        yes_id = figure.market.token_ids[0]
        bid, ask = wire.best(engine, yes_id)
        figure.bid, figure.ask = bid or 0, UNIT if ask is None else ask
        figure.last = wire.last_price(engine, yes_id)
        program = venue.rewards.of(figure.market)
        figure.rewards_min_size = program.min_size if program else 0
        book = engine.books[condition_id]
        for side in Side:
            levels = book.levels(figure.market, yes_id, side)
            figure.liquidity += sum(times(size, price) for price, size in levels)
        for name, span in CHANGES.items():
            before = [price for at, price in points[condition_id] if at <= now - span]
            if before:
                figure.changes[name] = figure.last - before[-1]
    return found


def milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)
