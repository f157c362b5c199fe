"""The market stream against a server that does what the test says, in real time but scaled down.

Nothing here sleeps for luck: every wait is for an event, or for a timeout of the stream itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import reconnecting_socket
from market_stream import MAX_TOKENS, MarketStream
from reconnect_backoff import Backoff
from stream_timeouts import StreamTimeouts
from websockets.exceptions import ConnectionClosedError, InvalidURI

from tests.snippets.scripted_venue import Client, ScriptedVenue, in_loop

A, B = "71", "52"
LONG = StreamTimeouts(10, 300)  # nothing falls due in a test
HEARTBEAT, DATA_TIMEOUT = 0.05, 0.4
SHORT = StreamTimeouts(HEARTBEAT, DATA_TIMEOUT)


class Delays(Backoff):
    """Remembers what the stream asks of it, and hardly waits."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.lasted: list[float] = []

    def next_delay(self) -> float:
        self.asked += 1
        return 0.001

    def connection_was_stable(self, seconds: float) -> bool:
        self.lasted.append(seconds)
        return super().connection_was_stable(seconds)


def book(token: str = A, bid: str = "0.48", at: int = 10) -> dict[str, Any]:
    return {
        "event_type": "book",
        "asset_id": token,
        "timestamp": str(at),
        "bids": [{"price": bid, "size": "100"}],
        "asks": [{"price": "0.52", "size": "100"}],
    }


def change(price: str, best_bid: str, token: str = A, at: int = 11) -> dict[str, Any]:
    each = {"asset_id": token, "price": price, "size": "10", "side": "BUY", "best_bid": best_bid}
    return {"event_type": "price_change", "timestamp": str(at), "price_changes": [each]}


def stream_of(venue: ScriptedVenue, *tokens: str, **options: Any) -> MarketStream:
    options = {"timeouts": LONG, "backoff": Delays()} | options
    return MarketStream(tokens or (A,), url=venue.url, **options)


async def ready(stream: MarketStream, token: str = A, bid: str = "0.48") -> None:
    await stream.wait_until(lambda: stream.books[token].best_bid == Decimal(bid))


async def quiet(client: Client) -> None:
    """Sends its first book and stays."""
    await client.send(book())


async def silent(client: Client) -> None:
    """Takes everything, sends nothing of its own."""


async def second(client: Client) -> None:
    await client.send(book(bid="0.40", at=20))


# A connection that works


@in_loop
async def test_subscribes_before_the_first_ping() -> None:
    async with ScriptedVenue(quiet).open() as venue, stream_of(venue, A, B, timeouts=SHORT):
        client = await venue.has(1)
        await client.hears(3)
        assert json.loads(client.frames[0]) == {"type": "market", "assets_ids": [B, A]}
        assert client.frames[1:3] == ["PING", "PING"]


@in_loop
async def test_first_books_may_come_as_one_array() -> None:
    async def script(client: Client) -> None:
        await client.send([book(A), book(B, "0.30")])

    async with ScriptedVenue(script).open() as venue, stream_of(venue, A, B) as stream:
        await ready(stream, A)
        await ready(stream, B, "0.30")


@in_loop
async def test_callback_sees_every_message_after_the_books_took_it() -> None:
    seen = []

    async def script(client: Client) -> None:
        await client.send(book(), change("0.49", "0.49"), {"event_type": "last_trade_price"})

    def on_event(event: dict[str, Any]) -> None:
        seen.append((event["event_type"], stream.books[A].best_bid))

    async with ScriptedVenue(script).open() as venue:
        async with stream_of(venue, on_event=on_event) as stream:
            await stream.wait_until(lambda: len(seen) == 3)
    assert seen == [
        ("book", Decimal("0.48")),
        ("price_change", Decimal("0.49")),
        ("last_trade_price", Decimal("0.49")),
    ]


