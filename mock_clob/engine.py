"""The matching engine. Everything that changes a book lives here.

Sans-IO: orders and time go in, replies and events come out; no HTTP, socket, chain or clock.
One book per condition: an order for NO at q is the mirror of one for YES at 1 - q, so a level
holds orders of both outcomes. Price-time priority; fills are at the resting order's price.

A taker and a resting order meet in one of three ways:
complementary (BUY meets SELL of the same token), mint (two BUYs of opposite tokens, a new pair is
made), merge (two SELLs of opposite tokens, a pair is paid out).
"""

from __future__ import annotations

import random
from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from mock_clob.ledger import COLLATERAL, Ledger, Movement
from mock_clob.model import (
    UNIT,
    Event,
    LevelChange,
    LevelsChanged,
    MakerFill,
    Market,
    Order,
    OrderChanged,
    OrderType,
    Side,
    TickChanged,
    Trade,
    TradeChanged,
    Traded,
    TradeStatus,
)
from mock_clob.rules import MIN_MARKETABLE_BUY, Rejected


@dataclass
class Book:
    """Resting orders of one condition, at YES prices. A level's dict keeps arrival order."""

    bids: dict[int, dict[str, Order]] = field(default_factory=dict)
    asks: dict[int, dict[str, Order]] = field(default_factory=dict)
    bid_prices: list[int] = field(default_factory=list)  # ascending: best is last
    ask_prices: list[int] = field(default_factory=list)  # ascending: best is first
    last_price: int = UNIT // 2  # of YES
    last_side: Side = Side.BUY  # the taker's, of YES

    def add(self, order: Order) -> None:
        levels, prices = self._side(is_bid(order))
        price = yes_price(order)
        if price not in levels:
            levels[price] = {}
            insort(prices, price)
        levels[price][order.id] = order

    def remove(self, order: Order) -> None:
        levels, prices = self._side(is_bid(order))
        price = yes_price(order)
        del levels[price][order.id]
        if not levels[price]:
            del levels[price]
            prices.remove(price)

    def opposite(self, order: Order) -> Iterator[Order]:
        """Resting orders a taker meets, best price first, then oldest."""
        if is_bid(order):
            for price in self.ask_prices:
                yield from self.asks[price].values()
        else:
            for price in reversed(self.bid_prices):
                yield from self.bids[price].values()

    def levels(self, market: Market, token_id: str, side: Side) -> list[tuple[int, int]]:
        """(price, shares) of one token's side, ascending by price."""
        yes = token_id == market.token_ids[0]
        bids = (side is Side.BUY) == yes
        levels, prices = self._side(bids)
        totals = [(price, sum(o.remaining for o in levels[price].values())) for price in prices]
        return totals if yes else [(UNIT - price, size) for price, size in reversed(totals)]

    def total(self, bids: bool, price: int) -> int:
        levels, _ = self._side(bids)
        return sum(order.remaining for order in levels.get(price, {}).values())

    def _side(self, bids: bool) -> tuple[dict[int, dict[str, Order]], list[int]]:
        return (self.bids, self.bid_prices) if bids else (self.asks, self.ask_prices)


def is_bid(order: Order) -> bool:
    """Whether the order stands on the YES bid side."""
    return (order.side is Side.BUY) == (order.token_id == order.market.token_ids[0])


def yes_price(order: Order) -> int:
    return order.price if order.token_id == order.market.token_ids[0] else UNIT - order.price


def gives(order: Order) -> str:
    """The asset the order's maker pays with."""
    return COLLATERAL if order.side is Side.BUY else order.token_id


