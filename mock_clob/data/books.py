"""What wallets hold and what it has gained, by weighted average cost, in base units.

The cost of a share is what all shares of that outcome have cost this wallet, divided by their
number, whenever they came (the published contract calls the number `total_size`). Costs and
proceeds are without fees; these are told beside them. A pair that is split or merged counts half a
dollar for each side. Shares that came without a price do so too: what the venue takes for them is
not established.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mock_clob import wire
from mock_clob.data.changes import Change, Kind
from mock_clob.engine import Engine
from mock_clob.exact_json import ratio, times
from mock_clob.model import UNIT, Market

DUST = 100_000  # 0.1 shares: a position of less is closed


@dataclass
class Position:
    """One wallet's shares of one outcome. Amounts in base units, prices 1e-6, times in seconds."""

    wallet: str
    market: Market
    token_id: str
    price: int = 0  # of a share now
    size: int = 0
    bought: int = 0  # shares that ever came in
    spent: int = 0  # for these
    received: int = 0  # for the shares that went out
    fees: int = 0  # of buying
    first_at: int = 0
    last_at: int = 0

    @property
    def average(self) -> int:
        return ratio(self.spent, self.bought)

    @property
    def cost(self) -> int:
        """Of the shares that are left."""
        return ratio(self.spent * self.size, self.bought, 0)

    @property
    def value(self) -> int:
        return times(self.size, self.price)

    @property
    def realized(self) -> int:
        return self.received - (self.spent - self.cost)

    @property
    def unrealized(self) -> int:
        return self.value - self.cost

    @property
    def total(self) -> int:
        return self.realized + self.unrealized

    @property
    def open(self) -> bool:
        return self.size >= DUST

    def apply(self, change: Change) -> None:
        moved = change.shares(self.token_id)
        if not moved:
            return
        amount = _amount(change, self.token_id)
        if moved > 0:
            self.bought += moved
            self.spent += amount
            self.fees += change.fee
            self.first_at = self.first_at or change.at
        else:
            self.received += amount
        self.size += moved
        self.last_at = change.at


def _amount(change: Change, token_id: str) -> int:
    """What these shares of one outcome have cost or brought."""
    market, moved = change.market, abs(change.shares(token_id))
    assert market is not None
    if change.kind is Kind.TRADE:
        return abs(change.collateral)
    if change.kind is Kind.REDEEM:
        alone = not change.yes or not change.no
        won = token_id == (market.winning_token_id or market.token_ids[0])
        return change.collateral if alone or won else 0
    lower_half = moved // 2
    return moved - lower_half if token_id == market.token_ids[0] else lower_half


def positions(engine: Engine, changes: Iterable[Change]) -> list[Position]:
    """One for each wallet and outcome that these changes are about, oldest first."""
    found: dict[tuple[str, str], Position] = {}
    for change in changes:
        if change.market is None:
            continue
        for token_id in change.market.token_ids:
            if not change.shares(token_id):
                continue
            key = change.wallet, token_id
            if key not in found:
                price = price_now(engine, change.market, token_id)
                found[key] = Position(change.wallet, change.market, token_id, price)
            found[key].apply(change)
    return list(found.values())


def price_now(engine: Engine, market: Market, token_id: str) -> int:
    """The last trade's price; once the market is resolved, what a share pays."""
    if market.winning_token_id:
        return UNIT if token_id == market.winning_token_id else 0
    return wire.last_price(engine, token_id)


class Marks:
    """Prices as they were: the last trade at or before an instant."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._points: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for trade in engine.trades.values():
            market = trade.taker.market
            first = trade.taker.token_id == market.token_ids[0]
            yes = trade.price if first else UNIT - trade.price
            self._points[market.condition_id].append((trade.matched_ms // 1000, yes))
        resolved = (market.resolved_ms // 1000 for market in engine.markets.values())
        traded = (at for points in self._points.values() for at, _ in points)
        self._moments = sorted((*resolved, *traded))

    def moved(self, after: int, until: int) -> bool:
        """Whether any price can have moved in between."""
        return bisect_right(self._moments, after) < bisect_right(self._moments, until)

    def at(self, market: Market, token_id: str, instant: int) -> int | None:
        """A token's price at a Unix second; None where it is not known any more."""
        if market.winning_token_id and instant >= market.resolved_ms // 1000:
            return price_now(self.engine, market, token_id)
        points = self._points.get(market.condition_id)
        if not points:
            yes = self.engine.books[market.condition_id].last_price
        else:
            before = [price for at, price in points if at <= instant]
            if not before:
                return None
            yes = before[-1]
        return yes if token_id == market.token_ids[0] else UNIT - yes

    def last_trade(self, market: Market, token_id: str, instant: int) -> tuple[int, int] | None:
        """(second, price) of the last trade until then; None where there was none."""
        before = [each for each in self._points[market.condition_id] if each[0] <= instant]
        if not before:
            return None
        at, yes = before[-1]
        return at, yes if token_id == market.token_ids[0] else UNIT - yes


@dataclass(frozen=True)
class Totals:
    """A wallet's figures up to an instant. `unrealized` is None where a mark is not known."""

    at: int
    realized: int
    unrealized: int | None
    fees: int
    volume: int  # shares
    volume_usdc: int
    fills: int
    deposits: int
    withdrawals: int


def totals(marks: Marks, changes: Sequence[Change], instants: Iterable[int]) -> Iterator[Totals]:
    """One wallet's figures at each instant. Both sequences run forward in time."""
    held: dict[str, Position] = {}
    fees = volume = usdc = fills = deposits = withdrawals = following = 0
    last: Totals | None = None
    for instant in instants:
        begun = following
        while following < len(changes) and changes[following].at <= instant:
            change = changes[following]
            following += 1
            if change.market:
                for token_id in change.market.token_ids:
                    position = held.setdefault(
                        token_id, Position(change.wallet, change.market, token_id)
                    )
                    position.apply(change)
            if change.kind is Kind.TRADE:
                fees += change.fee
                volume += change.size
                usdc += abs(change.collateral)
                fills += 1
            deposits += change.collateral if change.kind is Kind.DEPOSIT else 0
            withdrawals -= change.collateral if change.kind is Kind.WITHDRAWAL else 0
        if last and following == begun and not marks.moved(last.at, instant):
            last = replace(last, at=instant)
            yield last
            continue
        last = Totals(
            at=instant,
            realized=sum(position.realized for position in held.values()),
            unrealized=_unrealized(marks, held.values(), instant),
            fees=fees,
            volume=volume,
            volume_usdc=usdc,
            fills=fills,
            deposits=deposits,
            withdrawals=withdrawals,
        )
        yield last


def _unrealized(marks: Marks, held: Iterable[Position], instant: int) -> int | None:
    result = 0
    for position in held:
        if not position.size:
            continue
        price = marks.at(position.market, position.token_id, instant)
        if price is None:
            return None
        result += times(position.size, price) - position.cost
    return result