@in_loop
async def test_changes_of_tokens_that_are_not_wanted_are_ignored() -> None:
    async def script(client: Client) -> None:
        await client.send(book(B), change("0.10", "0.10", B), book(A))

    async with ScriptedVenue(script).open() as venue, stream_of(venue) as stream:
        await ready(stream)
        assert list(stream.books) == [A]


@in_loop
async def test_frames_that_are_no_messages_are_counted_and_harm_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def script(client: Client) -> None:
        await client.send("INVALID OPERATION", "x" * 100_000, "PONG", "7", '["x"]', "[]")
        await client.socket.send(b"\xff\xfe")
        await client.send(book())

    async with ScriptedVenue(script).open() as venue, stream_of(venue) as stream:
        await ready(stream)
        assert stream.counts == {"connects": 1, "bad_frames": 3}
    assert "INVALID OPERATION" in caplog.text
    assert max(map(len, caplog.messages)) < 200


@in_loop
async def test_a_callback_that_raises_kills_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def script(client: Client) -> None:
        await client.send(book(), change("0.49", "0.49"))

    async with ScriptedVenue(script).open() as venue:
        async with stream_of(venue, on_event=lambda event: 1 / 0) as stream:  # type: ignore[arg-type, return-value]
            await ready(stream, bid="0.49")
            assert stream.counts == {"connects": 1, "callback_errors": 2}
    assert "on_event failed for price_change" in caplog.text
    assert "ZeroDivisionError" in caplog.text


@in_loop
async def test_a_first_book_above_a_megabyte_is_taken() -> None:
    async def script(client: Client) -> None:
        await client.send([book(), {"event_type": "padding", "text": "x" * 2_000_000}])

    async with ScriptedVenue(script).open() as venue, stream_of(venue) as stream:
        await ready(stream)
        assert stream.counts == {"connects": 1}


# Connections that end


def cut(*messages: Any) -> Any:
    async def script(client: Client) -> None:
        await client.send(*messages)
        await client.hears(1)
        client.cut()

    return script


def closes(code: int) -> Any:
    async def script(client: Client) -> None:
        await client.send(book())
        await client.hears(1)
        await client.socket.close(code)

    return script


@in_loop
async def test_a_drop_empties_the_books_and_a_fresh_snapshot_restores_them() -> None:
    downs = []

    def on_event(event: dict[str, Any]) -> None:
        if event["event_type"] == "stream_down":
            downs.append((event["reason"], stream.connected, stream.books[A].ready))

    first = cut(book(), change("0.49", "0.49", at=99))
    async with ScriptedVenue(first, second).open() as venue:
        async with stream_of(venue, on_event=on_event) as stream:
            await ready(stream, bid="0.40")
            assert stream.books[A].bids == {Decimal("0.40"): Decimal(100)}
            assert stream.connected
    assert downs == [("no close frame received or sent", False, False)]
    assert stream.counts == {"connects": 2, "drops": 1}


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012])
def test_every_close_code_is_a_drop_that_waits_before_the_next_dial(code: int) -> None:
    @in_loop
    async def scenario() -> None:
        backoff = Delays()
        async with ScriptedVenue(closes(code), second).open() as venue:
            async with stream_of(venue, backoff=backoff) as stream:
                await ready(stream, bid="0.40")
        assert (stream.counts["drops"], backoff.asked) == (1, 1)

    scenario()


@in_loop
async def test_accept_then_close_waits_the_backoff_before_every_dial() -> None:
    async def flap(client: Client) -> None:
        await client.socket.close(1000)

    backoff = Delays()
    async with ScriptedVenue(flap).open() as venue, stream_of(venue, backoff=backoff) as stream:
        await stream.wait_until(lambda: stream.counts["drops"] >= 20)
        assert stream.counts["connects"] == stream.counts["drops"] <= backoff.asked + 1
    assert set(backoff.lasted) == {0}  # so none of them resets the ceiling


@in_loop
async def test_accept_then_close_takes_a_second_or_more_for_three_dials() -> None:
    async def flap(client: Client) -> None:
        await client.socket.close(1011)

    async with ScriptedVenue(flap).open() as venue, stream_of(venue, backoff=Backoff()):
        began = time.monotonic()
        await venue.has(3)  # two delays of at least half a second
        assert time.monotonic() - began >= 1.0


