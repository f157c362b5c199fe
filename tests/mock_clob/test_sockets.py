"""Both WebSocket channels over real sockets, read by the `websockets` client.

PONG is queued behind the data, so a PONG that comes next proves that nothing else was sent.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import pytest
from polymarket.models.clob.market_events import parse_market_event
from polymarket.models.clob.user_events import (
    KnownUserOrderStatus,
    UserOrderEvent,
    UserOrderPayload,
    parse_user_event,
)
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from mock_clob import wire
from mock_clob.accounts import ACCOUNTS
from mock_clob.connection import Connection
from mock_clob.ledger import COLLATERAL
from mock_clob.market_channel import INVALID_OPERATION, SNAPSHOT_LIMIT
from mock_clob.model import UNIT, Order, OrderType, Side, TradeStatus
from mock_clob.scenario import DOCUMENTED
from mock_clob.server import Server
from mock_clob.signed_order import exchange_contract
from mock_clob.sockets import Hub
from mock_clob.venue import Options, Venue

YES, NO = DOCUMENTED.token_ids
MARKET = DOCUMENTED.condition_id
ALICE, BOB = 0, 1
PATIENCE = 5.0  # seconds until a test gives up; no test waits that long when all is well


class Stream:
    """One connection and what comes out of it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def send(self, frame: Any) -> None:
        self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    def text(self) -> str:
        return str(self.socket.recv(PATIENCE))

    def read(self) -> Any:
        return json.loads(self.text())

    def take(self, count: int) -> list[Any]:
        return [self.read() for _ in range(count)]

    def is_silent(self) -> bool:
        self.send("PING")
        return self.text() == "PONG"

    def closed(self) -> tuple[int, str]:
        """How the server ended it; 1006 is an end without a close frame."""
        try:
            while True:
                self.text()
        except ConnectionClosed as error:
            return (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")


def address(who: int) -> str:
    return ACCOUNTS[who].address.lower()


class Place:
    """The venue's floor from the inside: orders go into the engine, streams hear of them."""

    def __init__(self, server: Server) -> None:
        self.call = server.call
        self.server = server
        self.venue = server.venue
        self.streams = ExitStack()
        self._salt = itertools.count()
        self.reset()
        self.keys = [
            self.call(partial(self.venue.keys.create, address(who), 0)) for who in (ALICE, BOB)
        ]

    def reset(self) -> None:
        def reset() -> None:
            self.venue.reset(Options(chain=False))
            self.venue.settlement.mode = "manual"

        self.call(reset)

    @property
    def hub(self) -> Hub:
        return self.venue.hub

    def open(self, channel: str) -> Stream:
        url = f"{self.server.ws_url}/ws/{channel}"
        opened = connect(url, ping_interval=None, proxy=None, close_timeout=1)
        return Stream(self.streams.enter_context(opened))  # type: ignore[arg-type]

    def market(self, *assets: str, silently: bool = False, **more: Any) -> Stream:
        stream = self.open("market")
        stream.send({"type": "market", "assets_ids": list(assets or (YES,)), **more})
        if not silently:
            stream.take(len(assets or (YES,)))
        return stream

    def user(self, who: int, *markets: str, **more: Any) -> Stream:
        """The user channel of an account. A PONG proves that the subscription was taken."""
        stream = self.open("user")
        frame: dict[str, Any] = {"type": "user", "auth": self.keys[who].wire(), **more}
        if markets:
            frame["markets"] = list(markets)
        stream.send(frame)
        assert stream.is_silent()
        return stream

    def order(
        self,
        side: Side = Side.BUY,
        cents: int = 40,
        shares: int = 10,
        *,
        who: int = ALICE,
        token: str = YES,
        kind: OrderType = OrderType.GTC,
        seconds: float = 0,
    ) -> Order:
        """An order, matched or resting. `seconds`: it expires then; 0 for never."""
        price, size = cents * 10_000, shares * UNIT
        cost = price * shares
        wallet = address(who)

        def place() -> Order:
            engine, now = self.venue.engine, self.venue.clock.now_ms()
            market = engine.by_token[token]
            order = Order(
                id=f"0x{next(self._salt):064x}",
                owner=self.keys[who].api_key,
                signer=wallet,
                maker=wallet,
                market=market,
                token_id=token,
                side=side,
                type=kind,
                price=price,
                size=size,
                maker_amount=cost if side is Side.BUY else size,
                taker_amount=size if side is Side.BUY else cost,
                created_ms=now,
                expires_ms=now + round(seconds * 1000) if seconds else 0,
            )
            contract = exchange_contract(self.venue.contracts, 2, market.neg_risk)
            trade = engine.place(order, contract)
            self.venue.matched([trade] if trade else [])
            return order

        return self.call(place)

    def book(self, token: str) -> Any:
        """What GET /book would answer now."""
        return self.call(lambda: wire.book(self.venue.engine, token, self.venue.clock.now_ms()))

    def cancel(self, order: Order) -> None:
        def cancel() -> None:
            self.venue.engine.cancel(order.id, self.venue.clock.now_ms())
            self.venue.publish()

        self.call(cancel)

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.call(condition):
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.002)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(Venue(Options(chain=False))) as server:
        yield server