def held_back(order: Order) -> int:
    """What a resting order reserves of `gives(order)`."""
    if order.side is Side.SELL:
        return order.remaining
    return -(-order.remaining * order.price // UNIT)


def movement(order: Order, shares: int, collateral: int) -> Movement:
    """What a fill moves for this order's maker."""
    if order.side is Side.BUY:
        return Movement(order.maker, COLLATERAL, collateral, order.token_id, shares)
    return Movement(order.maker, order.token_id, shares, COLLATERAL, collateral)


def movements(trade: Trade) -> Iterator[Movement]:
    """What a trade moves, taker and makers."""
    for fill in trade.fills:
        yield movement(trade.taker, fill.shares, fill.taker_collateral)
        yield movement(fill.order, fill.shares, fill.maker_collateral)


class Engine:
    """Markets, books, orders and trades. Methods append to `events`; `drain` hands them over."""

    def __init__(self, ledger: Ledger, seed: int = 0) -> None:
        self.ledger = ledger
        self.markets: dict[str, Market] = {}
        self.by_token: dict[str, Market] = {}
        self.books: dict[str, Book] = {}
        self.orders: dict[str, Order] = {}
        self.open: dict[str, Order] = {}
        self.trades: dict[str, Trade] = {}
        self.events: list[Event] = []
        self._expiries: list[tuple[int, str]] = []
        self._ids = random.Random(seed)
        self._sequence = 0

    def list_market(self, market: Market) -> None:
        self.markets[market.condition_id] = market
        self.books[market.condition_id] = Book()
        for token_id in market.token_ids:
            self.by_token[token_id] = market

    def drain(self) -> list[Event]:
        events, self.events = self.events, []
        return events

    def place(self, order: Order, spender: str) -> Trade | None:
        """Match an order and rest what is left; the trade it made, if any.

        The order's form (signature, tick, decimals) is checked before; here stands what depends
        on the state: duplicates, funds, the book. Raises Rejected and changes nothing.
        """
        if order.id in self.orders:
            raise Rejected("duplicate", order.id)
        book = self.books[order.market.condition_id]
        self._check_funds(order, spender)
        fills = self._walk(book, order)
        if order.post_only and fills:
            raise Rejected("post_only", order.id)
        if order.type is OrderType.FOK and not self._full(order, fills):
            raise Rejected("fok", order.id)
        if order.type is OrderType.FAK and not fills:
            raise Rejected("fak", order.id)
        if fills and order.side is Side.BUY and order.maker_amount < MIN_MARKETABLE_BUY:
            amount = f"{order.maker_amount / UNIT:g}"
            raise Rejected("min_marketable", order.id, amount=amount)

        self._sequence += 1
        order.sequence = self._sequence
        self.orders[order.id] = order
        now = order.created_ms
        trade = self._match(book, order, fills, now) if fills else None
        immediate = order.type in (OrderType.FOK, OrderType.FAK)
        if not immediate and order.remaining:
            book.add(order)
            self.open[order.id] = order
            if order.expires_ms:
                heappush(self._expiries, (order.expires_ms, order.id))
            self.ledger.reserve(order.maker, gives(order), held_back(order))
        else:
            order.status = "MATCHED"
        rests = [order] if order.id in self.open else []
        self._announce_levels(book, order.market, [fill.order for fill in fills] + rests, now)
        self.events.append(OrderChanged(order, "PLACEMENT", now))
        if trade:
            self.events.append(Traded(trade, now))
            for fill in fills:
                self.events.append(OrderChanged(fill.order, "UPDATE", now))
            self.events.append(TradeChanged(trade, TradeStatus.MATCHED, now))
        return trade

    def cancel(self, order_id: str, now: int, reason: str = "") -> bool:
        """Take an open order out; False when it is not open (matched, canceled or unknown)."""
        order = self.open.pop(order_id, None)
        if order is None:
            return False
        book = self.books[order.market.condition_id]
        book.remove(order)
        self.ledger.reserve(order.maker, gives(order), -held_back(order))
        order.status = "CANCELED"
        self._announce_levels(book, order.market, [order], now)
        self.events.append(OrderChanged(order, "CANCELLATION", now, reason))
        return True

    def expire(self, now: int) -> None:
        """Cancel what has passed its time."""
        while self._expiries and self._expiries[0][0] <= now:
            self.cancel(heappop(self._expiries)[1], now, "expired")

    def set_trade_status(
        self, trade: Trade, status: TradeStatus, now: int, transaction_hash: str = ""
    ) -> None:
        """A trade moves on in settlement; balances follow at MINED or FAILED."""
        if status is TradeStatus.MINED:
            for moved in movements(trade):
                self.ledger.settle(moved)
        elif status is TradeStatus.FAILED:
            for moved in movements(trade):
                self.ledger.fail(moved)
        trade.status, trade.updated_ms = status, now
        trade.transaction_hash = transaction_hash or trade.transaction_hash
        self.events.append(TradeChanged(trade, status, now))

    def change_tick(self, market: Market, tick: int, now: int) -> None:
        old, market.tick = market.tick, tick
        self.events.append(TickChanged(market, old, tick, now))

    def _check_funds(self, order: Order, spender: str) -> None:
        asset = gives(order)
        needed = order.maker_amount
        key = (order.maker, asset)
        matched = self.ledger.matched[key]
        if self.ledger.available(order.maker, asset) < needed:
            raise Rejected(
                "balance",
                order.id,
                balance=self.ledger.balance(order.maker, asset),
                active=self.ledger.reserved[key],
                matched=matched,
                amount=needed,
            )
        allowance = self.ledger.allowance(order.maker, spender, asset)
        if allowance < needed + matched:
            raise Rejected(
                "allowance",
                order.id,
                spender=spender,
                allowance=allowance,
                matched=matched,
                amount=needed,
            )

    def _walk(self, book: Book, taker: Order) -> tuple[MakerFill, ...]:
        """The fills a taker would get now. Changes nothing."""
        by_budget = taker.side is Side.BUY and taker.type in (OrderType.FOK, OrderType.FAK)
        budget, wanted = taker.maker_amount, taker.size
        fills = []
        for maker in book.opposite(taker):
            same_token = maker.token_id == taker.token_id
            price = maker.price if same_token else UNIT - maker.price
            if not _acceptable(taker, price):
                break
            shares = min(maker.remaining, budget * UNIT // price if by_budget else wanted)
            if shares == 0:
                break
            exact = shares * price
            # A dollar's fraction below a base unit goes against the taker.
            paid = -(-exact // UNIT) if taker.side is Side.BUY else exact // UNIT
            other = paid if same_token else shares - paid
            fills.append(MakerFill(maker, shares, maker.price, other, paid))
            budget -= paid
            wanted -= shares
            if wanted == 0 and not by_budget:
                break
        return tuple(fills)

    def _full(self, order: Order, fills: tuple[MakerFill, ...]) -> bool:
        if order.side is Side.BUY:
            # The last fill rounds up, so a budget that finds enough shares is spent to the unit.
            return sum(fill.taker_collateral for fill in fills) == order.maker_amount
        return sum(fill.shares for fill in fills) == order.size

    def _match(self, book: Book, taker: Order, fills: tuple[MakerFill, ...], now: int) -> Trade:
        shares = sum(fill.shares for fill in fills)
        collateral = sum(fill.taker_collateral for fill in fills)
        trade = Trade(
            id=_uuid(self._ids),
            taker=taker,
            shares=shares,
            # The average; what the venue shows for several levels is not established.
            price=(collateral * UNIT + shares // 2) // shares,
            fills=fills,
            matched_ms=now,
            updated_ms=now,
        )
        self.trades[trade.id] = trade
        taker.matched, taker.spent = shares, collateral
        taker.trade_ids.append(trade.id)
        for fill in fills:
            maker = fill.order
            before = held_back(maker)
            if maker.remaining == fill.shares:
                book.remove(maker)
                del self.open[maker.id]
                maker.status = "MATCHED"
            maker.matched += fill.shares
            maker.spent += fill.maker_collateral
            maker.trade_ids.append(trade.id)
            self.ledger.reserve(maker.maker, gives(maker), held_back(maker) - before)
        for moved in movements(trade):
            self.ledger.match(moved)
        last = fills[-1]
        own = last.price if last.order.token_id == taker.token_id else UNIT - last.price
        yes = taker.token_id == taker.market.token_ids[0]
        book.last_price = own if yes else UNIT - own
        book.last_side = Side.BUY if is_bid(taker) else Side.SELL
        return trade

    def _announce_levels(self, book: Book, market: Market, orders: list[Order], now: int) -> None:
        yes, no = market.token_ids
        changes = []
        for bids, price in sorted({(is_bid(order), yes_price(order)) for order in orders}):
            size = book.total(bids, price)
            side, mirror = (Side.BUY, Side.SELL) if bids else (Side.SELL, Side.BUY)
            changes.append(LevelChange(yes, side, price, size))
            changes.append(LevelChange(no, mirror, UNIT - price, size))
        if changes:
            self.events.append(LevelsChanged(market, tuple(changes), now))


def _acceptable(taker: Order, price: int) -> bool:
    """Whether `price` of the taker's token is within its signed amounts (exact, no rounding)."""
    if taker.side is Side.BUY:
        return price * taker.taker_amount <= taker.maker_amount * UNIT
    return price * taker.maker_amount >= taker.taker_amount * UNIT


def _uuid(ids: random.Random) -> str:
    raw = f"{ids.getrandbits(128):032x}"
    return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:]}"