@in_loop
async def test_a_refused_connection_is_tried_until_somebody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    stream = MarketStream([A], url=f"ws://127.0.0.1:{port}", timeouts=LONG, backoff=Delays())
    async with stream:
        await stream.wait_until(lambda: stream.counts["dial_failures"] >= 3)
        async with ScriptedVenue(quiet).open(port):
            await ready(stream)


@in_loop
async def test_a_stable_connection_resets_the_backoff_once_not_for_every_dial_after_it() -> None:
    backoff = Delays()
    async with ScriptedVenue(quiet).open() as venue:
        stream = stream_of(venue, backoff=backoff)
        await stream.__aenter__()
        await ready(stream)
    await stream.wait_until(lambda: stream.counts["dial_failures"] >= 3)
    await stream.close()
    assert backoff.lasted[0] > 0
    assert set(backoff.lasted[1:]) == {0}


@in_loop
async def test_a_name_that_does_not_resolve_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nobody)
    events = []
    stream = MarketStream(
        [A], events.append, url="ws://nowhere.example", timeouts=LONG, backoff=Delays()
    )
    async with stream:
        await stream.wait_until(lambda: stream.counts["dial_failures"] >= 2)
    assert "Name or service not known" in events[0]["reason"]


@in_loop
async def test_a_refused_handshake_is_tried_again() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    events = []
    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        stream = MarketStream([A], events.append, url=url, timeouts=LONG, backoff=Delays())
        async with stream:
            await stream.wait_until(lambda: stream.counts["dial_failures"] >= 2)
    assert "503" in events[0]["reason"]
    assert not stream.counts["connects"]


# Connections that stay open and are dead


@in_loop
async def test_a_silent_freeze_is_replaced_although_pong_keeps_coming() -> None:
    async with ScriptedVenue(quiet, second).open() as venue:
        async with stream_of(venue, timeouts=SHORT) as stream:
            await ready(stream)
            began = time.monotonic()
            await stream.wait_until(lambda: stream.counts["data_timeouts"] == 1)
            assert time.monotonic() - began >= DATA_TIMEOUT - HEARTBEAT
            await ready(stream, bid="0.40")
            assert stream.counts == {"connects": 2, "data_timeouts": 1}
        assert venue.clients[0].frames.count("PING") >= 3  # and each was answered


@in_loop
async def test_books_are_empty_before_a_frozen_socket_is_closed() -> None:
    async def stops_reading(client: Client) -> None:
        await client.send(book())
        client.socket.transport.pause_reading()

    downs = []

    def on_event(event: dict[str, Any]) -> None:
        if event["event_type"] == "stream_down":
            downs.append((time.monotonic(), stream.books[A].ready))

    async with ScriptedVenue(stops_reading, second).open() as venue:
        async with stream_of(venue, timeouts=SHORT, on_event=on_event) as stream:
            await stream.wait_until(lambda: stream.counts["connects"] == 2)
            told_early = time.monotonic() - downs[0][0]
            (await venue.has(1)).cut()
    assert downs[0][1] is False
    assert told_early >= reconnecting_socket.CLOSE_SECONDS * 0.9


@in_loop
async def test_data_without_pong_is_replaced() -> None:
    async def mute(client: Client) -> None:
        client.pongs = False
        await client.send(book())
        for at in range(11, 10_000):
            await client.send(change("0.48", "0.48", at=at))
            await asyncio.sleep(HEARTBEAT / 10)

    async with ScriptedVenue(mute, second).open() as venue:
        async with stream_of(venue, timeouts=SHORT) as stream:
            await stream.wait_until(lambda: stream.counts["pong_timeouts"] == 1)
            await ready(stream, bid="0.40")
            assert stream.counts == {"connects": 2, "pong_timeouts": 1}
        assert venue.clients[0].frames.count("PING") == 2


