"""Any course of trading: nothing is made or lost, nothing is crossed, and every view agrees.

A state machine plays orders, cancels, the clock, settlements, withdrawals, tick changes and a
resolution on a whole venue without its chain, and listens on both of its channels.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mock_clob import wire
from mock_clob.accounts import ACCOUNTS
from mock_clob.book import is_bid, yes_price
from mock_clob.channel import Channel
from mock_clob.connection import Connection
from mock_clob.ledger import COLLATERAL
from mock_clob.model import UNIT, Market, Order, OrderType, Side, Trade
from mock_clob.rules import Rejected
from mock_clob.scenario import HOUSE, OPERATOR, listings
from mock_clob.signed_order import exchange_contract
from mock_clob.transfers import gives, held_back
from mock_clob.venue import Options, Venue

USERS = [account.address.lower() for account in ACCOUNTS[:3]]
EVERYBODY = [*USERS, HOUSE.address.lower(), OPERATOR.address.lower()]
TAXED = next(each.market.condition_id for each in listings(137) if each.market.fee_rate)
PLAIN = listings(137)[0].market.condition_id
START = 300 * UNIT

tokens = st.integers(0, 1)
wallets = st.sampled_from(USERS)
cents = st.integers(44, 56)


class Trading(RuleBasedStateMachine):
    exchange = 2

    @initialize(delay=st.sampled_from([0, 2_000]))
    def open(self, delay: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.venue = venue = Venue(Options(exchange=self.exchange, chain=False))
        venue.clock.freeze()
        venue.settlement.mode = "manual"
        self.markets = [venue.engine.markets[each] for each in (PLAIN, TAXED)]
        self.markets[1].taker_delay_ms = delay
        for wallet in USERS:
            venue.ledger.balances[wallet, COLLATERAL] = START
            for market in self.markets:
                for token in market.token_ids:
                    venue.ledger.balances[wallet, token] = START
        self.pairs = [self.held(market.token_ids[0]) for market in self.markets]
        self.wealth = self.held(COLLATERAL) + sum(self.pairs)
        self.count = 0
        self.trades: list[Trade] = []
        self.books: dict[str, dict[str, dict[str, str]]] = {}
        self.orders: dict[str, Any] = {}
        self.statuses: dict[str, set[str]] = {}
        self.streams = [self.watch_market(), *(self.watch_user(wallet) for wallet in USERS)]

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.close()

    def listen(self, channel: Channel) -> Connection:
        """A connection of the hub without a socket: what it is sent stays in its queue."""
        stream = Connection(channel.name, self.loop.create_future())
        self.venue.hub._open[stream] = channel
        return stream

    def watch_market(self) -> Connection:
        stream = self.listen(self.venue.hub.market)
        assets = [token for market in self.markets for token in market.token_ids]
        wanted = json.dumps({"type": "market", "assets_ids": assets})
        self.venue.hub.market.hear(stream, wanted)
        return stream

    def watch_user(self, wallet: str) -> Connection:
        key = self.venue.keys.create(wallet, 0)
        stream = self.listen(self.venue.hub.user)
        self.venue.hub.user.hear(stream, json.dumps({"type": "user", "auth": key.wire()}))
        return stream

    # What happens

    @rule(
        market=tokens,
        token=tokens,
        wallet=wallets,
        price=cents,
        shares=st.integers(2, 150),
        side=st.sampled_from(Side),
        kind=st.sampled_from([*OrderType, OrderType.GTC, OrderType.GTC]),
        post_only=st.booleans(),
    )
    def place(
        self,
        market: int,
        token: int,
        wallet: str,
        price: int,
        shares: int,
        side: Side,
        kind: OrderType,
        post_only: bool,
    ) -> None:
        listed = self.markets[market]
        size, limit = shares * UNIT, price * 10_000
        if listed.closed or limit % listed.tick:
            return
        cost = shares * limit
        self.count += 1
        order = Order(
            id=f"0x{self.count}",
            owner=self.venue.keys.derive(wallet, 0).api_key,
            signer=wallet,
            maker=wallet,
            market=listed,
            token_id=listed.token_ids[token],
            side=side,
            type=kind,
            price=limit,
            size=size,
            maker_amount=cost if side is Side.BUY else size,
            taker_amount=size if side is Side.BUY else cost,
            created_ms=self.venue.clock.now_ms(),
            expires_ms=self.venue.clock.now_ms() + 3_000 if kind is OrderType.GTD else 0,
            post_only=post_only and kind in (OrderType.GTC, OrderType.GTD),
        )
        engine, options = self.venue.engine, self.venue.options
        contract = exchange_contract(self.venue.contracts, options.exchange, listed.neg_risk)
        before = (dict(engine.ledger.reserved), dict(engine.ledger.matched), set(engine.open))
        try:
            trade = engine.place(order, contract)
        except Rejected:
            after = (dict(engine.ledger.reserved), dict(engine.ledger.matched), set(engine.open))
            nothing = [{key: n for key, n in each.items() if n} for each in before[:2]]
            assert [{key: n for key, n in each.items() if n} for each in after[:2]] == nothing
            assert after[2] == before[2]
            self.venue.publish()
            return
        self.venue.matched([trade] if trade else [])

    @rule(
        market=tokens,
        wallet=wallets,
        shares=st.integers(2, 150),
        side=st.sampled_from(Side),
        token=tokens,
    )
    def cross(self, market: int, wallet: str, shares: int, side: Side, token: int) -> None:
        """An order that takes what there is."""
        price = 56 if side is Side.BUY else 44
        self.place(market, token, wallet, price, shares, side, OrderType.GTC, post_only=False)

    @precondition(lambda self: self.venue.engine.open)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(list(self.venue.engine.open)))
        assert self.venue.engine.cancel(order_id, self.venue.clock.now_ms())
        self.venue.publish()

    @rule(seconds=st.sampled_from([1, 2, 3]))
    def wait(self, seconds: int) -> None:
        self.venue.advance(seconds)

    @rule(failures=st.integers(0, 1), retries=st.integers(0, 1))
    def settle(self, failures: int, retries: int) -> None:
        self.venue.settlement.failures = failures
        self.venue.settlement.retries = retries
        self.loop.run_until_complete(self.venue.settlement.settle())

    @rule(market=tokens, tick=st.sampled_from([1_000, 10_000, 10_000, 20_000]))
    def change_tick(self, market: int, tick: int) -> None:
        self.venue.engine.change_tick(self.markets[market], tick, self.venue.clock.now_ms())
        self.venue.publish()

    @rule(wallet=wallets, part=st.integers(1, 4))
    def withdraw(self, wallet: str, part: int) -> None:
        """Collateral leaves a wallet on the chain, as far as no match waits for it."""
        ledger = self.venue.ledger
        key = (wallet, COLLATERAL)
        free = max(0, ledger.balances[key] - ledger.matched[key]) // part
        ledger.balances[key] -= free
        self.wealth -= free
        self.venue.engine.cover(wallet, COLLATERAL, self.venue.clock.now_ms())
        self.venue.publish()

    @precondition(lambda self: not self.markets[1].closed and len(self.venue.engine.trades) > 3)
    @rule(outcome=st.sampled_from(["Yes", "No"]))
    def resolve(self, outcome: str) -> None:
        market = self.markets[1]
        self.venue.engine.resolve(market, outcome, self.venue.clock.now_ms())
        self.venue.publish()
        assert not any(order.market is market for order in self.venue.engine.open.values())
        assert not any(order.market is market for order in self.venue.engine.delayed.values())

    # What always holds

    def held(self, asset: str) -> int:
        return sum(self.venue.ledger.balances[owner, asset] for owner in EVERYBODY)

    @invariant()
    def funds_and_shares_are_conserved(self) -> None:
        pairs = []
        for market in self.markets:
            yes, no = (self.held(token) for token in market.token_ids)
            assert yes == no
            pairs.append(yes)
        assert self.held(COLLATERAL) + sum(pairs) == self.wealth

    @invariant()
    def nobody_promises_more_than_it_holds(self) -> None:
        """What rests and what is matched is paid for. A delayed order is checked again when due."""
        ledger = self.venue.ledger
        promised: dict[tuple[str, str], int] = {}
        for order in self.venue.engine.open.values():
            key = (order.maker, gives(order))
            promised[key] = promised.get(key, 0) + held_back(order)
        for owner in EVERYBODY:
            for asset in (COLLATERAL, *(t for m in self.markets for t in m.token_ids)):
                key = (owner, asset)
                assert ledger.balances[key] - ledger.matched[key] - promised.get(key, 0) >= 0

    @invariant()
    def reservations_are_those_of_the_orders(self) -> None:
        engine = self.venue.engine
        wanted: dict[tuple[str, str], int] = {}
        for order in engine.open.values():
            key = (order.maker, gives(order))
            wanted[key] = wanted.get(key, 0) + held_back(order)
        for order in engine.delayed.values():
            key = (order.maker, gives(order))
            wanted[key] = wanted.get(key, 0) + order.maker_amount
        for key, amount in engine.ledger.reserved.items():
            # A delayed buyer holds back its fee as well.
            assert amount == wanted.get(key, 0) or (engine.delayed and amount > wanted.get(key, 0))

    @invariant()
    def books_at_rest_are_not_crossed_and_add_up(self) -> None:
        for market in self.markets:
            book = self.venue.engine.books[market.condition_id]
            if book.bid_prices and book.ask_prices:
                assert book.bid_prices[-1] < book.ask_prices[0]
            for levels, prices in ((book.bids, book.bid_prices), (book.asks, book.ask_prices)):
                assert sorted(levels) == prices
                for level in levels.values():
                    left = sum(order.remaining for order in level.orders.values())
                    assert level.total == left > 0
                    turns = [order.sequence for order in level.orders.values()]
                    assert turns == sorted(turns)

    @invariant()
    def orders_rest_on_the_tick(self) -> None:
        for order in self.venue.engine.open.values():
            assert order.price % order.market.tick == 0

    @invariant()
    def price_then_time_was_kept(self) -> None:
        known = len(self.trades)
        self.trades = list(self.venue.engine.trades.values())
        for trade in self.trades[known:]:
            sign = 1 if is_bid(trade.taker) else -1
            met = [(sign * yes_price(fill.order), fill.order.sequence) for fill in trade.fills]
            assert met == sorted(met)
            for fill in trade.fills:
                worst = trade.taker.price * fill.shares
                paid = fill.taker_collateral * UNIT
                if trade.taker.side is Side.BUY:
                    assert paid < worst + UNIT
                else:
                    assert paid > worst - UNIT

    @invariant()
    def streams_and_reads_agree(self) -> None:
        for stream in self.streams:
            while stream.queue:
                told = json.loads(stream.queue.popleft()["text"])
                for message in told if isinstance(told, list) else [told]:
                    self.hear(message)
        for market in self.markets:
            for token in market.token_ids:
                self.compare_book(market, token)
        for order_id, order in self.venue.engine.open.items():
            if order.maker in USERS:
                read = wire.open_order(order)
                told = self.orders[order_id]
                for field in ("status", "size_matched", "original_size", "price", "side"):
                    assert told[field] == read[field], (order_id, field)
        for order_id, told in self.orders.items():
            if told["status"] in ("LIVE", "UNMATCHED"):
                assert order_id in self.venue.engine.open
        for trade in self.trades:
            assert trade.status in self.statuses[trade.id]

    def hear(self, message: dict[str, Any]) -> None:
        match message["event_type"]:
            case "book":
                snapshot = {
                    side: {level["price"]: level["size"] for level in message[side]}
                    for side in ("bids", "asks")
                }
                # A later snapshot tells nothing that the changes before it have not.
                assert self.books.setdefault(message["asset_id"], snapshot) == snapshot
            case "price_change":
                for change in message["price_changes"]:
                    side = "bids" if change["side"] == "BUY" else "asks"
                    levels = self.books[change["asset_id"]][side]
                    levels[change["price"]] = change["size"]
                    if change["size"] == "0":
                        del levels[change["price"]]
            case "order":
                self.orders[message["id"]] = message
            case "trade":
                self.statuses.setdefault(message["id"], set()).add(message["status"])

    def compare_book(self, market: Market, token: str) -> None:
        read = wire.book(self.venue.engine, token, 0)
        for side in ("bids", "asks"):
            served = {level["price"]: level["size"] for level in read[side]}
            assert self.books[token][side] == served, (market.slug, side)


class TradingOfExchange1(Trading):
    """A buyer's fee is in shares."""

    exchange = 1


SETTINGS = settings(
    max_examples=50,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestTrading = Trading.TestCase
TestTrading.settings = SETTINGS
TestTradingOfExchange1 = TradingOfExchange1.TestCase
TestTradingOfExchange1.settings = SETTINGS