@pytest.fixture
def place(server: Server) -> Iterator[Place]:
    place = Place(server)
    with place.streams:
        yield place


# Market channel: subscribing


def test_subscription_is_answered_with_a_book_of_each_asset(place: Place) -> None:
    stream = place.market(YES, NO, silently=True)
    yes, no = stream.take(2)
    assert (yes["event_type"], yes["asset_id"], no["asset_id"]) == ("book", YES, NO)
    assert yes["market"] == MARKET
    assert [level["price"] for level in yes["bids"]] == ["0.45", "0.47", "0.48"]
    assert [level["price"] for level in yes["asks"]] == ["0.55", "0.53", "0.52"]
    assert yes["bids"][-1] == {"price": "0.48", "size": "100"}
    assert no["bids"][-1] == {"price": "0.48", "size": "100"}
    assert (yes["tick_size"], yes["last_trade_price"]) == ("0.01", "0.5")
    assert yes["timestamp"].isdigit()
    assert len(yes["timestamp"]) == 13
    assert stream.is_silent()


def test_first_books_may_come_as_one_array(place: Place) -> None:
    place.call(place.hub.array_snapshots)
    stream = place.market(YES, NO, silently=True)
    books = stream.read()
    assert [book["asset_id"] for book in books] == [YES, NO]
    assert stream.is_silent()


def test_initial_dump_can_be_declined(place: Place) -> None:
    assert place.market(silently=True, initial_dump=False).is_silent()


def test_too_many_assets_get_no_first_books(place: Place) -> None:
    others = [str(n) for n in range(SNAPSHOT_LIMIT)]
    assert place.market(YES, *others, silently=True).is_silent()


def test_asset_that_does_not_exist_gets_no_book_and_is_noted(place: Place) -> None:
    assert place.market("12345", silently=True).is_silent()
    assert place.call(lambda: place.hub.unknown_ids) == {"12345"}


def test_empty_list_of_assets_is_a_subscription(place: Place) -> None:
    stream = place.open("market")
    stream.send({"type": "market", "assets_ids": []})
    assert stream.is_silent()


@pytest.mark.parametrize(
    "frame",
    [
        "PING",
        "",
        "{",
        "[1]",
        b"{}",
        "[" * 100_000,
        {"assets_ids": [YES]},
        {"type": "user", "assets_ids": [YES]},
        {"type": ["market"], "assets_ids": [YES]},
        {"type": "market"},
        {"type": "market", "assets_ids": YES},
        {"type": "market", "assets_ids": [1]},
        {"operation": "subscribe", "assets_ids": [YES]},
    ],
    ids=lambda frame: str(frame)[:40],
)
def test_first_frame_that_is_no_subscription_closes_with_1008(place: Place, frame: Any) -> None:
    stream = place.open("market")
    stream.send(frame)
    assert stream.closed() == (1008, "invalid subscription payload")


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "ping",
        b"PING",
        {"type": "market", "assets_ids": [NO]},
        {"operation": "replace", "assets_ids": [NO]},
        {"operation": "subscribe", "markets": [MARKET]},
        {"operation": "subscribe", "assets_ids": [YES]},
    ],
    ids=str,
)
def test_later_frame_that_makes_no_sense_is_answered_and_changes_nothing(
    place: Place, frame: Any
) -> None:
    stream = place.market(YES)
    stream.send(frame)
    assert stream.text() == INVALID_OPERATION
    place.order()
    assert stream.read()["event_type"] == "price_change"


def test_frame_without_end_closes_with_1009(place: Place) -> None:
    stream = place.open("market")
    stream.send("x" * 1_000_001)
    assert stream.closed() == (1009, "message too big")


def test_assets_can_be_added_and_taken_back(place: Place) -> None:
    fine = place.call(
        lambda: next(m for m in place.venue.engine.markets.values() if m.tick < 9_999)
    )
    stream = place.market(YES)
    stream.send({"operation": "subscribe", "assets_ids": [fine.token_ids[0]]})
    assert stream.read()["asset_id"] == fine.token_ids[0]
    stream.send({"operation": "unsubscribe", "assets_ids": [YES, "never subscribed"]})
    assert stream.is_silent()
    place.order()
    assert stream.is_silent()
    place.order(cents=20, token=fine.token_ids[0])
    assert stream.read()["market"] == fine.condition_id


