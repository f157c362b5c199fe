"""The comparison of live books with REST, at the venue, with changes that really get lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import book_check
import httpx
import pytest
from book_check import check_books, lasting_difference
from market_stream import MarketStream
from reconnect_backoff import Backoff
from stream_timeouts import StreamTimeouts

from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from tests.snippets.scripted_venue import in_loop

YES, NO = DOCUMENTED.token_ids
SHORT = StreamTimeouts(heartbeat_seconds=0.1, data_timeout_seconds=300)


@pytest.fixture(autouse=True)
def venue(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> MockClob:
    mock_clob.reset(exchange=1, chain=False)
    monkeypatch.setattr(book_check, "APART_SECONDS", 0.05)
    return mock_clob


@asynccontextmanager
async def followed(*tokens: str) -> AsyncIterator[tuple[MarketStream, httpx.AsyncClient]]:
    backoff = Backoff(0.02, 0.02, minimum_seconds=0.01)
    async with (
        httpx.AsyncClient() as http,
        MarketStream(tokens, timeouts=SHORT, backoff=backoff) as stream,
    ):
        await stream.wait_until(lambda: all(book.ready for book in stream.books.values()))
        yield stream, http


def cancel_quote(venue: MockClob, price: int) -> None:
    """Take out the house's order at this price (1e-6 of a dollar): one level goes."""

    def cancel() -> None:
        engine = venue.venue.engine
        order = next(o for o in engine.open.values() if o.token_id == YES and o.price == price)
        assert engine.cancel(order.id, venue.venue.clock.now_ms())
        venue.venue.publish()

    venue.call(cancel)


@in_loop
async def test_a_lost_change_below_the_top_is_found_and_repaired(venue: MockClob) -> None:
    async with followed(YES) as (stream, http):
        venue.call(lambda: venue.venue.hub.skip(1))
        await asyncio.to_thread(cancel_quote, venue, 450_000)
        lost = await lasting_difference(stream, http, YES)
        assert lost == {("bid", Decimal("0.45")): (Decimal(500), Decimal(0))}
        checking = asyncio.create_task(check_books(stream, http, every_seconds=0.05))
        await stream.wait_until(lambda: Decimal("0.45") not in stream.books[YES].bids)
        await stream.wait_until(lambda: stream.books[YES].ready)
        checking.cancel()
        assert stream.counts["resyncs"] == 1
        assert await lasting_difference(stream, http, YES) == {}


@in_loop
async def test_a_difference_that_passes_costs_no_connection(venue: MockClob) -> None:
    async with followed(YES) as (stream, http):
        stream.books[YES].bids[Decimal("0.40")] = Decimal(7)  # REST is behind
        looking = asyncio.create_task(lasting_difference(stream, http, YES))
        await asyncio.sleep(0.04)
        stream.books[YES].bids[Decimal("0.40")] = Decimal(8)  # and the level moves on
        assert await looking == {}


@in_loop
async def test_a_book_that_is_not_ready_or_not_wanted_differs_in_nothing() -> None:
    async with followed(YES) as (stream, http):
        assert await lasting_difference(stream, http, NO) == {}
        stream.books[YES].clear()
        assert await lasting_difference(stream, http, YES) == {}


@in_loop
async def test_rest_that_fails_is_reported_and_asked_again(
    venue: MockClob, caplog: pytest.LogCaptureFixture
) -> None:
    async with followed(YES) as (stream, http):
        venue.fault("server_error", path="/book", times=1)
        checking = asyncio.create_task(check_books(stream, http, every_seconds=0.02))
        while sum(entry.path == "/book" for entry in venue.journal) < 3:
            await asyncio.sleep(0.01)
        checking.cancel()
        assert "was not checked" in caplog.text
        assert stream.counts["resyncs"] == 0


@in_loop
async def test_tokens_that_go_while_books_are_checked_are_left_alone(venue: MockClob) -> None:
    async with followed(YES, NO) as (stream, http):
        checking = asyncio.create_task(check_books(stream, http, every_seconds=0.2))
        await stream.unsubscribe(YES, NO)
        await asyncio.sleep(0.3)
        assert not checking.done()
        assert not [entry for entry in venue.journal if entry.path == "/book"]
        checking.cancel()
