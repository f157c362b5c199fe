"""Both streams against the mocked venue, under its production host names, with its own faults."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest
from clob_account_reader import account_reader, stream_auth
from live_book import LiveBook
from market_stream import MarketStream
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import ApiCreds, OpenOrderParams, OrderArgs
from reconnect_backoff import Backoff
from stream_timeouts import StreamTimeouts
from user_stream import CredentialsRejected, UserStream

from mock_clob.pytest_plugin import MockClob
from tests.snippets.scripted_venue import in_loop

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
NO = "52114319501245915516055106046884209969926127482827954674443846427813813222426"
HOST = "https://clob.polymarket.com"
SHORT = StreamTimeouts(heartbeat_seconds=0.1, data_timeout_seconds=0.6)
CALM = StreamTimeouts(10, 300)


def quick() -> Backoff:
    return Backoff(0.02, 0.02, minimum_seconds=0.01)


@pytest.fixture
def venue(mock_clob: MockClob) -> MockClob:
    """The venue as py-clob-client trades on it, without the chain."""
    mock_clob.reset(exchange=1, chain=False)
    return mock_clob


def client_of(venue: MockClob, index: int) -> ClobClient:
    client = ClobClient(HOST, chain_id=137, key=venue.account(index).key)
    client.set_api_creds(client.create_or_derive_api_creds())
    return client


@pytest.fixture
def alice(venue: MockClob) -> ClobClient:
    return client_of(venue, 0)


@pytest.fixture
def bob(venue: MockClob) -> ClobClient:
    return client_of(venue, 1)


def place(client: ClobClient, price: float, side: str, token: str = YES, size: float = 10) -> str:
    order = OrderArgs(token_id=token, price=price, size=size, side=side)
    return str(client.create_and_post_order(order)["orderID"])


async def rest_book(client: ClobClient, token: str) -> LiveBook:
    book = LiveBook(token)
    book.apply(asdict(await asyncio.to_thread(client.get_order_book, token)))
    return book


async def equals_the_venues(stream: MarketStream, client: ClobClient) -> None:
    """Return once every book is the one that REST shows now."""
    for token in stream.books:
        book = await rest_book(client, token)
        await stream.wait_until(lambda: stream.books[token] == book)  # noqa: B023


# The market stream


@in_loop
async def test_books_of_both_tokens_follow_orders_fills_and_cancels(
    venue: MockClob, alice: ClobClient, bob: ClobClient
) -> None:
    rng = random.Random(5)
    async with MarketStream([YES, NO], timeouts=CALM) as stream:
        await equals_the_venues(stream, alice)
        for _ in range(60):
            who, token = rng.choice([alice, bob]), rng.choice([YES, NO])
            await asyncio.to_thread(place, who, rng.randint(44, 56) / 100, "BUY", token)
            if rng.random() < 0.2:
                await asyncio.to_thread(who.cancel_all)
        await equals_the_venues(stream, alice)
        assert stream.counts == {"connects": 1}
        assert venue.call(lambda: len(venue.venue.engine.trades)) > 5


Fault = Callable[[Any], object]
FAULTS: dict[str, tuple[Fault, str, str]] = {
    "drop": (lambda hub: hub.drop(), "drops", ""),
    "restart": (lambda hub: hub.reset(), "drops", ""),
    "freeze with PONG": (lambda hub: hub.freeze(), "data_timeouts", "thaw"),
    "freeze without PONG": (lambda hub: hub.freeze(pong=False), "pong_timeouts", "thaw"),
    "no PONG": (lambda hub: hub.mute_pong(), "pong_timeouts", "thaw"),
    "gap": (lambda hub: hub.skip(1), "resyncs", ""),
    "order reversed": (lambda hub: hub.reorder(1), "resyncs", ""),
}


@pytest.mark.parametrize(("fault", "counter", "undo"), FAULTS.values(), ids=FAULTS.keys())
def test_book_equals_the_venues_after_every_fault(
    venue: MockClob, alice: ClobClient, fault: Fault, counter: str, undo: str
) -> None:
    hub = venue.venue.hub

    @in_loop
    async def scenario() -> None:
        async with MarketStream([YES, NO], timeouts=SHORT, backoff=quick()) as stream:
            await equals_the_venues(stream, alice)
            venue.call(lambda: fault(hub))
            for price in (0.50, 0.49, 0.46):  # what happens meanwhile
                await asyncio.to_thread(place, alice, price, "BUY")
                venue.advance(0.01)
            await stream.wait_until(lambda: stream.counts[counter] >= 1)
            if undo:
                venue.call(getattr(hub, undo))
            await equals_the_venues(stream, alice)
            await asyncio.to_thread(place, alice, 0.51, "BUY")
            await equals_the_venues(stream, alice)

    scenario()


@in_loop
async def test_a_gap_below_the_top_is_healed_by_the_book_that_follows_a_trade(
    venue: MockClob, alice: ClobClient, bob: ClobClient
) -> None:
    async with MarketStream([YES], timeouts=SHORT) as stream:
        await equals_the_venues(stream, alice)
        venue.call(lambda: venue.venue.hub.skip(1))
        await asyncio.to_thread(place, alice, 0.40, "BUY")  # lost
        await asyncio.to_thread(place, alice, 0.49, "BUY")  # fits the top, so nobody can tell
        await stream.wait_until(lambda: stream.books[YES].best_bid == Decimal("0.49"))
        assert stream.books[YES] != await rest_book(alice, YES)
        assert stream.books[YES].doubt == ""
        await asyncio.to_thread(place, bob, 0.51, "BUY", NO)
        await equals_the_venues(stream, alice)
        assert stream.counts["resyncs"] == 0


@in_loop
async def test_repeated_messages_change_nothing(venue: MockClob, alice: ClobClient) -> None:
    async with MarketStream([YES], timeouts=CALM) as stream:
        await equals_the_venues(stream, alice)
        venue.call(lambda: venue.venue.hub.duplicate(3))
        for price in (0.49, 0.50, 0.46):
            await asyncio.to_thread(place, alice, price, "BUY")
        await equals_the_venues(stream, alice)
        assert stream.counts == {"connects": 1}


@in_loop
async def test_first_books_in_one_array_are_taken(venue: MockClob, alice: ClobClient) -> None:
    venue.call(venue.venue.hub.array_snapshots)
    async with MarketStream([YES, NO], timeouts=CALM) as stream:
        await equals_the_venues(stream, alice)


@in_loop
async def test_refused_and_flapping_connections_are_survived(
    venue: MockClob, alice: ClobClient
) -> None:
    hub = venue.venue.hub
    venue.call(lambda: (hub.refuse(2), hub.accept_then_close(2, 1000)))
    async with MarketStream([YES], timeouts=CALM, backoff=quick()) as stream:
        await equals_the_venues(stream, alice)
        assert stream.counts == {"connects": 3, "dial_failures": 2, "drops": 2}
    assert venue.call(lambda: hub.counters.accepted) == 3


@in_loop
async def test_tokens_come_and_go_at_run_time_and_stay_so_after_a_drop(
    venue: MockClob, alice: ClobClient
) -> None:
    hub = venue.venue.hub
    async with MarketStream([YES], timeouts=CALM, backoff=quick()) as stream:
        await equals_the_venues(stream, alice)
        await stream.subscribe(NO)
        await equals_the_venues(stream, alice)
        await stream.unsubscribe(YES)
        venue.call(hub.drop)
        await stream.wait_until(lambda: stream.counts["connects"] == 2)
        await equals_the_venues(stream, alice)
        assert list(stream.books) == [NO]
        assert not venue.call(lambda: hub.unknown_ids)


@in_loop
async def test_leaving_the_stream_leaves_no_connection_behind(venue: MockClob) -> None:
    async with MarketStream([YES], timeouts=CALM) as stream:
        await stream.wait_until(lambda: stream.books[YES].ready)
        assert venue.call(lambda: venue.venue.hub.open) == 1
    while venue.call(lambda: venue.venue.hub.open):
        await asyncio.sleep(0.001)


# The user stream


def user_stream(client: ClobClient, **options: Any) -> UserStream:
    options = {"timeouts": CALM, "backoff": quick()} | options
    return UserStream(stream_auth(client), account_reader(client), **options)


@in_loop
async def test_an_order_is_told_from_its_placement_over_a_fill_to_its_cancellation(
    venue: MockClob, alice: ClobClient, bob: ClobClient
) -> None:
    events: list[dict[str, Any]] = []
    async with user_stream(alice, on_event=events.append) as stream:
        await stream.wait_until(lambda: stream.reconciled)
        order = await asyncio.to_thread(place, alice, 0.50, "BUY")
        await asyncio.to_thread(place, bob, 0.50, "BUY", NO, 5)
        await stream.wait_until(lambda: len(stream.state.trades) == 1)
        assert stream.state.filled(order) == 5
        assert stream.state.open_orders() == {order}
        await asyncio.to_thread(alice.cancel, order)
        await stream.wait_until(lambda: not stream.state.open_orders())
    kinds = [each.get("type") for each in events if each["event_type"] == "order"]
    assert kinds == ["PLACEMENT", "UPDATE", "CANCELLATION"]


@pytest.mark.parametrize("fault", ["drop", "freeze"])
def test_a_fill_made_while_away_is_told_once(
    venue: MockClob, alice: ClobClient, bob: ClobClient, fault: str
) -> None:
    hub = venue.venue.hub
    events: list[dict[str, Any]] = []

    @in_loop
    async def scenario() -> None:
        slow = Backoff(0.3, 0.3, minimum_seconds=0.29)
        async with user_stream(
            alice, on_event=events.append, timeouts=SHORT, backoff=slow
        ) as stream:
            await stream.wait_until(lambda: stream.reconciled)
            order = await asyncio.to_thread(place, alice, 0.50, "BUY")
            await stream.wait_until(lambda: order in stream.state.open_orders())
            venue.call(getattr(hub, fault))
            await asyncio.to_thread(place, bob, 0.50, "BUY", NO, 10)
            await stream.wait_until(lambda: not stream.connected)
            venue.call(hub.thaw)
            await stream.wait_until(lambda: bool(stream.state.trades))
            assert stream.state.filled(order) == 10
            assert not stream.state.open_orders()

    scenario()
    assert [each["type"] for each in events if each["event_type"] == "order"] == [
        "PLACEMENT",
        "CLOSED_UNSEEN",
    ]


@in_loop
async def test_no_fill_is_missed_or_told_twice_whatever_the_connection_does(
    venue: MockClob, alice: ClobClient, bob: ClobClient
) -> None:
    hub, rng = venue.venue.hub, random.Random(11)
    events: list[dict[str, Any]] = []
    faults = [hub.drop, hub.freeze, hub.skip, hub.duplicate, hub.reorder, hub.mute_pong, hub.thaw]
    async with user_stream(alice, on_event=events.append, timeouts=SHORT) as stream:
        for _ in range(40):
            await asyncio.to_thread(place, alice, rng.randint(46, 50) / 100, "BUY", size=5)
            await asyncio.to_thread(place, bob, rng.randint(50, 51) / 100, "BUY", NO, 5)
            venue.call(rng.choice(faults))
            if rng.random() < 0.1:
                await asyncio.to_thread(alice.cancel_all)
        venue.call(hub.thaw)
        venue.call(hub.drop)
        await stream.wait_until(lambda: not stream.connected)
        await stream.wait_until(lambda: stream.reconciled)
        account = await asyncio.to_thread(account_reader(alice), 0)
        fills = {trade["id"]: trade["status"] for trade in account.trades}
        await stream.wait_until(
            lambda: {each["id"]: each["status"] for each in stream.state.trades.values()} == fills
        )
        assert stream.state.open_orders() == {each["id"] for each in account.open_orders}
    assert len(fills) > 10
    told = Counter((e["id"], e["status"]) for e in events if e["event_type"] == "trade")
    assert {trade_id for trade_id, _ in told} == set(fills)
    assert set(told.values()) == {1}


@in_loop
async def test_wrong_credentials_end_the_stream_with_an_error(
    venue: MockClob, alice: ClobClient
) -> None:
    right = alice.creds
    alice.set_api_creds(ApiCreds(right.api_key, right.api_secret, "wrong"))
    with pytest.raises(CredentialsRejected, match="401"):
        async with user_stream(alice) as stream:
            await stream.wait_until(lambda: stream.reconciled)
    assert venue.call(lambda: venue.venue.hub.counters.accepted) == 1


@in_loop
async def test_a_venue_whose_rest_is_down_is_asked_until_it_answers(
    venue: MockClob, alice: ClobClient
) -> None:
    venue.fault("bad_gateway", method="GET", path="/data/*", times=2)
    async with user_stream(alice) as stream:
        await stream.wait_until(lambda: stream.reconciled)
        assert stream.counts["reconcile_failures"] == 2


def test_open_orders_are_read_in_the_shape_that_events_have(
    venue: MockClob, alice: ClobClient
) -> None:
    order = place(alice, 0.40, "BUY")
    read = account_reader(alice)(0).open_orders
    assert [each["id"] for each in read] == [order]
    assert read == alice.get_orders(OpenOrderParams(id=order))