def test_repeated_asset_changes_the_flag_and_nothing_else(place: Place) -> None:
    stream = place.market(YES)
    stream.send({"operation": "subscribe", "assets_ids": [YES], "custom_feature_enabled": True})
    assert stream.text() == INVALID_OPERATION
    place.order(cents=49)
    assert [e["event_type"] for e in stream.take(2)] == ["price_change", "best_bid_ask"]


# Market channel: events


def test_resting_order_changes_a_level_of_both_tokens(place: Place) -> None:
    place.call(place.venue.clock.freeze)
    stream = place.market(YES)
    place.order(Side.BUY, 49, 10)
    event = stream.read()
    assert (event["event_type"], event["market"]) == ("price_change", MARKET)
    assert event["price_changes"] == [
        {
            "asset_id": YES,
            "price": "0.49",
            "size": "10",
            "side": "BUY",
            "hash": place.book(YES)["hash"],
            "best_bid": "0.49",
            "best_ask": "0.52",
        },
        {
            "asset_id": NO,
            "price": "0.51",
            "size": "10",
            "side": "SELL",
            "hash": place.book(NO)["hash"],
            "best_bid": "0.48",
            "best_ask": "0.51",
        },
    ]


def test_level_that_is_gone_has_size_0(place: Place) -> None:
    stream = place.market(YES)
    order = place.order(Side.BUY, 41)
    place.cancel(order)
    sizes = [event["price_changes"][0]["size"] for event in stream.take(2)]
    assert sizes == ["10", "0"]


def test_side_without_levels_has_the_end_of_the_range_as_its_best(place: Place) -> None:
    stream = place.market(YES)
    order = place.order(Side.BUY, 41)
    stream.read()

    def empty() -> None:
        engine = place.venue.engine
        for resting in [o for o in engine.open.values() if o.market.condition_id == MARKET]:
            engine.cancel(resting.id, place.venue.clock.now_ms())
        place.venue.publish()

    place.call(empty)
    change = stream.read()["price_changes"][0]
    assert order.status == "CANCELED"
    assert (change["best_bid"], change["best_ask"]) == ("0", "1")


def test_trade_tells_the_levels_the_price_and_the_new_books(place: Place) -> None:
    stream = place.market(YES, NO)
    place.order(Side.BUY, 53, 150)
    levels, last, yes, no = stream.take(4)
    assert [(c["price"], c["size"]) for c in levels["price_changes"] if c["asset_id"] == YES] == [
        ("0.52", "0"),
        ("0.53", "150"),
    ]
    assert last | {"timestamp": ""} == {
        "event_type": "last_trade_price",
        "market": MARKET,
        "asset_id": YES,
        "price": "0.53",
        "size": "150",
        "side": "BUY",
        "fee_rate_bps": "0",
        "timestamp": "",
    }
    assert (yes["event_type"], yes["asset_id"], no["asset_id"]) == ("book", YES, NO)
    assert yes["asks"][-1] == {"price": "0.53", "size": "150"}
    assert yes["last_trade_price"] == "0.53"
    assert stream.is_silent()


def test_trade_against_the_other_outcome_is_told_at_the_takers_price(place: Place) -> None:
    stream = place.market(NO)
    place.order(Side.BUY, 52, 10, token=NO, kind=OrderType.FOK)  # meets BUY YES at 0.48
    levels, last, book = stream.take(3)
    assert levels["event_type"] == "price_change"
    assert (last["asset_id"], last["price"], last["side"]) == (NO, "0.52", "BUY")
    assert (book["asset_id"], book["last_trade_price"]) == (NO, "0.52")


def test_tick_change_is_told_for_each_asset(place: Place) -> None:
    stream = place.market(YES)

    def change() -> None:
        market = place.venue.engine.by_token[YES]
        place.venue.engine.change_tick(market, 1_000, place.venue.clock.now_ms())
        place.venue.publish()

    place.call(change)
    event = stream.read()
    assert (event["event_type"], event["asset_id"]) == ("tick_size_change", YES)
    assert (event["old_tick_size"], event["new_tick_size"]) == ("0.01", "0.001")
    assert stream.is_silent()


def test_best_bid_ask_comes_only_with_the_custom_feature_and_a_new_best(place: Place) -> None:
    plain, custom = place.market(YES), place.market(YES, custom_feature_enabled=True)
    place.order(Side.BUY, 40)
    place.order(Side.BUY, 49)
    assert [e["event_type"] for e in plain.take(2)] == ["price_change"] * 2
    assert plain.is_silent()
    *_, best = custom.take(3)
    assert best | {"timestamp": ""} == {
        "event_type": "best_bid_ask",
        "market": MARKET,
        "asset_id": YES,
        "best_bid": "0.49",
        "best_ask": "0.52",
        "spread": "0.03",
        "timestamp": "",
    }
    assert custom.is_silent()


