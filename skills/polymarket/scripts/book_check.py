"""Compare live books with REST: it finds a lost change below the top, which no message shows."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal

import httpx
from live_book import LiveBook, NeedsResync
from market_stream import MarketStream

CLOB = "https://clob.polymarket.com"
APART_SECONDS = 2.0  # between the two looks: REST and the stream may lag behind each other
Difference = dict[tuple[str, Decimal], tuple[Decimal, Decimal]]  # (side, price): (live, REST)
log = logging.getLogger(__name__)


async def check_books(
    stream: MarketStream, http: httpx.AsyncClient, *, every_seconds: float = 60.0
) -> None:
    """For ever: look at every book, and have the stream begin anew if one of them is wrong.

    Costs one GET /book for each token in `every_seconds`, two where the books differ.
    """
    while True:
        for token_id in list(stream.books) or [""]:
            await asyncio.sleep(every_seconds / max(len(stream.books), 1))
            if token_id not in stream.books:
                continue
            try:
                if wrong := await lasting_difference(stream, http, token_id):
                    stream.distrust(f"{token_id}: REST differs at {sorted(wrong)[0]}")
            except (httpx.HTTPError, NeedsResync) as error:
                log.warning("book of %s was not checked: %r", token_id, error)


async def lasting_difference(
    stream: MarketStream, http: httpx.AsyncClient, token_id: str
) -> Difference:
    """The levels that differ now, and differed in the same two sizes APART_SECONDS ago."""
    first = await _difference(stream, http, token_id)
    if not first:
        return {}
    await asyncio.sleep(APART_SECONDS)
    second = await _difference(stream, http, token_id)
    return {level: sizes for level, sizes in second.items() if first.get(level) == sizes}


async def _difference(stream: MarketStream, http: httpx.AsyncClient, token_id: str) -> Difference:
    reply = await http.get(f"{CLOB}/book", params={"token_id": token_id})
    reply.raise_for_status()
    served = LiveBook(token_id)
    served.apply(reply.json())
    live = stream.books.get(token_id)
    if live is None or not live.ready:
        return {}
    zero = Decimal(0)
    return {
        (name, price): (mine.get(price, zero), theirs.get(price, zero))
        for name, mine, theirs in (("bid", live.bids, served.bids), ("ask", live.asks, served.asks))
        for price in mine.keys() | theirs.keys()
        if mine.get(price) != theirs.get(price)
    }


async def main() -> None:
    yes = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
    async with httpx.AsyncClient() as http, MarketStream([yes]) as stream:
        await stream.wait_until(lambda: stream.books[yes].ready)
        print("differs:", await lasting_difference(stream, http, yes))
        del stream.books[yes].bids[Decimal("0.45")]  # as if its message had been lost
        print("differs:", await lasting_difference(stream, http, yes))


if __name__ == "__main__":
    asyncio.run(main())
