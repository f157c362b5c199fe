"""Makers and takers that trade by the venue's clock, and what else a scenario has happen.

Every step has its own time, so what happens is the same whether the clock runs or jumps, and the
same under the same seed. All orders are the house's and go into the engine directly. A trade among
the house alone moves nothing but its fee, so it is settled by the clock and never on the chain:
its hash, which begins with eight zeros, is on none.
"""

from __future__ import annotations

import hashlib
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush

from mock_clob.book import Book
from mock_clob.engine import Engine
from mock_clob.model import UNIT, Market, Order, OrderType, Side, Trade, TradeStatus
from mock_clob.rules import MIN_MARKETABLE_BUY, Rejected
from mock_clob.scenarios import Act, Drift, ListMarket, Resolve

OWNER = "house"  # in place of an API key
MINED_MS, CONFIRMED_MS = 2_000, 4_000  # after the match
RESTING = 24  # orders of the flow in one market; beyond it the oldest goes first
KEPT = 2_000  # closed orders, and settled trades, that the engine keeps of the flow
PUBLISHED_EVERY = 500  # steps, in a jump of the clock
# [docs] market-channel: a price above 0.96 or below 0.04 makes the tick finer.
COARSE, FINE = 10_000, 1_000
EDGE = 40_000
_DISTANCES = (1, 1, 2, 2, 3, 4, 5, 8)  # of a quote from the middle, in ticks


@dataclass
class Trading:
    """What the traders think of one market."""

    market: Market
    middle: int  # of YES, 1e-6
    goal: int  # where it moves to
    resting: deque[str] = field(default_factory=deque)  # order ids, oldest first