def test_what_one_request_did_comes_as_one_consistent_change(place: Place) -> None:
    """Several orders, one publish: the best prices in the message are those of its levels."""
    stream = place.market(YES)
    orders = [place.order(Side.BUY, cents) for cents in (41, 42, 43)]
    stream.take(3)

    def cancel_all() -> None:
        for order in orders:
            place.venue.engine.cancel(order.id, place.venue.clock.now_ms())
        place.venue.publish()

    place.call(cancel_all)
    changes = [c for c in stream.read()["price_changes"] if c["asset_id"] == YES]
    assert [(c["price"], c["size"]) for c in changes] == [
        ("0.41", "0"),
        ("0.42", "0"),
        ("0.43", "0"),
    ]
    assert {c["best_bid"] for c in changes} == {"0.48"}
    assert stream.is_silent()


class LocalBook:
    """What a client makes of the stream: a book per asset."""

    def __init__(self) -> None:
        self.sides: dict[tuple[str, str], dict[str, str]] = {}
        self.hashes: dict[str, str] = {}

    def apply(self, event: dict[str, Any]) -> None:
        if event["event_type"] == "book":
            for side, name in (("BUY", "bids"), ("SELL", "asks")):
                levels = {level["price"]: level["size"] for level in event[name]}
                self.sides[event["asset_id"], side] = levels
            self.hashes[event["asset_id"]] = event["hash"]
        for change in event.get("price_changes", ()):
            levels = self.sides[change["asset_id"], change["side"]]
            levels[change["price"]] = change["size"]
            if change["size"] == "0":
                del levels[change["price"]]
            bids = self.sides[change["asset_id"], "BUY"]
            asks = self.sides[change["asset_id"], "SELL"]
            self.hashes[change["asset_id"]] = change["hash"]
            if change is event["price_changes"][-1]:
                assert change["best_bid"] == max(bids, key=float, default="0")
                assert change["best_ask"] == min(asks, key=float, default="1")


@pytest.mark.parametrize("seed", range(3))
def test_book_built_from_the_stream_is_the_venues(place: Place, seed: int) -> None:
    place.call(place.venue.clock.freeze)
    rng = random.Random(seed)
    stream = place.market(YES, NO, silently=True)
    local = LocalBook()
    for snapshot in stream.take(2):
        local.apply(snapshot)
    orders: list[Order] = []
    for _ in range(60):
        if orders and rng.random() < 0.3:
            place.cancel(orders.pop(rng.randrange(len(orders))))
        else:
            side, token = rng.choice(list(Side)), rng.choice((YES, NO))
            who = ALICE if side is Side.SELL else rng.choice((ALICE, BOB))
            if side is Side.SELL and len(orders) > 3:
                continue
            orders.append(
                place.order(side, rng.randint(40, 60), rng.randint(5, 20), who=who, token=token)
            )
    stream.send("PING")
    while (text := stream.text()) != "PONG":
        local.apply(json.loads(text))
    for token in (YES, NO):
        book = place.book(token)
        for kind, name in (("BUY", "bids"), ("SELL", "asks")):
            levels = {level["price"]: level["size"] for level in book[name]}
            assert local.sides[token, kind] == levels
        assert local.hashes[token] == book["hash"]


def test_official_client_reads_every_market_event(place: Place) -> None:
    stream = place.market(YES, custom_feature_enabled=True)
    place.order(Side.BUY, 52, 150)
    kinds = [parse_market_event(event).type for event in stream.take(4)]
    assert kinds == ["price_change", "best_bid_ask", "last_trade_price", "book"]


# User channel


def test_owner_hears_of_placement_and_cancellation(place: Place) -> None:
    stream = place.user(ALICE)
    order = place.order(Side.BUY, 40, 10)
    place.cancel(order)
    placed, canceled = stream.take(2)
    assert (placed["event_type"], placed["type"], placed["status"]) == (
        "order",
        "PLACEMENT",
        "LIVE",
    )
    assert (placed["id"], placed["owner"]) == (order.id, place.keys[ALICE].api_key)
    assert (placed["original_size"], placed["size_matched"], placed["price"]) == ("10", "0", "0.4")
    assert (canceled["type"], canceled["status"]) == ("CANCELLATION", "CANCELED")


def test_others_hear_nothing(place: Place) -> None:
    stream = place.user(BOB)
    place.order(Side.BUY, 40, 10, who=ALICE)
    assert stream.is_silent()


def test_taker_and_maker_each_hear_of_the_trade(place: Place) -> None:
    maker, taker = place.user(ALICE), place.user(BOB)
    resting = place.order(Side.BUY, 49, 10, who=ALICE)
    hitting = place.order(Side.BUY, 51, 10, who=BOB, token=NO, kind=OrderType.FOK)
    _, update, made = maker.take(3)
    assert (update["type"], update["id"], update["size_matched"]) == ("UPDATE", resting.id, "10")
    placed, took = taker.take(2)
    assert (placed["type"], placed["status"]) == ("PLACEMENT", "MATCHED")
    for event in (made, took):
        assert (event["event_type"], event["type"], event["status"]) == (
            "trade",
            "TRADE",
            "MATCHED",
        )
        assert event["taker_order_id"] == hitting.id
        assert event["maker_orders"][0]["order_id"] == resting.id
    assert (made["trader_side"], took["trader_side"]) == ("MAKER", "TAKER")
    assert maker.is_silent()
    assert taker.is_silent()


