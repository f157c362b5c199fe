"""The matching engine. Everything that changes a book lives here.

Sans-IO: orders and time go in, replies and events come out; no HTTP, socket, chain or clock.
One book per condition (book.py), price-time priority, fills at the resting order's price
(matching.py). A market may hold marketable orders back for a while before they match.
"""

from __future__ import annotations

import random
from heapq import heappop, heappush

from mock_clob.book import Book, is_bid, yes_price
from mock_clob.fees import taker_fee
from mock_clob.ledger import Ledger
from mock_clob.matching import IMMEDIATE, full, walk
from mock_clob.model import (
    UNIT,
    Event,
    LevelChange,
    LevelsChanged,
    MakerFill,
    Market,
    MarketAdded,
    MarketResolved,
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
from mock_clob.transfers import gives, held_back, movements

Fills = tuple[MakerFill, ...]


class Engine:
    """Markets, books, orders and trades. Methods append to `events`; `drain` hands them over.

    fees_to: the wallet that gets the takers' fees. fees_in_shares: a BUY pays its fee in shares.
    """

    def __init__(
        self, ledger: Ledger, seed: int = 0, *, fees_to: str = "", fees_in_shares: bool = False
    ) -> None:
        self.ledger = ledger
        self.fees_to = fees_to
        self.fees_in_shares = fees_in_shares
        self.markets: dict[str, Market] = {}
        self.by_token: dict[str, Market] = {}
        self.books: dict[str, Book] = {}
        self.orders: dict[str, Order] = {}  # every accepted one, closed ones too
        self.open: dict[str, Order] = {}  # those that rest
        self.delayed: dict[str, Order] = {}  # those that wait for their market's taker delay
        self.trades: dict[str, Trade] = {}
        self.events: list[Event] = []
        self._expiries: list[tuple[int, str]] = []
        self._due: list[tuple[int, int, str]] = []  # of `delayed`, in order of arrival
        self._held: dict[str, int] = {}  # what each of `delayed` reserves
        self._ids = random.Random(seed)
        self._sequence = 0

    # Markets

    def list_market(self, market: Market) -> None:
        self.markets[market.condition_id] = market
        self.books[market.condition_id] = Book()
        for token_id in market.token_ids:
            self.by_token[token_id] = market

    def add_market(self, market: Market, now: int) -> None:
        """List a market while the venue is open, and say so."""
        self.list_market(market)
        self.events.append(MarketAdded(market, now))

    def change_tick(self, market: Market, tick: int, now: int) -> None:
        """Orders off the new tick are canceled: what the venue does is not established."""
        old, market.tick = market.tick, tick
        self.events.append(TickChanged(market, old, tick, now))
        for order in self._of_market(market):
            if not _on_tick(order):
                self.cancel(order.id, now, "tick size changed")

    def resolve(self, market: Market, winning_outcome: str, now: int) -> None:
        """Close a market with one of its outcomes. Its orders go; shares are redeemed on the chain.

        Raises ValueError for an outcome that the market does not have, or a second resolution.
        """
        if market.winning_token_id:
            raise ValueError(f"{market.slug} is resolved")
        token_id = market.token_ids[market.outcomes.index(winning_outcome)]
        market.accepting_orders, market.closed = False, True
        market.winning_token_id, market.resolved_ms = token_id, now
        for order in [o for o in self.delayed.values() if o.market is market]:
            self._drop_delayed(order, now, "market resolved", "CANCELED_MARKET_RESOLVED")
        for order in self._of_market(market):
            self.cancel(order.id, now, "market resolved", "CANCELED_MARKET_RESOLVED")
        self.events.append(MarketResolved(market, token_id, winning_outcome, now))

    def drain(self) -> list[Event]:
        events, self.events = self.events, []
        return events

    # Orders

    def place(self, order: Order, spender: str) -> Trade | None:
        """Match an order and rest what is left; the trade it made, if any.

        Its form (signature, tick, decimals) is checked before; here stands what depends on the
        state: duplicates, funds, the book. Raises Rejected and changes nothing; a killed order
        is told to its user. In a market with a taker delay an order that would match waits in
        `delayed` until `release`.
        """
        # Whether the venue also remembers the orders that it killed is not established.
        if order.id in self.orders:
            raise Rejected("duplicate", order.id)
        order.spender = spender
        fills = walk(self.books[order.market.condition_id], order)
        fee = self._fee_beside(order, fills)
        self.check_funds(order, fee)
        if order.post_only and fills:
            raise Rejected("post_only", order.id)
        self._check_immediate(order, fills, order.created_ms)
        if fills and order.side is Side.BUY and order.maker_amount < MIN_MARKETABLE_BUY:
            amount = f"{order.maker_amount / UNIT:g}"
            raise Rejected("min_marketable", order.id, amount=amount)
        self.orders[order.id] = order
        if fills and order.market.taker_delay_ms:
            self._delay(order, fee)
            return None
        return self._enter(order, fills, order.created_ms, "PLACEMENT")

    def release(self, now: int) -> list[Trade]:
        """Let the delayed orders whose time has come meet the book as it is now."""
        trades = []
        while self._due and self._due[0][0] <= now:
            due, _, order_id = heappop(self._due)
            order = self.delayed.get(order_id)
            if order and (trade := self._release(order, due)):
                trades.append(trade)
        return trades

    @property
    def next_release(self) -> int | None:
        """When the next delayed order is due, Unix ms."""
        return self._due[0][0] if self._due else None

    def cancel(self, order_id: str, now: int, reason: str = "", status: str = "CANCELED") -> bool:
        """Take an open order out; False when it is not open (matched, canceled or unknown)."""
        order = self.open.pop(order_id, None)
        if order is None:
            return False
        book = self.books[order.market.condition_id]
        self.ledger.reserve(order.maker, gives(order), -held_back(order))
        book.remove(order)
        order.status, order.canceled_ms = status, now
        self._announce_levels(book, order.market, [order], now)
        self.events.append(OrderChanged(order, "CANCELLATION", now, reason))
        return True

    def expire(self, now: int) -> None:
        """Cancel what has passed its time."""
        while self._expiries and self._expiries[0][0] <= now:
            self.cancel(heappop(self._expiries)[1], now, "expired")

    def cover(self, owner: str, asset: str, now: int) -> None:
        """A wallet may have less than before: cancel its newest orders that it cannot pay for.

        That the venue cancels them is documented, which of them go first is not.
        """
        while self.ledger.available(owner, asset) < 0:
            mine = [o for o in self.open.values() if o.maker == owner and gives(o) == asset]
            if not mine:
                return
            newest = max(mine, key=lambda order: order.sequence)
            self.cancel(newest.id, now, "not enough balance", "CANCELED_NOT_ENOUGH_BALANCE")

    # Settlement

    def set_trade_status(
        self, trade: Trade, status: TradeStatus, now: int, transaction_hash: str = ""
    ) -> None:
        """A trade moves on in settlement; balances follow at MINED or FAILED, once."""
        if status is TradeStatus.MINED and not trade.settled:
            trade.settled = True
            for moved in movements(trade, self.fees_to):
                self.ledger.settle(moved)
        elif status is TradeStatus.FAILED and not trade.settled:
            trade.settled = True
            for moved in movements(trade, self.fees_to):
                self.ledger.fail(moved)
        trade.status, trade.updated_ms = status, now
        trade.transaction_hash = transaction_hash or trade.transaction_hash
        self.events.append(TradeChanged(trade, status, now))

    # Inside

    def _of_market(self, market: Market) -> list[Order]:
        return [order for order in self.open.values() if order.market is market]

    def _fee_beside(self, order: Order, fills: Fills) -> int:
        """The fee that these fills cost on top of what the order gives."""
        if order.side is Side.SELL or self.fees_in_shares:
            return 0
        return taker_fee(order.market, order.token_id, order.side, fills, in_shares=False)

    def check_funds(self, order: Order, fee: int) -> None:
        """Raises Rejected when the order's wallet cannot pay for it and this fee on top."""
        ledger, asset = self.ledger, gives(order)
        needed = order.maker_amount + fee
        key = (order.maker, asset)
        if ledger.available(order.maker, asset) < needed:
            raise Rejected(
                "balance",
                order.id,
                balance=ledger.balance(order.maker, asset),
                held=_held_text(ledger.reserved[key], ledger.matched[key]),
                amount=needed,
            )
        matched = ledger.matched[key]
        allowance = ledger.allowance(order.maker, order.spender, asset)
        if allowance < needed + matched:
            raise Rejected(
                "allowance",
                order.id,
                spender=order.spender,
                allowance=allowance,
                matched=matched,
                amount=needed,
            )

    def _check_immediate(self, order: Order, fills: Fills, now: int) -> None:
        """Raises Rejected for a FOK or FAK order that gets nothing."""
        key = {OrderType.FOK: "fok", OrderType.FAK: "fak"}.get(order.type)
        enough = full(order, fills) if order.type is OrderType.FOK else bool(fills)
        if key and not enough:
            killed = Rejected(key, order.id)
            order.status = f"CANCELED_{killed.text}"
            self.events.append(OrderChanged(order, "CANCELLATION", now, killed.text))
            raise killed

    def _delay(self, order: Order, fee: int) -> None:
        order.status = "DELAYED"
        self._sequence += 1
        due = order.created_ms + order.market.taker_delay_ms
        heappush(self._due, (due, self._sequence, order.id))
        self.delayed[order.id] = order
        self._held[order.id] = order.maker_amount + fee
        self.ledger.reserve(order.maker, gives(order), self._held[order.id])
        self.events.append(OrderChanged(order, "PLACEMENT", order.created_ms))

    def _release(self, order: Order, now: int) -> Trade | None:
        self._free_delayed(order)
        if order.type not in IMMEDIATE and not _on_tick(order):
            order.status = "CANCELED"
            self.events.append(OrderChanged(order, "CANCELLATION", now, "tick size changed"))
            return None
        fills = walk(self.books[order.market.condition_id], order)
        try:
            self._check_immediate(order, fills, now)
        except Rejected:
            return None
        try:
            self.check_funds(order, self._fee_beside(order, fills))
        except Rejected as refused:
            order.status = "CANCELED_NOT_ENOUGH_BALANCE"
            self.events.append(OrderChanged(order, "CANCELLATION", now, refused.text))
            return None
        order.status = "LIVE" if fills else "UNMATCHED"
        return self._enter(order, fills, now, "UPDATE")

    def _drop_delayed(self, order: Order, now: int, reason: str, status: str) -> None:
        self._free_delayed(order)
        order.status = status
        self.events.append(OrderChanged(order, "CANCELLATION", now, reason))

    def _free_delayed(self, order: Order) -> None:
        del self.delayed[order.id]
        self.ledger.reserve(order.maker, gives(order), -self._held.pop(order.id))

    def _enter(self, order: Order, fills: Fills, now: int, kind: str) -> Trade | None:
        """Match the order, rest what is left and tell of both."""
        book = self.books[order.market.condition_id]
        self._sequence += 1
        order.sequence = self._sequence
        trade = self._match(book, order, fills, now) if fills else None
        touched = [fill.order for fill in fills]
        if order.remaining and order.type not in IMMEDIATE:
            book.add(order)
            self.open[order.id] = order
            if order.expires_ms:
                heappush(self._expiries, (order.expires_ms, order.id))
            self.ledger.reserve(order.maker, gives(order), held_back(order))
            touched.append(order)
        else:
            order.status = "MATCHED"
        self._announce_levels(book, order.market, touched, now)
        self.events.append(OrderChanged(order, kind, now))
        if trade:
            self.events.append(Traded(trade, now))
            for fill in fills:
                self.events.append(OrderChanged(fill.order, "UPDATE", now))
            self.events.append(TradeChanged(trade, TradeStatus.MATCHED, now))
        return trade

    def _match(self, book: Book, taker: Order, fills: Fills, now: int) -> Trade:
        shares = sum(fill.shares for fill in fills)
        collateral = sum(fill.taker_collateral for fill in fills)
        in_shares = self.fees_in_shares and taker.side is Side.BUY
        trade = Trade(
            id=_uuid(self._ids),
            taker=taker,
            shares=shares,
            # The average; what the venue shows for several levels is not established.
            price=(collateral * UNIT + shares // 2) // shares,
            fills=fills,
            matched_ms=now,
            updated_ms=now,
            collateral=collateral,
            fee=taker_fee(taker.market, taker.token_id, taker.side, fills, in_shares=in_shares),
            fee_in_shares=in_shares,
        )
        self.trades[trade.id] = trade
        taker.matched, taker.spent = shares, collateral
        taker.trade_ids.append(trade.id)
        for fill in fills:
            maker = fill.order
            before = held_back(maker)
            book.fill(maker, fill.shares)
            if not maker.remaining:
                del self.open[maker.id]
                maker.status = "MATCHED"
            maker.spent += fill.maker_collateral
            maker.trade_ids.append(trade.id)
            self.ledger.reserve(maker.maker, gives(maker), held_back(maker) - before)
        for moved in movements(trade, self.fees_to):
            self.ledger.match(moved)
        last = fills[-1]
        own = last.price if last.order.token_id == taker.token_id else UNIT - last.price
        yes = taker.token_id == taker.market.token_ids[0]
        book.last_price = own if yes else UNIT - own
        book.last_side = Side.BUY if is_bid(taker) else Side.SELL
        return trade

    def _announce_levels(self, book: Book, market: Market, orders: list[Order], now: int) -> None:
        if not orders:
            return
        yes, no = market.token_ids
        changes = []
        for bids, price in sorted({(is_bid(order), yes_price(order)) for order in orders}):
            size = book.total(bids, price)
            side, mirror = (Side.BUY, Side.SELL) if bids else (Side.SELL, Side.BUY)
            changes.append(LevelChange(yes, side, price, size))
            changes.append(LevelChange(no, mirror, UNIT - price, size))
        self.events.append(LevelsChanged(market, tuple(changes), now))


def _on_tick(order: Order) -> bool:
    tick = order.market.tick
    return order.price % tick == 0 and tick <= order.price <= UNIT - tick


def _held_text(active: int, matched: int) -> str:
    """The middle of the balance refusal, in the three forms that bots have recorded."""
    if active:
        held = f"sum of active orders: {active}, sum of matched orders: {matched}, "
    elif matched:
        held = f"sum of matched orders: {matched}, "
    else:
        return "order amount"
    return held + "order amount (inc. fees)"


def _uuid(ids: random.Random) -> str:
    raw = f"{ids.getrandbits(128):032x}"
    return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:]}"
