"""What the streams' faults are to real clients: websockets, and polymarket-client's own stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from polymarket import AsyncPublicClient, AsyncSecureClient
from polymarket.errors import TransportError
from polymarket.streams import MarketSpec, UserSpec
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus

from mock_clob.accounts import ACCOUNTS
from mock_clob.connection import Connection, Noise
from mock_clob.faults import STREAM_PRESETS
from mock_clob.gate import TRANSPORT
from mock_clob.model import UNIT, Order, OrderType, Side
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from mock_clob.signed_order import exchange_contract
from mock_clob.venue import Options, Venue

T = TypeVar("T")
YES, NO = DOCUMENTED.token_ids
PATIENCE = 10.0
BOB = ACCOUNTS[1]


@pytest.fixture
def venue(mock_clob: MockClob) -> MockClob:
    mock_clob.reset(chain=False)
    mock_clob.call(mock_clob.venue.clock.freeze)
    return mock_clob


def run(use: Coroutine[Any, Any, T]) -> T:
    async def limited() -> T:
        async with asyncio.timeout(PATIENCE):
            return await use

    return asyncio.run(limited())


def order(venue: MockClob, cents: int, side: Side = Side.BUY, shares: int = 10) -> None:
    """An order of another account for YES."""
    wallet, price, size = BOB.address.lower(), cents * 10_000, shares * UNIT
    cost = price * shares

    def place() -> None:
        engine = venue.venue.engine
        market = engine.by_token[YES]
        placed = Order(
            id=f"0x{len(engine.orders):064x}",
            owner="bob",
            signer=wallet,
            maker=wallet,
            market=market,
            token_id=YES,
            side=side,
            type=OrderType.GTC,
            price=price,
            size=size,
            maker_amount=cost if side is Side.BUY else size,
            taker_amount=size if side is Side.BUY else cost,
            created_ms=venue.venue.clock.now_ms(),
        )
        trade = engine.place(placed, exchange_contract(venue.venue.contracts, 2, False))
        venue.venue.matched([trade] if trade else [])

    venue.call(place)


def subscriber(venue: MockClob, **more: Any) -> Any:
    """A websockets client that has its first book of YES."""

    @asynccontextmanager
    async def opened() -> Any:
        options = {"ping_interval": None, "proxy": None, "close_timeout": 0.2} | more
        async with connect(f"{venue.ws_url}/ws/market", **options) as socket:
            await socket.send(json.dumps({"type": "market", "assets_ids": [YES]}))
            assert json.loads(await socket.recv())["event_type"] == "book"
            yield socket

    return opened()


def spoil(venue: MockClob, name: str, **arguments: Any) -> None:
    venue.call(lambda: venue.venue.hub.fault(name, **arguments))


async def prices(socket: ClientConnection, count: int) -> list[str]:
    told = [json.loads(await socket.recv()) for _ in range(count)]
    return [event["price_changes"][0]["price"] for event in told]


# polymarket-client's own stream


async def next_of(stream: Any, kind: str, wanted: Callable[[Any], bool] = lambda e: True) -> Any:
    async for event in stream:
        if event.type == kind and wanted(event):
            return event
    raise AssertionError("the stream ended")


async def watching(use: Callable[[Any], Awaitable[T]]) -> T:
    async with AsyncPublicClient() as client:
        async with await client.subscribe([MarketSpec(asset_ids=[YES])]) as stream:
            await next_of(stream, "book")
            return await use(stream)


@pytest.mark.parametrize("fault", ["ws_drop", "ws_accept_then_close", "ws_refused"])
def test_client_comes_back_and_gets_the_book_as_it_is_then(venue: MockClob, fault: str) -> None:
    async def use(stream: Any) -> Any:
        spoil(venue, fault)
        if fault != "ws_drop":
            venue.call(venue.venue.hub.drop)
        order(venue, 49)
        return await next_of(stream, "book")

    book = run(watching(use))
    assert str(book.payload.bids[-1].price) == "0.49"


def test_refused_handshake_is_a_transport_error(venue: MockClob) -> None:
    spoil(venue, "ws_refused", count=2)

    async def use() -> None:
        async with AsyncPublicClient() as client:
            with pytest.raises(TransportError):
                await client.subscribe([MarketSpec(asset_ids=[YES])])
        with pytest.raises(InvalidStatus):
            async with subscriber(venue):
                pass

    run(use())


def test_gap_duplicate_and_reorder_go_unnoticed(venue: MockClob) -> None:
    """The feed has no sequence numbers, and the client checks no hash."""

    async def use(stream: Any) -> list[str]:
        for name in ("ws_gap", "ws_reorder", "ws_dup"):
            spoil(venue, name)
        for cents in (31, 32, 33, 34):
            order(venue, cents)
        seen = [await next_of(stream, "price_change") for _ in range(4)]
        return [str(event.payload.price_changes[0].price) for event in seen]

    assert run(watching(use)) == ["0.33", "0.32", "0.34", "0.34"]


def test_first_books_as_an_array_are_read(venue: MockClob) -> None:
    spoil(venue, "ws_array_snapshot")

    async def use() -> set[str]:
        async with AsyncPublicClient() as client:
            async with await client.subscribe([MarketSpec(asset_ids=[YES, NO])]) as stream:
                return {(await next_of(stream, "book")).payload.asset_id for _ in range(2)}

    assert run(use()) == {YES, NO}


def test_match_can_be_split_by_a_disconnect(venue: MockClob) -> None:
    """The user hears that its order was filled, never of the match, and then of its settlement."""
    venue.call(lambda: setattr(venue.venue.settlement, "mode", "manual"))
    hub = venue.venue.hub

    async def use() -> list[tuple[str, Any]]:
        seen: list[tuple[str, Any]] = []
        async with await AsyncSecureClient.create(
            private_key=ACCOUNTS[0].key, wallet=ACCOUNTS[0].address
        ) as client:
            async with await client.subscribe([UserSpec()]) as stream:

                async def until(count: int) -> None:
                    while len(seen) < count:
                        event = await anext(aiter(stream))
                        seen.append((event.type, event.payload.status))

                await client.place_limit_order(token_id=YES, price="0.51", size="10", side="SELL")
                await until(1)
                spoil(venue, "ws_split_match")
                order(venue, 51)
                await until(2)
                while venue.call(lambda: len(hub.user.subscriptions)) != 1 or (
                    venue.call(lambda: hub.counters.accepted) != 2
                ):
                    await asyncio.sleep(0.01)
                venue.call(settle)
                await until(4)
        return seen

    def settle() -> None:
        task = asyncio.get_running_loop().create_task(venue.venue.settlement.settle())
        tasks.append(task)

    tasks: list[Any] = []
    assert run(use()) == [
        ("order", "LIVE"),
        ("order", "MATCHED"),
        ("trade", "MINED"),
        ("trade", "CONFIRMED"),
    ]


# websockets


def test_split_match_spares_those_whom_it_does_not_concern(venue: MockClob) -> None:
    async def use() -> None:
        elsewhere = venue.call(
            lambda: next(m for m in venue.venue.engine.markets.values() if m.slug == "winner-a")
        )
        frame = {"type": "market", "assets_ids": [elsewhere.token_ids[0]]}
        async with connect(f"{venue.ws_url}/ws/market", proxy=None) as other:
            await other.send(json.dumps(frame))
            assert json.loads(await other.recv())["event_type"] == "book"
            async with subscriber(venue) as socket:
                venue.call(lambda: venue.venue.hub.split_match(after=2))
                order(venue, 52)
                kinds = [json.loads(await socket.recv())["event_type"] for _ in range(2)]
                assert kinds == ["price_change", "last_trade_price"]
                with pytest.raises(ConnectionClosedError):
                    await socket.recv()
            quotes = venue.call(
                lambda: [o for o in venue.venue.engine.open.values() if o.market is elsewhere]
            )
            for quote in quotes[:3]:  # it goes on hearing all of its own market

                def cancel(quote: Order = quote) -> None:
                    venue.venue.engine.cancel(quote.id, venue.venue.clock.now_ms())
                    venue.venue.publish()

                venue.call(cancel)
                assert json.loads(await other.recv())["event_type"] == "price_change"
            order(venue, 30)  # and it is over: the next match is whole
            async with subscriber(venue) as socket:
                order(venue, 53)
                assert [json.loads(await socket.recv())["event_type"] for _ in range(3)][-1] == (
                    "book"
                )

    run(use())


def test_half_open_connection_is_found_out_by_protocol_pings(venue: MockClob) -> None:
    async def use() -> None:
        async with subscriber(venue, ping_interval=0.1, ping_timeout=0.1) as socket:
            assert venue.call(lambda: venue.venue.hub.half_open()) == 1
            order(venue, 49)
            with pytest.raises(ConnectionClosedError, match="keepalive ping timeout"):
                await socket.recv()
        async with subscriber(venue):
            pass  # new ones work

    run(use())
    assert venue.call(lambda: venue.venue.hub.counters.lost) == 1


def test_half_open_connection_says_nothing_until_it_is_thawed(venue: MockClob) -> None:
    async def use() -> None:
        hub = venue.venue.hub
        async with subscriber(venue) as socket:
            await socket.send("PING")
            assert await socket.recv() == "PONG"
            venue.call(hub.half_open)
            await socket.send("PING")
            pong = await socket.ping()
            order(venue, 31)
            done, _ = await asyncio.wait([asyncio.ensure_future(pong)], timeout=0.1)
            assert not done
            spoil(venue, "ws_thaw")
            await pong
            assert await socket.recv() == "PONG"
            order(venue, 32)
            assert await prices(socket, 1) == ["0.32"]

    run(use())


def test_half_open_connection_loses_what_waits_and_what_is_answered(venue: MockClob) -> None:
    hub = venue.venue.hub

    def at_once() -> list[Any]:
        engine = venue.venue.engine
        engine.cancel(next(iter(engine.open)), venue.venue.clock.now_ms())
        venue.venue.publish()
        [connection] = hub.connections
        assert connection.queue
        hub.half_open()
        hub.answer(connection, "PONG")
        return list(connection.queue)

    async def use() -> None:
        async with subscriber(venue):
            assert venue.call(at_once) == []

    run(use())


def test_half_open_connection_ends_with_the_venue(venue: MockClob) -> None:
    async def use() -> None:
        async with subscriber(venue) as socket:
            venue.call(venue.venue.hub.half_open)
            venue.call(venue.venue.hub.reset)
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert socket.close_code == 1012

    run(use())


def test_frame_that_was_on_its_way_is_not_heard_and_reading_ends() -> None:
    """A server reads on once a frame is passed on: it has to be stopped again."""
    paused: list[int] = []

    class Transport:
        def pause_reading(self) -> None:
            paused.append(len(heard))

        def is_closing(self) -> bool:
            return False

        def abort(self) -> None:
            pass

    heard = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "PING"}]

    async def use() -> int:
        hub = Venue(Options(chain=False)).hub

        async def receive() -> Any:
            if len(heard) == 1:
                hub.half_open()
            return heard.pop(0) if heard else {"type": "websocket.disconnect", "code": 1006}

        async def send(message: Any) -> None:
            assert message["type"] == "websocket.accept"

        scope = {"type": "websocket", "extensions": {TRANSPORT: Transport()}}
        await hub.market.serve(WebSocket(scope, receive, send))
        return hub.open

    assert run(use()) == 0
    assert paused == [1, 0]


@pytest.mark.parametrize("fault", ["ws_freeze", "ws_dead", "ws_no_pong"])
def test_protocol_pings_do_not_find_a_frozen_stream(venue: MockClob, fault: str) -> None:
    async def use() -> None:
        async with subscriber(venue) as socket:
            spoil(venue, fault)
            await (await socket.ping())
            order(venue, 33)
            await socket.send("PING")
            await (await socket.ping())  # what there is to say has been said
            heard = []
            while True:
                try:
                    heard.append(await asyncio.wait_for(socket.recv(), 0.05))
                except TimeoutError:
                    break
            kinds = ["PONG" if text == "PONG" else json.loads(text)["event_type"] for text in heard]
            assert (
                kinds
                == {
                    "ws_freeze": ["PONG"],
                    "ws_dead": [],
                    "ws_no_pong": ["price_change"],
                }[fault]
            )

    run(use())


def test_slow_stream_falls_behind_by_the_venues_clock(venue: MockClob) -> None:
    async def use() -> None:
        async with subscriber(venue) as socket:
            spoil(venue, "ws_slow", seconds=60)
            for cents in (31, 32):
                order(venue, cents)
            for price in ("0.31", "0.32"):
                told = asyncio.ensure_future(prices(socket, 1))
                await (await socket.ping())
                assert not told.done()
                while not told.done():  # the venue sleeps first, then it is woken
                    venue.advance(60)
                    await asyncio.wait([told], timeout=0.01)
                assert told.result() == [price]

    run(use())


def test_burst_holds_back_and_then_comes_at_once(venue: MockClob) -> None:
    async def use() -> None:
        async with subscriber(venue) as socket:
            spoil(venue, "ws_burst", count=3)
            for cents in (31, 32):
                order(venue, cents)
            await socket.send("PING")
            assert await socket.recv() == "PONG"
            order(venue, 33)
            assert await prices(socket, 3) == ["0.31", "0.32", "0.33"]

    run(use())


def noisy(venue: MockClob, seed: int) -> list[str]:
    """What two subscribers hear of forty orders through noise."""
    venue.reset(chain=False, seed=seed)

    async def use() -> list[str]:
        async with subscriber(venue) as one, subscriber(venue) as other:
            venue.call(lambda: venue.venue.hub.noise(skip=0.2, duplicate=0.2, reorder=0.2))
            for cents in range(1, 41):
                order(venue, cents)
            heard = []
            for socket in (one, other):
                await socket.send("PING")
                while (text := str(await socket.recv())) != "PONG":
                    heard.append(json.loads(text)["price_changes"][0]["price"])
                heard.append("end")
            return heard

    return run(use())


def test_noise_is_the_same_under_the_same_seed(venue: MockClob) -> None:
    heard = noisy(venue, 1)
    assert heard == noisy(venue, 1)
    assert heard != noisy(venue, 2)
    first = heard[: heard.index("end")]
    assert len(set(first)) < 40  # some are lost
    assert len(set(first)) < len(first)  # some come twice
    assert first != sorted(first, key=float)  # some change places
    assert first != heard[len(first) + 1 : -1]  # each connection has its own


def test_thaw_ends_what_lasts(venue: MockClob) -> None:
    hub = venue.venue.hub

    async def use() -> None:
        async with subscriber(venue) as socket:
            for name in ("ws_freeze", "ws_slow", "ws_noise"):
                spoil(venue, name)
            venue.call(hub.thaw)
            for cents in (31, 32, 33):
                order(venue, cents)
            assert await prices(socket, 3) == ["0.31", "0.32", "0.33"]

    run(use())


def test_fault_can_meet_one_kind_of_connection(venue: MockClob) -> None:
    async def use() -> None:
        hub = venue.venue.hub
        async with subscriber(venue) as socket:
            assert venue.call(lambda: hub.drop(channel="user")) == 0
            venue.call(lambda: hub.skip(channel="user"))
            order(venue, 31)
            assert await prices(socket, 1) == ["0.31"]
            assert venue.call(lambda: hub.drop(channel="market")) == 1

    run(use())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("ws_nonesuch", {}),
        ("ws_slow", {"seconds": -1}),
        ("ws_noise", {"skip": 2}),
        ("ws_split_match", {"after": 0}),
        ("ws_drop", {"channel": "gossip"}),
    ],
)
def test_fault_that_cannot_be_is_refused(
    venue: MockClob, name: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"there are|cannot be|lies in|from 1"):
        spoil(venue, name, **arguments)


def test_every_preset_names_a_fault_of_the_hub(venue: MockClob) -> None:
    for name in STREAM_PRESETS:
        spoil(venue, name)


def test_noise_of_certainty_loses_everything() -> None:
    async def use() -> None:
        connection = Connection("market", asyncio.get_running_loop().create_future())
        connection.roll(Noise(skip=1.0))
        assert not connection.push({"type": "websocket.send", "text": ""})

    asyncio.run(use())