def test_trade_with_oneself_is_told_once(place: Place) -> None:
    stream = place.user(ALICE)
    place.order(Side.BUY, 49, 10, who=ALICE)
    place.order(Side.SELL, 49, 10, who=ALICE)
    kinds = [event["event_type"] for event in stream.take(4)]
    assert kinds == ["order", "order", "order", "trade"]
    assert stream.is_silent()


def test_trade_moves_on_through_settlement(place: Place) -> None:
    stream = place.user(ALICE)
    place.order(Side.BUY, 52, 10, who=ALICE, kind=OrderType.FOK)
    stream.take(2)

    def settle() -> None:
        (trade,) = place.venue.engine.trades.values()
        for status in (TradeStatus.MINED, TradeStatus.CONFIRMED):
            place.venue.engine.set_trade_status(trade, status, place.venue.clock.now_ms(), "0xabc")
            place.venue.publish()

    place.call(settle)
    mined, confirmed = stream.take(2)
    assert (mined["status"], mined["transaction_hash"]) == ("MINED", "0xabc")
    assert confirmed["status"] == "CONFIRMED"


def settle(place: Place, **options: int) -> None:
    """Settle what is matched; `retries` and `failures` are settlement's."""

    def begin() -> None:
        settlement = place.venue.settlement
        for name, value in options.items():
            setattr(settlement, name, value)
        settlement.mode = "auto"
        tasks.append(asyncio.get_running_loop().create_task(settlement.settle()))

    tasks: list[asyncio.Task[None]] = []

    place.call(begin)


@pytest.mark.parametrize(
    ("options", "way"),
    [
        ({}, ["MINED", "CONFIRMED"]),
        ({"retries": 1}, ["RETRYING", "MINED", "CONFIRMED"]),
        ({"failures": 1}, ["FAILED"]),
    ],
    ids=["settled", "retried", "failed"],
)
def test_trade_is_told_to_both_sides_at_every_status(
    place: Place, options: dict[str, int], way: list[str]
) -> None:
    maker, taker = place.user(ALICE), place.user(BOB)
    place.order(Side.BUY, 49, 10, who=ALICE)
    place.order(Side.BUY, 51, 10, who=BOB, token=NO, kind=OrderType.FOK)
    maker.take(3)
    taker.take(2)
    settle(place, **options)
    for stream in (maker, taker):
        told = [parse_user_event(stream.read()) for _ in way]
        assert [event.payload.status for event in told] == way
        hashes = [getattr(event.payload, "transaction_hash", None) for event in told]
        assert bool(hashes[-1]) is (way[-1] == "CONFIRMED")
        assert stream.is_silent()


def user_order(stream: Stream) -> UserOrderPayload:
    event = parse_user_event(stream.read())
    assert isinstance(event, UserOrderEvent)
    return event.payload


def canceled(place: Place, happen: Callable[[], object]) -> Any:
    """The status that the next cancellation is told with."""
    stream = place.user(ALICE)
    place.call(happen)
    place.call(place.venue.publish)
    while (event := user_order(stream)).order_event_type != "CANCELLATION":
        pass
    return event.status


def test_expired_order_says_so(place: Place) -> None:
    place.order(seconds=5)
    status = canceled(place, lambda: place.venue.advance(5))
    assert status == KnownUserOrderStatus.CANCELED_EXPIRED_ORDER


def test_order_in_a_resolved_market_says_so(place: Place) -> None:
    order = place.order()

    def resolve() -> None:
        place.venue.engine.resolve(order.market, "No", place.venue.clock.now_ms())

    assert canceled(place, resolve) == KnownUserOrderStatus.CANCELED_MARKET_RESOLVED


def test_order_that_is_not_covered_any_more_says_so(place: Place) -> None:
    place.order(cents=40, shares=10)

    def spend() -> None:
        venue = place.venue
        venue.ledger.balances[address(ALICE), COLLATERAL] = 0
        venue.engine.cover(address(ALICE), COLLATERAL, venue.clock.now_ms())

    assert canceled(place, spend) == KnownUserOrderStatus.CANCELED_NOT_ENOUGH_BALANCE


def test_order_off_a_new_tick_is_canceled_without_a_reason(place: Place) -> None:
    order = place.order(cents=41)

    def coarsen() -> None:
        place.venue.engine.change_tick(order.market, 100_000, place.venue.clock.now_ms())

    assert canceled(place, coarsen) == KnownUserOrderStatus.CANCELED


