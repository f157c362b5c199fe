"""Liquidity rewards: which orders score, and what makers earn with them.

The formula is the venue's published one: an order of a size within `max_spread` of the middle
scores ((max_spread - distance) / max_spread)^2 * size. Bids on YES and asks on NO make one side,
the others the second; one side alone counts a third where the middle is between 0.10 and 0.90, and
nothing outside. Every minute the makers of a market share its rate by their scores. Here the book
is looked at whenever the clock ticks, and counts for all minutes since the last look.

Amounts are base units of 1e-6 dollars, distances 1e-6 dollars, times Unix ms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mock_clob.book import is_bid, yes_price
from mock_clob.engine import Engine
from mock_clob.model import UNIT, Market, Order, Trade, TradeStatus
from mock_clob.scenario import DOCUMENTED

MINUTE_MS = 60_000
MINUTES_A_DAY = 1_440
ONE_SIDED = 3  # what the better side is divided by when it stands alone
BOTH_SIDES_BEYOND = 100_000  # nearer than this to 0 or 1, one side alone earns nothing
# Of the takers' fees. The venue gives 15 to 25 % by category; which gets what is not kept here.
REBATE_PERCENT = 15


@dataclass(frozen=True)
class Program:
    """What a market pays. `daily_rate` is shared by all makers."""

    daily_rate: int
    min_size: int
    max_spread: int
    since_ms: int = 1_767_225_600_000  # 2026-01-01


DEFAULT_PROGRAMS = {DOCUMENTED.condition_id: Program(50 * UNIT, 20 * UNIT, 35_000)}


@dataclass(frozen=True)
class Earning:
    date: str  # YYYY-MM-DD, UTC
    condition_id: str
    maker: str  # lower case
    amount: int


@dataclass
class Rewards:
    engine: Engine
    now_ms: int  # of the last look
    programs: dict[str, Program] = field(default_factory=lambda: dict(DEFAULT_PROGRAMS))
    _earned: defaultdict[tuple[str, str, str], int] = field(
        default_factory=lambda: defaultdict(int)
    )

    def of(self, market: Market) -> Program | None:
        """The market's program; None while it takes no orders or pays nothing."""
        return self.programs.get(market.condition_id) if market.accepting_orders else None

    def markets(self) -> Iterator[tuple[Market, Program]]:
        """What is paid for now."""
        for market in self.engine.markets.values():
            program = self.of(market)
            if program:
                yield market, program

    def scores(self, order: Order) -> bool:
        """Whether this order earns something as the book stands."""
        program = self.of(order.market)
        middle = self._middle(order.market, program) if program else None
        if program is None or middle is None or order.id not in self.engine.open:
            return False
        return _score(order, program, middle) > 0

    def shares(self, market: Market) -> dict[str, tuple[int, int]]:
        """(score, sum of all scores) of each maker that earns in this market now."""
        program = self.of(market)
        middle = self._middle(market, program) if program else None
        if program is None or middle is None:
            return {}
        sides: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        for order in self._resting(market):
            sides[order.maker][is_bid(order)] += _score(order, program, middle)
        alone = BOTH_SIDES_BEYOND <= middle <= UNIT - BOTH_SIDES_BEYOND
        made = {
            maker: max(ONE_SIDED * min(both), max(both) if alone else 0)
            for maker, both in sides.items()
        }
        total = sum(made.values())
        return {maker: (score, total) for maker, score in made.items() if score}

    def percentage(self, market: Market, maker: str) -> float:
        """Of the market's rate, what this maker earns now: 0 to 100."""
        score, total = self.shares(market).get(maker.lower(), (0, 1))
        return 100 * score / total

    def look(self, now_ms: int) -> None:
        """Pay for the whole minutes since the last look, on the day that they end in."""
        minutes = (now_ms - self.now_ms) // MINUTE_MS
        if minutes <= 0:
            return
        self.now_ms += minutes * MINUTE_MS
        for market, program in self.markets():
            for maker, (score, total) in self.shares(market).items():
                paid = program.daily_rate * minutes * score // (MINUTES_A_DAY * total)
                self._earned[day(self.now_ms), market.condition_id, maker] += paid

    def earnings(self, date: str, maker: str) -> list[Earning]:
        """What a maker earned on a day, by market."""
        return [
            Earning(on, condition_id, who, amount)
            for (on, condition_id, who), amount in self._earned.items()
            if on == date and who == maker.lower() and amount
        ]

    def competitiveness(self, market: Market) -> float:
        """How much liquidity there is, in scored shares: the venue's own scale is not known."""
        return sum(score for score, _ in self.shares(market).values()) / UNIT / 1_000

    def _resting(self, market: Market) -> Iterator[Order]:
        return (order for order in self.engine.open.values() if order.market is market)

    def _middle(self, market: Market, program: Program) -> int | None:
        """Between the best orders that are large enough; None while one side has none."""
        large = [o for o in self._resting(market) if o.remaining >= program.min_size]
        bids = [yes_price(order) for order in large if is_bid(order)]
        asks = [yes_price(order) for order in large if not is_bid(order)]
        return (max(bids) + min(asks)) // 2 if bids and asks else None


def rebates(trades: Iterator[Trade], date: str, maker: str) -> dict[str, int]:
    """What a maker gets back of the takers' fees of a day, by condition id.

    A trade's fee is spread over its makers by their shares; a failed trade pays nothing.
    """
    found: defaultdict[str, int] = defaultdict(int)
    for trade in trades:
        if not trade.fee or trade.fee_in_shares or day(trade.matched_ms) != date:
            continue
        if trade.status is TradeStatus.FAILED:
            continue
        mine = sum(fill.shares for fill in trade.fills if fill.order.maker == maker.lower())
        amount = trade.fee * mine * REBATE_PERCENT // (trade.shares * 100)
        if amount:
            found[trade.taker.market.condition_id] += amount
    return dict(found)


def day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


def _score(order: Order, program: Program, middle: int) -> int:
    distance = abs(yes_price(order) - middle)
    if order.remaining < program.min_size or distance > program.max_spread:
        return 0
    return (program.max_spread - distance) ** 2 * order.remaining // program.max_spread**2