@in_loop
async def test_a_callback_that_blocks_the_loop_is_not_taken_for_a_dead_server() -> None:
    async def script(client: Client) -> None:
        await client.send(book(), change("0.49", "0.49"))

    def block(event: dict[str, Any]) -> None:
        if event["event_type"] == "book":
            time.sleep(DATA_TIMEOUT * 1.5)

    async with ScriptedVenue(script).open() as venue:
        async with stream_of(venue, timeouts=SHORT, on_event=block) as stream:
            await ready(stream, bid="0.49")
            assert stream.counts == {"connects": 1}


@in_loop
async def test_a_subscription_that_cannot_be_sent_is_given_up_after_a_heartbeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hangs(client: Any) -> None:
        await asyncio.Event().wait()

    async with ScriptedVenue(silent).open() as venue:
        stream = stream_of(venue, timeouts=SHORT)
        monkeypatch.setattr(stream, "_subscribe", hangs)
        async with stream:
            await stream.wait_until(lambda: stream.counts["dial_failures"] == 2)
            assert stream.counts["connects"] == 2


@in_loop
async def test_age_of_the_newest_data_is_told_and_no_dial_makes_it_younger() -> None:
    async with ScriptedVenue(quiet, silent).open() as venue, stream_of(venue) as stream:
        assert stream.seconds_without_data == float("inf")
        await ready(stream)
        assert 0 <= stream.seconds_without_data < 5
        stream._last_data -= 100
        (await venue.has(1)).cut()
        await (await venue.has(2)).hears(1)
        assert 100 <= stream.seconds_without_data < 105


# Books that are wrong


@in_loop
async def test_a_doubt_that_stays_for_a_heartbeat_gets_a_fresh_connection() -> None:
    async def gap(client: Client) -> None:
        await client.send(book(), change("0.30", best_bid="0.49"))  # the change to 0.49 was lost

    async with ScriptedVenue(gap, second).open() as venue:
        async with stream_of(venue, timeouts=SHORT) as stream:
            await ready(stream, bid="0.40")
    assert stream.counts == {"connects": 2, "resyncs": 1}


@in_loop
async def test_a_doubt_that_passes_costs_no_connection() -> None:
    async def halves(client: Client) -> None:
        await client.send(book(), change("0.52", best_bid="0.52"))
        other = change("0.52", best_bid="0.52", at=12)
        other["price_changes"][0] |= {"side": "SELL", "size": "0"}
        await client.send(other)

    async with ScriptedVenue(halves).open() as venue:
        async with stream_of(venue, timeouts=StreamTimeouts(0.2, 30)) as stream:
            client = await venue.has(1)
            await client.hears(1 + 2)  # two heartbeats
            assert stream.counts == {"connects": 1}
            assert stream.books[A].best_bid == Decimal("0.52")


@in_loop
async def test_a_doubt_about_a_token_that_is_unsubscribed_is_forgotten() -> None:
    async def gap(client: Client) -> None:
        await client.send(book(), book(B), change("0.30", best_bid="0.49"))

    async with ScriptedVenue(gap).open() as venue:
        async with stream_of(venue, A, B, timeouts=StreamTimeouts(0.2, 30)) as stream:
            await stream.wait_until(lambda: bool(stream.books[A].doubt))
            await stream.unsubscribe(A)
            client = await venue.has(1)
            await client.hears(2 + 3)
            assert stream.counts == {"connects": 1}


@pytest.mark.parametrize(
    "message",
    [
        {"event_type": "price_change", "asset_id": A, "changes": [], "timestamp": "11"},
        {"event_type": "book"},
        change("0.47", "0.48", at=5) | {"price_changes": [7]},
        change("nonsense", "0.48"),
    ],
    ids=["old schema", "no token", "no object", "no price"],
)
def test_a_message_that_cannot_be_applied_gets_a_fresh_connection(message: Any) -> None:
    @in_loop
    async def scenario() -> None:
        async def script(client: Client) -> None:
            await client.send(book(), message)

        async with ScriptedVenue(script, second).open() as venue, stream_of(venue) as stream:
            await ready(stream, bid="0.40")
        assert stream.counts == {"connects": 2, "resyncs": 1}

    scenario()