@pytest.fixture
def slow_market(place: Place) -> Iterator[str]:
    """A token whose market holds takers back for two seconds."""
    place.call(place.venue.clock.freeze)
    market = place.call(lambda: place.venue.engine.by_token[YES])
    market.taker_delay_ms = 2_000
    yield YES
    market.taker_delay_ms = 0


def take_quotes(place: Place) -> None:
    """Nothing is offered any more."""

    def take() -> None:
        engine = place.venue.engine
        for order in [o for o in engine.open.values() if o.owner == "house"]:
            engine.cancel(order.id, place.venue.clock.now_ms())

    place.call(take)


def test_delayed_order_that_finds_nothing_any_more_is_killed_with_the_reason(
    place: Place, slow_market: str
) -> None:
    stream = place.user(ALICE)
    place.order(Side.BUY, 52, 10, kind=OrderType.FAK)
    assert (placed := stream.read())["type"] == "PLACEMENT"
    assert placed["status"] == KnownUserOrderStatus.DELAYED
    take_quotes(place)
    place.call(lambda: place.venue.advance(2))
    killed = stream.read()  # the official client cannot parse its empty size_matched
    assert killed["type"] == "CANCELLATION"
    assert killed["status"].startswith("CANCELED_no orders found to match with FAK order")


def test_delayed_order_that_comes_to_rest_is_unmatched(place: Place, slow_market: str) -> None:
    stream = place.user(ALICE)
    place.order(Side.BUY, 52, 10)
    stream.read()
    take_quotes(place)
    place.call(lambda: place.venue.advance(2))
    rested = user_order(stream)
    assert (rested.order_event_type, rested.status) == ("UPDATE", KnownUserOrderStatus.UNMATCHED)


def test_markets_filter_what_is_heard(place: Place) -> None:
    stream = place.user(ALICE, "0x" + "00" * 32)
    place.order()
    assert stream.is_silent()
    stream.send({"operation": "subscribe", "markets": [MARKET.upper().replace("0X", "0x")]})
    assert stream.is_silent()
    place.order()
    assert stream.read()["market"] == MARKET
    stream.send({"operation": "unsubscribe", "markets": [MARKET]})
    assert stream.is_silent()
    place.order()
    assert stream.is_silent()


def test_user_who_unsubscribes_from_every_market_hears_of_all(place: Place) -> None:
    stream = place.user(ALICE, MARKET)
    stream.send({"operation": "unsubscribe", "markets": [MARKET]})
    assert stream.is_silent()
    place.order()
    assert stream.read()["event_type"] == "order"


@pytest.mark.parametrize("spoiled", ["apiKey", "secret", "passphrase", "all"])
def test_bad_credentials_end_the_connection_without_a_close_frame(
    place: Place, spoiled: str
) -> None:
    auth: Any = place.keys[ALICE].wire()
    auth = None if spoiled == "all" else auth | {spoiled: "wrong"}
    stream = place.open("user")
    stream.send({"type": "user", "auth": auth})
    assert stream.closed() == (1006, "")


@pytest.mark.parametrize("frame", ["PING", {"type": "market", "assets_ids": []}], ids=str)
def test_user_channel_wants_its_own_subscription_first(place: Place, frame: Any) -> None:
    stream = place.open("user")
    stream.send(frame)
    assert stream.closed() == (1008, "invalid subscription payload")


def test_malformed_markets_close_with_1008(place: Place) -> None:
    stream = place.open("user")
    stream.send({"type": "user", "auth": place.keys[ALICE].wire(), "markets": MARKET})
    assert stream.closed() == (1008, "invalid subscription payload")


def test_official_client_reads_every_user_event(place: Place) -> None:
    stream = place.user(ALICE)
    place.order(Side.BUY, 52, 10, who=ALICE, kind=OrderType.FOK)
    order, trade = (parse_user_event(event) for event in stream.take(2))
    assert (order.type, trade.type) == ("order", "trade")


# Connections


def test_unknown_path_is_refused(place: Place) -> None:
    with pytest.raises(InvalidStatus):
        place.open("sports")


def test_connections_and_messages_are_counted(place: Place) -> None:
    first = place.market(YES)
    place.market(YES)
    first.socket.close()
    place.until(lambda: place.hub.open == 1)
    counters = place.call(lambda: place.hub.counters)
    assert (counters.accepted, counters.sent) == (2, 2)


def test_connection_that_left_is_forgotten(place: Place) -> None:
    place.market(YES).socket.close()
    place.user(ALICE).socket.close()
    place.until(lambda: place.hub.open == 0)
    assert place.call(lambda: place.hub.market.watched) == []
    assert place.call(lambda: place.hub.user.subscriptions) == {}
    place.order()


