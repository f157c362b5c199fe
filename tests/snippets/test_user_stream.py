"""The user stream against a scripted server and a scripted REST reader."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from account_state import AccountSnapshot
from reconnect_backoff import Backoff
from stream_timeouts import StreamTimeouts
from user_stream import OVERLAP_SECONDS, CredentialsRejected, UserStream

from tests.snippets.scripted_venue import Client, ScriptedVenue, in_loop
from tests.snippets.test_account_state import order, trade

AUTH = {"apiKey": "the-key", "secret": "c2VjcmV0", "passphrase": "the-passphrase"}
LONG = StreamTimeouts(10, 300)


class Refused(Exception):
    def __init__(self, status_code: int | None) -> None:
        super().__init__(f"status {status_code}")
        self.status_code = status_code


class Rest:
    """What GET /data/orders and /data/trades answer, one answer after the other."""

    def __init__(self, *answers: AccountSnapshot | Exception) -> None:
        self._answers = answers or (AccountSnapshot([], []),)
        self.since: list[int] = []
        self.on_read: Callable[[], None] = lambda: None

    def __call__(self, since: int) -> AccountSnapshot:
        answer = self._answers[min(len(self.since), len(self._answers) - 1)]
        self.since.append(since)
        self.on_read()
        if isinstance(answer, Exception):
            raise answer
        return answer


def stream_of(venue: ScriptedVenue, rest: Rest, **options: Any) -> UserStream:
    options = {"timeouts": LONG, "backoff": Backoff(0.01, 0.01, minimum_seconds=0.001)} | options
    return UserStream(AUTH, rest, url=venue.url, **options)


def event(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return content | {"event_type": kind}


async def silent(client: Client) -> None:
    """Takes the subscription, answers PING, sends nothing."""


async def slams(client: Client) -> None:
    """Ends the connection without a word once it knows the credentials."""
    await client.hears(1)
    client.cut()


def sends(*events: dict[str, Any]) -> Any:
    async def script(client: Client) -> None:
        await client.send(*events)

    return script


def told(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["id"], each["status"]) for each in events if "id" in each]


@in_loop
async def test_subscribes_with_the_credentials_and_reads_once_the_subscription_is_taken() -> None:
    rest = Rest()
    async with ScriptedVenue(silent).open() as venue:
        async with stream_of(venue, rest, since=1_000) as stream:
            client = await venue.has(1)
            rest.on_read = lambda: seen.append(list(client.frames))
            seen: list[list[str]] = []
            await stream.wait_until(lambda: stream.reconciled)
        assert client.said == [
            {
                "type": "user",
                "auth": {
                    "apiKey": "the-key",
                    "secret": "c2VjcmV0",
                    "passphrase": "the-passphrase",
                },
            }
        ]
    assert seen[0][1:] == ["PING"]
    assert rest.since == [1_000 - OVERLAP_SECONDS]
    assert stream.counts == {"connects": 1}


@in_loop
async def test_a_fill_made_while_away_is_told_once_by_rest() -> None:
    events: list[dict[str, Any]] = []
    missed = trade("t2", at=1_200)
    rest = Rest(AccountSnapshot([], []), AccountSnapshot([], [trade("t1", at=1_100), missed]))
    first = sends(event("trade", trade("t1", at=1_100)))
    async with ScriptedVenue(first, sends(event("trade", missed))).open() as venue:
        async with stream_of(venue, rest, on_event=events.append, since=1_000) as stream:
            await stream.wait_until(lambda: stream.reconciled and "t1" in stream.state.trades)
            (await venue.has(1)).cut()
            await stream.wait_until(lambda: not stream.reconciled)
            await stream.wait_until(lambda: stream.reconciled)
    assert sorted(told(events)) == [("t1", "MATCHED"), ("t2", "MATCHED")]
    assert [each["event_type"] for each in events].count("stream_down") == 1
    assert rest.since == [1_000 - OVERLAP_SECONDS, 1_100 - OVERLAP_SECONDS]


@in_loop
async def test_duplicates_and_overtaken_events_are_told_once() -> None:
    events: list[dict[str, Any]] = []
    way = ["MINED", "MATCHED", "MINED", "CONFIRMED", "CONFIRMED", "RETRYING"]
    script = sends(
        *(event("trade", trade("t", status)) for status in way),
        *(event("order", order("o", matched)) for matched in ("0", "6", "4", "6")),
        {"event_type": "something_new", "id": "n", "status": ""},
    )
    async with ScriptedVenue(script).open() as venue:
        async with stream_of(venue, Rest(), on_event=events.append) as stream:
            await stream.wait_until(lambda: any(e["event_type"] == "something_new" for e in events))
    assert told([e for e in events if e["event_type"] == "trade"]) == [
        ("t", "MINED"),
        ("t", "CONFIRMED"),
    ]
    assert [e["size_matched"] for e in events if e["event_type"] == "order"] == ["0", "6"]
    assert events[-1]["event_type"] == "something_new" or events[-2]["id"] == "n"


@in_loop
async def test_an_order_that_closed_while_away_is_told() -> None:
    events: list[dict[str, Any]] = []
    filled = trade("t", taker_order_id="o", size="4")
    rest = Rest(AccountSnapshot([order("o")], []), AccountSnapshot([], [filled]))
    async with ScriptedVenue(silent).open() as venue:
        async with stream_of(venue, rest, on_event=events.append) as stream:
            await stream.wait_until(lambda: stream.state.open_orders() == {"o"})
            (await venue.has(1)).cut()
            await stream.wait_until(lambda: stream.state.open_orders() == set())
    closed = next(each for each in events if each.get("type") == "CLOSED_UNSEEN")
    assert (closed["id"], closed["size_matched"]) == ("o", "4")


@in_loop
async def test_an_order_placed_while_the_account_is_being_read_stays_open() -> None:
    release = threading.Event()
    rest = Rest()
    rest.on_read = lambda: release.wait() and None
    async with ScriptedVenue(silent).open() as venue, stream_of(venue, rest) as stream:
        client = await venue.has(1)
        await client.hears(2)
        await client.send(event("order", order("new")))
        await stream.wait_until(lambda: stream.state.open_orders() == {"new"})
        release.set()
        await stream.wait_until(lambda: stream.reconciled)
        assert stream.state.open_orders() == {"new"}


@in_loop
async def test_the_heartbeat_goes_on_while_the_account_is_being_read() -> None:
    release = threading.Event()
    rest = Rest()
    rest.on_read = lambda: release.wait() and None
    async with ScriptedVenue(silent).open() as venue:
        async with stream_of(venue, rest, timeouts=StreamTimeouts(0.05, 30)) as stream:
            client = await venue.has(1)
            await client.hears(6)
            assert not stream.reconciled
            release.set()
            await stream.wait_until(lambda: stream.reconciled)
    assert stream.counts == {"connects": 1}


# Failures


@in_loop
async def test_wrong_credentials_end_the_stream_when_the_server_slams_the_door() -> None:
    async with ScriptedVenue(slams).open() as venue:
        with pytest.raises(CredentialsRejected, match="401"):
            async with stream_of(venue, Rest(Refused(401))) as stream:
                await stream.wait_until(lambda: stream.reconciled)
        assert len(venue.clients) == 1


@in_loop
async def test_wrong_credentials_end_the_stream_when_the_server_says_nothing() -> None:
    class OtherClientsError(Exception):
        status = 401  # as polymarket-client names it

    async with ScriptedVenue(silent).open() as venue:
        with pytest.raises(CredentialsRejected):
            async with stream_of(venue, Rest(OtherClientsError())) as stream:
                await stream.wait_until(lambda: stream.reconciled)
        assert len(venue.clients) == 1


@in_loop
async def test_a_server_that_slams_the_door_on_good_credentials_is_dialled_again() -> None:
    async with ScriptedVenue(slams, slams, silent).open() as venue:
        async with stream_of(venue, Rest()) as stream:
            await stream.wait_until(lambda: stream.reconciled)
            assert stream.counts == {"connects": 3, "drops": 2}


@pytest.mark.parametrize("status", [None, 425, 429, 500, 503])
def test_an_account_that_cannot_be_read_costs_the_connection_and_is_read_again(
    status: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    @in_loop
    async def scenario() -> None:
        rest = Rest(Refused(status), AccountSnapshot([], [trade("t")]))
        events: list[dict[str, Any]] = []
        async with ScriptedVenue(silent).open() as venue:
            async with stream_of(venue, rest, since=500, on_event=events.append) as stream:
                await stream.wait_until(lambda: stream.reconciled)
                assert stream.counts == {"connects": 2, "reconcile_failures": 1, "drops": 1}
        assert told(events) == [("t", "MATCHED")]
        assert rest.since == [500 - OVERLAP_SECONDS] * 2

    scenario()
    assert "reading the account failed" in caplog.text


@in_loop
async def test_what_was_missed_stays_missed_until_a_read_succeeds() -> None:
    """A trade seen on a connection that was never reconciled must not move the next read on."""
    rest = Rest(Refused(500), AccountSnapshot([], []))
    script = sends(event("trade", trade("t9", "CONFIRMED", at=9_000)))
    async with ScriptedVenue(script, silent).open() as venue:
        async with stream_of(venue, rest, since=500) as stream:
            await stream.wait_until(lambda: stream.reconciled)
    assert "t9" in stream.state.trades
    assert rest.since == [500 - OVERLAP_SECONDS] * 2


@in_loop
async def test_an_answer_that_is_no_account_is_a_failed_read() -> None:
    rest = Rest(AccountSnapshot([], [{"status": "MATCHED"}]), AccountSnapshot([], []))
    async with ScriptedVenue(silent).open() as venue, stream_of(venue, rest) as stream:
        await stream.wait_until(lambda: stream.reconciled)
        assert stream.counts["reconcile_failures"] == 1


@pytest.mark.parametrize(
    "message",
    [
        event("trade", {"status": "MATCHED"}),
        event("trade", {"id": "t", "status": "MATCHED", "match_time": "1"}),
        event("trade", trade("t", match_time="", matchtime="soon")),
        event("order", {"id": "o", "status": "LIVE"}),
        event("order", order("o", "many")),
    ],
    ids=[
        "trade without id",
        "trade without sizes",
        "time is text",
        "order without sizes",
        "size is text",
    ],
)
def test_an_event_that_cannot_be_read_is_made_up_for_by_rest(message: dict[str, Any]) -> None:
    @in_loop
    async def scenario() -> None:
        rest = Rest(AccountSnapshot([], []), AccountSnapshot([order("o")], []))
        async with ScriptedVenue(sends(message), silent).open() as venue:
            async with stream_of(venue, rest) as stream:
                await stream.wait_until(lambda: stream.state.open_orders() == {"o"})
                assert stream.counts["resyncs"] == 1
                assert stream.state.trades == {}

    scenario()


@in_loop
async def test_a_read_that_outlives_its_connection_counts_but_does_not_reconcile() -> None:
    events: list[str] = []
    rest = Rest(AccountSnapshot([], [trade("t")]))
    down = threading.Event()
    rest.on_read = lambda: down.wait() and None

    def on_event(each: dict[str, Any]) -> None:
        events.append(each["event_type"])
        if each["event_type"] == "stream_down":
            down.set()

    async with ScriptedVenue(slams, silent).open() as venue:
        async with stream_of(venue, rest, on_event=on_event) as stream:
            await stream.wait_until(lambda: stream.reconciled)
            assert stream.connected
    assert events == ["stream_down", "trade", "stream_reconciled"]


@in_loop
async def test_what_was_read_before_an_unreadable_trade_is_told() -> None:
    events: list[dict[str, Any]] = []
    rest = Rest(
        AccountSnapshot([], [trade("t"), {"status": "MATCHED"}]),
        AccountSnapshot([], [trade("t")]),
    )
    async with ScriptedVenue(silent).open() as venue:
        async with stream_of(venue, rest, on_event=events.append) as stream:
            await stream.wait_until(lambda: stream.reconciled)
    assert told(events) == [("t", "MATCHED")]


@in_loop
async def test_closing_is_quick_while_the_account_is_being_read() -> None:
    release = threading.Event()
    rest = Rest()
    rest.on_read = lambda: release.wait() and None
    async with ScriptedVenue(silent).open() as venue:
        async with stream_of(venue, rest):
            await (await venue.has(1)).hears(2)
            began = time.monotonic()
        assert time.monotonic() - began < 0.9
        await asyncio.sleep(0)
        left = [task for task in asyncio.all_tasks() if "_reconcile" in repr(task)]
        release.set()
        assert left == []


def test_reads_begin_now_unless_told_otherwise() -> None:
    stream = UserStream(AUTH, Rest())
    assert abs(stream._since - time.time()) < 5


def test_credentials_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    @in_loop
    async def scenario() -> None:
        rest = Rest(Refused(500), AccountSnapshot([], []))
        async with ScriptedVenue(slams, silent).open() as venue:
            async with stream_of(venue, rest, on_event=lambda event: 1 / 0) as stream:  # type: ignore[arg-type, return-value]
                await stream.wait_until(lambda: stream.reconciled)

    scenario()
    assert caplog.text
    for secret in ("the-key", "c2VjcmV0", "the-passphrase"):
        assert secret not in caplog.text