class Flow:
    """`steps_a_second` 0 leaves only the acts. `list_market` lists a market that begins later."""

    def __init__(
        self,
        engine: Engine,
        *,
        wallet: str,
        contract_of: Callable[[Market], str],
        list_market: Callable[[str, int], None],
        seed: int,
        start_ms: int,
        steps_a_second: float,
        acts: tuple[Act, ...],
    ) -> None:
        self.engine = engine
        self.start_ms = start_ms
        self.refused = 0  # orders that the engine did not take
        self._wallet = wallet
        self._contract_of = contract_of
        self._list_market = list_market
        self._dice = random.Random(f"flow {seed}")
        self._name = f"flow {seed}"
        self._trading: dict[str, Trading] = {}
        self._due: list[tuple[int, int, Callable[[int], None]]] = []
        self._count = 0  # of what was ever scheduled
        self._orders = 0
        self._wait = 1000 / steps_a_second if steps_a_second else 0.0  # ms between steps, the mean
        self._placed: deque[Order] = deque()
        self._settled: deque[str] = deque()
        self._others: list[Trade] = []  # trades with a user, for settlement
        for act in acts:
            self._at(start_ms + round(act.after * 1000), partial(self._perform, act))
        if steps_a_second:
            self._at(start_ms + round(self._wait), self._step)

    def trade_in(self, market: Market, middle: int) -> None:
        """Let the flow trade in a market from now on."""
        self._trading[market.slug] = Trading(market, middle, middle)

    def run(self, now: int, publish: Callable[[], None]) -> list[Trade]:
        """Everything that is due; the trades with users in it, which are still to be settled."""
        done = 0
        while self._due and self._due[0][0] <= now:
            due, _, happen = heappop(self._due)
            self.engine.expire(due)
            happen(due)
            done += 1
            if done % PUBLISHED_EVERY == 0:
                publish()
        others, self._others = self._others, []
        return others

    def adopt(self, trade: Trade) -> bool:
        """Settle a trade by the clock if it is among the house alone; whether it is."""
        for fill in trade.fills:
            if fill.order.owner != OWNER or fill.order.token_id != trade.taker.token_id:
                return False
        if trade.taker.owner != OWNER:
            return False
        self._at(trade.matched_ms + MINED_MS, partial(self._settle, trade))
        return True

    # Inside

    def _at(self, due: int, happen: Callable[[int], None]) -> None:
        self._count += 1
        heappush(self._due, (due, self._count, happen))

    def _settle(self, trade: Trade, now: int) -> None:
        digest = hashlib.sha256(trade.id.encode()).hexdigest()
        self.engine.set_trade_status(trade, TradeStatus.MINED, now, f"0x{'0' * 8}{digest[:56]}")
        self._at(trade.matched_ms + CONFIRMED_MS, partial(self._confirm, trade))

    def _confirm(self, trade: Trade, now: int) -> None:
        self.engine.set_trade_status(trade, TradeStatus.CONFIRMED, now)
        self._settled.append(trade.id)
        if len(self._settled) > KEPT:
            self.engine.trades.pop(self._settled.popleft(), None)

    def _step(self, now: int) -> None:
        """One order or one cancel in one market, then the next step. Always as many draws."""
        dice = self._dice
        wait = max(1, round(self._wait * dice.uniform(0.2, 1.8)))
        which, kind, drift, form = dice.random(), dice.random(), dice.random(), dice.random()
        side = Side.BUY if dice.random() < 0.5 else Side.SELL
        distance, shares = dice.choice(_DISTANCES), dice.randint(1, 10) * 10
        self._at(now + wait, self._step)
        open_now = [each for each in self._trading.values() if each.market.accepting_orders]
        if not open_now:
            return
        trading = open_now[int(which * len(open_now))]
        self._move(trading, drift)
        if len(trading.resting) >= RESTING or kind < 0.25:
            self._cancel(trading, now)
        elif kind < 0.75:
            self._quote(trading, side, distance, shares, now)
        else:
            self._take(trading, side, shares, form, now)
        self._refine(trading.market, now)
        self._forget()

    def _refine(self, market: Market, now: int) -> None:
        price = self.engine.books[market.condition_id].last_price
        if market.tick == COARSE and not EDGE <= price <= UNIT - EDGE:
            self.engine.change_tick(market, FINE, now)

    def _move(self, trading: Trading, drift: float) -> None:
        """A tick towards the goal, or about the goal once it is reached."""
        tick = trading.market.tick
        if abs(trading.goal - trading.middle) > 3 * tick:
            move = tick if trading.goal > trading.middle else -tick
            trading.middle += move if drift < 0.7 else 0
        elif drift < 0.4:
            trading.middle += tick if drift < 0.2 else -tick
        trading.middle = min(max(trading.middle, 2 * tick), UNIT - 2 * tick)

    def _cancel(self, trading: Trading, now: int) -> None:
        while trading.resting:
            if self.engine.cancel(trading.resting.popleft(), now):
                return

    def _quote(self, trading: Trading, side: Side, distance: int, shares: int, now: int) -> None:
        tick = trading.market.tick
        away = distance * tick if side is Side.SELL else -distance * tick
        price = (trading.middle + away) // tick * tick
        price = min(max(price, tick), UNIT - tick)
        # One that crosses the book must be worth a dollar, as every marketable BUY.
        shares = max(shares, -(-MIN_MARKETABLE_BUY // price))
        order = self._order(trading.market, 0, side, OrderType.GTC, price, shares * UNIT, now)
        self._place(order)
        if order.id in self.engine.open:
            trading.resting.append(order.id)

    def _take(self, trading: Trading, side: Side, shares: int, form: float, now: int) -> None:
        """Hit the best price of the other side. A user's order is met in either form: BUY YES or
        SELL NO, SELL YES or BUY NO."""
        market, book = trading.market, self.engine.books[trading.market.condition_id]
        best = _best(book, side)
        if best is None:
            return
        price = best.price if best.token_id == market.token_ids[0] else UNIT - best.price
        outcome = 0
        if best.owner != OWNER and form < 0.5:
            outcome, price = 1, UNIT - price
            side = Side.SELL if side is Side.BUY else Side.BUY
        shares = max(shares, -(-MIN_MARKETABLE_BUY // price) + 9) // 10 * 10
        kind = OrderType.FAK
        self._place(self._order(market, outcome, side, kind, price, shares * UNIT, now))

    def _order(
        self,
        market: Market,
        outcome: int,
        side: Side,
        kind: OrderType,
        price: int,
        size: int,
        now: int,
    ) -> Order:
        self._orders += 1
        cost = size * price // UNIT
        return Order(
            id="0x" + hashlib.sha256(f"{self._name} {self._orders}".encode()).hexdigest(),
            owner=OWNER,
            signer=self._wallet,
            maker=self._wallet,
            market=market,
            token_id=market.token_ids[outcome],
            side=side,
            type=kind,
            price=price,
            size=size,
            maker_amount=cost if side is Side.BUY else size,
            taker_amount=size if side is Side.BUY else cost,
            created_ms=now,
        )

    def _place(self, order: Order) -> None:
        try:
            trade = self.engine.place(order, self._contract_of(order.market))
        except Rejected:
            self.refused += 1
            return
        self._placed.append(order)
        if trade and not self.adopt(trade):
            self._others.append(trade)

    def _forget(self) -> None:
        """Drop the oldest orders of the flow that are closed, so that it can go on for ever."""
        for _ in range(max(0, len(self._placed) - KEPT)):
            order = self._placed.popleft()
            if order.id in self.engine.open or order.id in self.engine.delayed:
                self._placed.append(order)
            else:
                self.engine.orders.pop(order.id, None)

    def drift(self, slug: str, price: int) -> None:
        if slug in self._trading:
            self._trading[slug].goal = price

    def market(self, slug: str) -> Market:
        return next(market for market in self.engine.markets.values() if market.slug == slug)

    def postpone(self, seconds: float) -> None:
        """Everything happens so much later: the venue was away."""
        later = round(seconds * 1000)
        self.start_ms += later
        self._due = [(due + later, number, happen) for due, number, happen in self._due]

    def _perform(self, act: Act, now: int) -> None:
        match act:
            case Drift():
                self.drift(act.slug, act.price)
            case ListMarket():
                self._list_market(act.slug, now)
            case Resolve():
                self.engine.resolve(self.market(act.slug), act.outcome, now)


def _best(book: Book, side: Side) -> Order | None:
    """The resting order that a taker of YES on this side meets first."""
    if side is Side.BUY:
        return next(iter(book.asks[book.ask_prices[0]].orders.values())) if book.asks else None
    return next(iter(book.bids[book.bid_prices[-1]].orders.values())) if book.bids else None
