"""Many tokens over several connections, at the venue."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from reconnect_backoff import Backoff
from sharded_stream import ShardedStream
from stream_timeouts import StreamTimeouts
from websockets.exceptions import InvalidURI

from mock_clob.pytest_plugin import MockClob
from tests.snippets.scripted_venue import in_loop


@pytest.fixture
def tokens(mock_clob: MockClob) -> list[str]:
    """Six tokens with books, of a venue without the chain."""
    mock_clob.reset(exchange=1, chain=False)
    markets = list(mock_clob.venue.engine.markets.values())[:3]
    return [token for market in markets for token in market.token_ids]


def quick() -> Backoff:
    return Backoff(0.02, 0.02, minimum_seconds=0.01)


def all_ready(stream: ShardedStream) -> bool:
    return all(book.ready for book in stream.books.values())


def sizes(stream: ShardedStream) -> list[int]:
    return [len(shard.books) for shard in stream.shards]


@in_loop
async def test_tokens_are_spread_and_every_book_comes(tokens: list[str]) -> None:
    async with ShardedStream(tokens[:5], shard_tokens=2) as stream:
        await stream.wait_until(lambda: all_ready(stream))
        assert sizes(stream) == [2, 2, 1]
        assert list(stream.books) == tokens[:5]


@in_loop
async def test_new_tokens_fill_the_room_before_a_new_connection_is_opened(
    tokens: list[str],
) -> None:
    async with ShardedStream(tokens[:3], shard_tokens=2) as stream:
        await stream.unsubscribe(tokens[2])
        await stream.subscribe(tokens[1], *tokens[3:], tokens[3])
        await stream.wait_until(lambda: all_ready(stream))
        assert sizes(stream) == [2, 2, 1]
        assert set(stream.books) == set(tokens) - {tokens[2]}


@in_loop
async def test_a_failure_empties_and_names_the_books_of_one_connection(
    tokens: list[str], mock_clob: MockClob
) -> None:
    downs: list[dict[str, Any]] = []

    def on_event(event: dict[str, Any]) -> None:
        if event["event_type"] == "stream_down":
            downs.append(event | {"ready": [t for t, book in stream.books.items() if book.ready]})

    stream = ShardedStream(tokens[:4], on_event, shard_tokens=2, backoff=quick)
    async with stream:
        await stream.wait_until(lambda: all_ready(stream))
        stream.shards[1].distrust("the test says so")
        await asyncio.to_thread(change_a_level, mock_clob, tokens[2])
        await stream.wait_until(lambda: len(downs) == 1 and all_ready(stream))
    assert downs[0]["token_ids"] == sorted(tokens[2:4])
    assert downs[0]["ready"] == tokens[:2]


def change_a_level(mock_clob: MockClob, token: str) -> None:
    """So that the token's stream has something to look at."""

    def change() -> None:
        venue = mock_clob.venue
        order = next(o for o in venue.engine.open.values() if o.token_id == token)
        assert venue.engine.cancel(order.id, venue.clock.now_ms())
        venue.publish()

    mock_clob.call(change)


@in_loop
async def test_waiting_returns_at_once_when_it_holds_already(tokens: list[str]) -> None:
    async with ShardedStream([]) as stream:
        await stream.wait_until(lambda: stream.books == {})


@in_loop
async def test_a_stream_that_ended_with_an_error_tells_whoever_waits() -> None:
    async def wait() -> None:
        async with ShardedStream(["71"], url="http://no.websocket") as stream:
            await stream.wait_until(lambda: False)

    with pytest.raises(InvalidURI):
        await wait()


@in_loop
async def test_leaving_closes_every_connection(tokens: list[str], mock_clob: MockClob) -> None:
    async with ShardedStream(tokens, shard_tokens=2, timeouts=StreamTimeouts(10, 300)) as stream:
        await stream.wait_until(lambda: all_ready(stream))
        assert mock_clob.call(lambda: mock_clob.venue.hub.open) == 3
    while mock_clob.call(lambda: mock_clob.venue.hub.open):
        await asyncio.sleep(0.001)


def test_a_shard_of_no_tokens_is_refused() -> None:
    with pytest.raises(ValueError, match="shard_tokens must be 1 or more, not 0"):
        ShardedStream([], shard_tokens=0)
