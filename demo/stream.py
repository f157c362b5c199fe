"""A market stream through a drop, a freeze and a lost PONG: its book is the venue's after each.

While the stream is cut, orders keep changing the book. Its timeouts are short here; the guide has
the ones to use.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs
from py_clob_client.order_builder.constants import BUY

from demo.stage import Stage
from mock_clob.scenario import DOCUMENTED

if TYPE_CHECKING:
    from live_book import LiveBook
    from market_stream import MarketStream

YES = DOCUMENTED.token_ids[0]
HEARTBEAT_SECONDS, DATA_TIMEOUT_SECONDS = 0.4, 2.5
PATIENCE_SECONDS = 15.0


def run(stage: Stage) -> None:
    from trading_client import trading_client

    stage.title("Streams: a book that is right again after whatever happens to its socket")
    stage.reset(exchange=1, chain=False)
    asyncio.run(_follow(stage, trading_client()))


async def _follow(stage: Stage, client: ClobClient) -> None:
    from market_stream import MarketStream
    from reconnect_backoff import Backoff
    from stream_timeouts import StreamTimeouts

    hub = stage.venue.hub
    faults: list[tuple[str, Callable[[], object], str]] = [
        ("a dropped connection", hub.drop, "drops"),
        ("a frozen stream that still answers PING", hub.freeze, "data_timeouts"),
        ("a stream that answers no PING", hub.mute_pong, "pong_timeouts"),
    ]
    timeouts = StreamTimeouts(HEARTBEAT_SECONDS, DATA_TIMEOUT_SECONDS)
    backoff = Backoff(0.1, 0.5, minimum_seconds=0.05)
    async with MarketStream([YES], timeouts=timeouts, backoff=backoff) as stream:
        book = stream.books[YES]
        await stream.wait_until(lambda: book.ready)
        for number, (name, cause, counter) in enumerate(faults):
            price = round(0.20 + number / 100, 2)
            seconds = await _survive(stage, client, stream, cause, counter, price)
            same = await asyncio.to_thread(_as_served, client) == book
            stage.check(
                f"the book is right after {name}",
                same and stream.counts[counter] > 0,
                f"noticed and restored in {seconds:.1f} s, bid {book.best_bid} ask {book.best_ask}",
            )


async def _survive(
    stage: Stage,
    client: ClobClient,
    stream: MarketStream,
    cause: Callable[[], object],
    counter: str,
    price: float,
) -> float:
    """Cause a fault, change the book behind the stream's back; seconds until it is ready again."""
    noticed = stream.counts[counter]
    stage.server.call(cause)
    start = time.monotonic()
    order = client.create_order(OrderArgs(token_id=YES, price=price, size=25, side=BUY))
    await asyncio.to_thread(client.post_order, order)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await stream.wait_until(lambda: stream.counts[counter] > noticed)
        stage.server.call(stage.venue.hub.thaw)
        await stream.wait_until(lambda: stream.books[YES].ready)
    return time.monotonic() - start


def _as_served(client: ClobClient) -> LiveBook:
    """The venue's own book, by REST."""
    from live_book import LiveBook

    served = client.get_order_book(YES)
    book = LiveBook(YES)
    book.apply(
        {
            "timestamp": served.timestamp,
            "bids": [vars(level) for level in served.bids],
            "asks": [vars(level) for level in served.asks],
        }
    )
    return book