# What is wanted


@in_loop
async def test_a_token_subscribed_while_connected_is_asked_for_now_and_after_a_drop() -> None:
    async with ScriptedVenue(quiet).open() as venue, stream_of(venue) as stream:
        await ready(stream)
        await stream.subscribe(B)
        client = await venue.has(1)
        await client.hears(2)
        assert client.said[1] == {"operation": "subscribe", "assets_ids": [B]}
        client.cut()
        client = await venue.has(2)
        await client.hears(1)
        assert client.said == [{"type": "market", "assets_ids": [B, A]}]


@in_loop
async def test_an_unsubscribed_token_does_not_come_back_with_the_next_connection() -> None:
    async with ScriptedVenue(quiet).open() as venue, stream_of(venue, A, B) as stream:
        await ready(stream)
        await stream.unsubscribe(B)
        client = await venue.has(1)
        await client.hears(2)
        assert client.said[1] == {"operation": "unsubscribe", "assets_ids": [B]}
        client.cut()
        client = await venue.has(2)
        await client.hears(1)
        assert client.said == [{"type": "market", "assets_ids": [A]}]
        assert list(stream.books) == [A]


@in_loop
async def test_a_token_subscribed_between_connections_is_asked_for_by_the_next_one() -> None:
    between = asyncio.Event()

    class Held(Delays):
        def next_delay(self) -> float:
            between.set()
            return 0.2

    async with ScriptedVenue(cut(book()), silent).open() as venue:
        async with stream_of(venue, backoff=Held()) as stream:
            await between.wait()
            await stream.subscribe(B)
            await stream.unsubscribe(A)
            client = await venue.has(2)
            await client.hears(1)
            assert client.said == [{"type": "market", "assets_ids": [B]}]


@in_loop
async def test_what_is_wanted_already_is_not_asked_for_again() -> None:
    async with ScriptedVenue(quiet).open() as venue, stream_of(venue) as stream:
        await ready(stream)
        await stream.subscribe(A)
        await stream.unsubscribe("never wanted")
        await stream.subscribe(B)
        await stream.subscribe(B, "33")
        client = await venue.has(1)
        await client.hears(3)
        assert client.said[1:] == [
            {"operation": "subscribe", "assets_ids": [B]},
            {"operation": "subscribe", "assets_ids": ["33"]},
        ]
        assert stream.books[A].ready


@in_loop
async def test_subscribing_on_a_connection_that_just_broke_is_made_up_for_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(frame: str) -> None:
        raise ConnectionClosedError(None, None)

    async with ScriptedVenue(quiet).open() as venue, stream_of(venue) as stream:
        await ready(stream)
        monkeypatch.setattr(stream._socket, "send", broken)
        await stream.subscribe(B)
        (await venue.has(1)).cut()
        client = await venue.has(2)
        await client.hears(1)
        assert client.said == [{"type": "market", "assets_ids": [B, A]}]


@in_loop
async def test_more_tokens_than_the_venue_sends_books_for_are_refused() -> None:
    tokens = [str(number) for number in range(MAX_TOKENS)]
    stream = MarketStream(tokens)
    with pytest.raises(ValueError, match="501 tokens; one stream takes 500"):
        await stream.subscribe("one more")
    assert len(stream.books) == MAX_TOKENS
    with pytest.raises(ValueError, match="use several"):
        MarketStream([*tokens, "one more"])


def test_a_callback_that_nobody_would_await_is_refused() -> None:
    async def on_event(event: dict[str, Any]) -> None: ...

    with pytest.raises(TypeError, match="plain function"):
        MarketStream([A], on_event)  # type: ignore[arg-type]


def test_a_bare_token_id_is_not_taken_for_a_list_of_digits() -> None:
    with pytest.raises(TypeError, match="list of one"):
        MarketStream(A)