def test_too_many_connections_are_refused(place: Place) -> None:
    place.call(lambda: setattr(place.hub, "max_connections", 1))
    try:
        place.market()
        with pytest.raises(InvalidStatus) as refused:
            place.open("market")
        assert refused.value.response.status_code == 503
    finally:
        place.call(lambda: setattr(place.hub, "max_connections", 1_000))


def test_too_many_assets_close_with_1008(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_clob.market_channel.MAX_SUBSCRIPTIONS", 1)
    stream = place.market(YES)
    stream.send({"operation": "subscribe", "assets_ids": [NO]})
    assert stream.closed() == (1008, "too many assets")


def test_too_many_markets_close_with_1008(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_clob.user_channel.MAX_MARKETS", 1)
    stream = place.user(ALICE, MARKET)
    stream.send({"operation": "subscribe", "markets": ["0x1"]})
    assert stream.closed() == (1008, "too many markets")


def test_reset_of_the_venue_closes_connections_as_a_restart_does(place: Place) -> None:
    stream = place.market()
    place.call(place.hub.skip)
    place.reset()
    assert stream.closed() == (1012, "service restart")
    assert place.call(lambda: place.hub.counters.accepted) == 0


def test_slow_consumer_is_let_go(place: Place) -> None:
    stream = place.market(YES)
    (connection,) = place.call(lambda: place.hub.connections)
    flood = {"type": "websocket.send", "text": "x" * 1_000}

    def fall_behind() -> None:
        for _ in range(place.hub.queue_limit + 1):
            place.hub.push(connection, flood)

    place.call(fall_behind)
    assert place.call(lambda: (place.hub.open, place.hub.counters.slow)) == (0, 1)
    assert stream.closed() == (1013, "too far behind")


def test_consumer_that_does_not_read_at_all_is_cut(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mock_clob.sockets.CLOSE_SECONDS", 0.05)
    frame = json.dumps({"type": "market", "assets_ids": [YES], "initial_dump": False}).encode()
    with socket.create_connection(("127.0.0.1", place.server.port)) as deaf:
        deaf.sendall(
            b"GET /ws/market HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert deaf.recv(1_000).startswith(b"HTTP/1.1 101")  # the last that it hears
        length = len(frame).to_bytes(2, "big")
        deaf.sendall(b"\x81\xfe" + length + bytes(4) + frame)  # text, under a mask of zeros
        place.until(lambda: bool(place.hub.market.subscriptions))
        (connection,) = place.call(lambda: place.hub.connections)
        flood = {"type": "websocket.send", "text": "x" * 100_000}

        def fall_behind() -> bool:
            for _ in range(1_000):
                place.hub.push(connection, flood)
            return place.hub.counters.slow == 1

        def served() -> bool:
            names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
            return any("run_asgi" in name for name in names)

        assert place.call(served)
        place.until(fall_behind)
        place.until(lambda: not served())
        read = 0
        with suppress(ConnectionResetError):
            while chunk := deaf.recv(1_000_000):
                read += len(chunk)
        # What the server had not passed on to the network is gone with the connection.
        assert read < place.call(lambda: place.hub.counters.sent) * 100_000


def test_reconnected_client_gets_a_fresh_book_and_nothing_of_what_it_missed(
    place: Place,
) -> None:
    stream = place.market(YES)
    place.call(place.hub.drop)
    assert stream.closed() == (1006, "")
    place.order(Side.BUY, 49)
    back = place.market(YES, silently=True)
    assert back.read()["bids"][-1] == {"price": "0.49", "size": "10"}
    assert back.is_silent()


def served_by_hand(*frames: Any) -> list[Any]:
    """What the market and user channels say to frames that are all there at once."""
    said: list[Any] = []
    heard = [{"type": "websocket.connect"}]
    heard += [{"type": "websocket.receive", "text": json.dumps(frame)} for frame in frames]

    async def receive() -> Any:
        return heard.pop(0) if heard else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        said.append(message["type"])

    async def scenario() -> None:
        async with asyncio.timeout(PATIENCE):
            hub = Venue(Options(chain=False)).hub
            channel = hub.user if frames[0].get("type") == "user" else hub.market
            await channel.serve(WebSocket({"type": "websocket"}, receive, send))

    asyncio.run(scenario())
    return said


def test_server_without_a_transport_to_cut_is_left_to_end_the_connection() -> None:
    assert served_by_hand({"type": "user"}) == ["websocket.accept"]


def test_frames_behind_one_that_ends_the_connection_are_not_heard() -> None:
    wrong, right = {"type": "news"}, {"type": "market", "assets_ids": [YES]}
    assert served_by_hand(wrong, right) == ["websocket.accept", "websocket.close"]


# Faults


def test_drop_lets_go_of_the_oldest_first(place: Place) -> None:
    streams = [place.market() for _ in range(3)]
    assert place.call(lambda: place.hub.drop(2)) == 2
    assert streams[0].closed() == streams[1].closed() == (1006, "")
    assert streams[2].is_silent()
    assert place.call(lambda: place.hub.drop()) == 1


def test_frozen_stream_answers_pings_and_takes_subscriptions_but_sends_no_data(
    place: Place,
) -> None:
    stream = place.market(YES)
    place.call(place.hub.freeze)
    place.order()
    assert stream.is_silent()
    assert place.market(YES, silently=True).is_silent()
    assert place.call(lambda: (place.hub.open, place.hub.counters.lost)) == (2, 2)


def test_thawed_stream_goes_on_without_what_was_lost(place: Place) -> None:
    stream = place.market(YES)
    place.call(place.hub.freeze)
    place.order(cents=40)
    place.call(place.hub.thaw)
    place.order(cents=41)
    assert stream.read()["price_changes"][0]["price"] == "0.41"


@pytest.mark.parametrize("fault", ["mute_pong", "freeze"])
def test_pong_can_be_withheld(place: Place, fault: str) -> None:
    stream = place.market(YES)
    hub = place.hub
    place.call(hub.mute_pong if fault == "mute_pong" else lambda: hub.freeze(pong=False))
    stream.send("PING")
    stream.send("not a frame")  # answered after the PING would have been
    assert stream.text() == INVALID_OPERATION
    place.call(hub.thaw)
    assert stream.is_silent()


def test_muted_stream_still_sends_data(place: Place) -> None:
    stream = place.market(YES)
    place.call(place.hub.mute_pong)
    place.order()
    assert stream.read()["event_type"] == "price_change"


def prices(stream: Stream, count: int) -> list[str]:
    return [event["price_changes"][0]["price"] for event in stream.take(count)]


def test_skip_leaves_a_gap(place: Place) -> None:
    stream = place.market(YES)
    place.call(lambda: place.hub.skip(2))
    for cents in (31, 32, 33):
        place.order(cents=cents)
    assert prices(stream, 1) == ["0.33"]
    assert place.call(lambda: place.hub.counters.lost) == 2


def test_duplicate_sends_twice(place: Place) -> None:
    stream = place.market(YES)
    place.call(lambda: place.hub.duplicate(1))
    for cents in (31, 32):
        place.order(cents=cents)
    assert prices(stream, 3) == ["0.31", "0.31", "0.32"]
    assert stream.is_silent()


def test_reorder_swaps_two(place: Place) -> None:
    stream = place.market(YES)
    place.call(place.hub.reorder)
    place.order(cents=31)
    assert stream.is_silent()
    for cents in (32, 33):
        place.order(cents=cents)
    assert prices(stream, 3) == ["0.32", "0.31", "0.33"]


def test_burst_comes_at_once(place: Place) -> None:
    stream = place.market(YES)
    place.call(lambda: place.hub.burst(3))
    for cents in (31, 32):
        place.order(cents=cents)
    assert stream.is_silent()
    place.order(cents=33)
    place.order(cents=34)
    assert prices(stream, 4) == ["0.31", "0.32", "0.33", "0.34"]


def test_refused_handshakes_are_answered_503_and_counted(place: Place) -> None:
    place.call(lambda: place.hub.refuse(2))
    for _ in range(2):
        with pytest.raises(InvalidStatus) as refused:
            place.open("market")
        assert refused.value.response.status_code == 503
    assert place.market().is_silent()
    assert place.call(lambda: place.hub.counters.refused) == 2


def test_flapping_server_accepts_and_closes(place: Place) -> None:
    place.call(lambda: place.hub.accept_then_close(1, code=1001))
    assert place.open("market").closed() == (1001, "")
    assert place.market().is_silent()
    assert place.call(lambda: place.hub.counters.accepted) == 2


def test_faults_end_with_the_venue(place: Place) -> None:
    place.call(place.hub.freeze)
    place.call(lambda: place.hub.refuse(5))
    place.call(place.hub.array_snapshots)
    place.reset()
    assert place.market(YES, silently=True).read()["event_type"] == "book"


# Cost


def test_message_is_made_once_for_all_who_get_it(place: Place) -> None:
    for _ in range(3):
        place.market(YES)
    queued: list[int] = []

    def watch() -> None:
        for connection in place.hub.connections:
            original = connection.put

            def put(*messages: Any, original: Any = original) -> None:
                queued.extend(id(message) for message in messages)
                original(*messages)

            connection.put = put  # type: ignore[method-assign]

    place.call(watch)
    place.order()
    assert len(queued) == 3
    assert len(set(queued)) == 1


def test_connection_ends_once() -> None:
    async def scenario() -> None:
        connection = Connection("market", asyncio.get_running_loop().create_future())
        connection.end(1001)
        connection.end(1000)
        assert connection.ended.result() == (1001, "")

    asyncio.run(scenario())