# The end


@pytest.fixture
def one_frozen_server() -> Iterator[str]:
    """Accepts in the kernel and is never heard of."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"ws://127.0.0.1:{server.getsockname()[1]}"


@in_loop
async def test_closing_is_quick_and_clean_while_connected() -> None:
    async with ScriptedVenue(quiet).open() as venue, stream_of(venue) as stream:
        await ready(stream)
        client = await venue.has(1)
        began = time.monotonic()
        await stream.close()
        await client.socket.wait_closed()
        assert time.monotonic() - began < 0.9
        assert client.socket.close_code == 1000
        assert not stream.connected
        assert not stream.books[A].ready
        await stream.close()  # twice is no error


@in_loop
async def test_closing_is_quick_while_dialling(one_frozen_server: str) -> None:
    async with MarketStream([A], url=one_frozen_server, timeouts=LONG) as stream:
        await asyncio.sleep(0)
        began = time.monotonic()
        await stream.close()
        assert time.monotonic() - began < 0.9


@in_loop
async def test_closing_is_quick_while_waiting_for_the_next_dial() -> None:
    async with ScriptedVenue(cut()).open() as venue:
        backoff = Backoff(60, 60, minimum_seconds=60)
        async with stream_of(venue, backoff=backoff) as stream:
            await stream.wait_until(lambda: stream.counts["drops"] == 1)
            began = time.monotonic()
        assert time.monotonic() - began < 0.9


@in_loop
async def test_closing_takes_a_second_when_the_server_never_answers() -> None:
    async def stop_reading(client: Client) -> None:
        await client.send(book())
        await client.hears(1)
        client.socket.transport.pause_reading()

    async with ScriptedVenue(stop_reading).open() as venue, stream_of(venue) as stream:
        await ready(stream)
        client = await venue.has(1)
        await client.hears(1)
        began = time.monotonic()
        await stream.close()
        assert time.monotonic() - began < reconnecting_socket.CLOSE_SECONDS + 0.9
        client.cut()


@in_loop
async def test_cancelling_whoever_waits_reaches_them_and_ends_the_stream() -> None:
    async with ScriptedVenue(quiet).open() as venue:

        async def use() -> None:
            async with stream_of(venue) as stream:
                await stream.wait_until(lambda: False)

        using = asyncio.create_task(use())
        client = await venue.has(1)
        await client.hears(1)
        using.cancel()
        with pytest.raises(asyncio.CancelledError):
            await using
        await client.socket.wait_closed()


@in_loop
async def test_waiting_on_a_stream_that_is_closed_raises() -> None:
    async with ScriptedVenue(quiet).open() as venue, stream_of(venue) as stream:
        waiting = asyncio.create_task(stream.wait_until(lambda: False))
        await ready(stream)
        await stream.close()
        with pytest.raises(ConnectionError, match="the stream was closed"):
            await waiting


@in_loop
async def test_an_address_that_is_none_ends_the_stream_with_an_error() -> None:
    began = time.monotonic()
    with pytest.raises(InvalidURI, match="http://example"):
        async with MarketStream([A], url="http://example.com", timeouts=LONG) as stream:
            await stream.wait_until(lambda: False)
    assert time.monotonic() - began < 5
    with pytest.raises(InvalidURI):  # and nobody who did not wait misses it
        async with MarketStream([A], url="http://example.com", timeouts=LONG) as stream:
            await asyncio.wait({stream._task})


def test_nothing_is_logged_above_warning_by_a_drop(caplog: pytest.LogCaptureFixture) -> None:
    test_a_drop_empties_the_books_and_a_fresh_snapshot_restores_them()
    ours = [record for record in caplog.records if record.name == "reconnecting_socket"]
    assert [record.levelno for record in ours] == [logging.WARNING]


def test_doubt_without_a_connection_costs_the_next_one_nothing() -> None:
    stream = MarketStream([A])
    stream.distrust("the test says so")
    assert not stream._distrusted
