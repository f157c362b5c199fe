"""Follow the order books of many tokens through whatever happens to the connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from contextlib import suppress

from live_book import LiveBook, NeedsResync
from liveness import Redial
from reconnect_backoff import Backoff
from reconnecting_socket import Message, ReconnectingSocket
from stream_timeouts import DEFAULT_TIMEOUTS, StreamTimeouts
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

MARKET_URL = "wss://ws-subscriptions-clob.polymarket.com/ws/market"
MAX_TOKENS = 500  # of one connection: with more, the venue sends no first books


class MarketStream(ReconnectingSocket):
    """`books` holds a live book for every token that is wanted; it is the latest state, always.

    A book is empty and not `ready` while there is no connection to vouch for it. `on_event` gets
    every message after the books took it, and {"event_type": "stream_down", "reason": ...}. It
    runs on the event loop: it must not block. What is slow reads `books` in its own time.
    """

    def __init__(
        self,
        token_ids: Iterable[str],
        on_event: Callable[[Message], None] = lambda event: None,
        *,
        url: str = MARKET_URL,
        timeouts: StreamTimeouts = DEFAULT_TIMEOUTS,
        backoff: Backoff | None = None,
    ) -> None:
        """Raises ValueError for more than MAX_TOKENS tokens, TypeError for a bare token id."""
        super().__init__(url, on_event, timeouts, backoff)
        self.books: dict[str, LiveBook] = {}
        self._want(token_ids)
        self._told: set[str] = set()  # what the venue believes that we want
        self._socket: ClientConnection | None = None
        self._sending = asyncio.Lock()
        self._doubts: dict[str, float] = {}  # token -> since when
        self._distrusted = ""

    async def subscribe(self, *token_ids: str) -> None:
        """Follow more tokens, now and on every later connection. ValueError above MAX_TOKENS."""
        self._want(token_ids)
        await self._tell_venue()

    async def unsubscribe(self, *token_ids: str) -> None:
        """Follow them no longer; their books leave `books`."""
        for token_id in token_ids:
            self.books.pop(token_id, None)
            self._doubts.pop(token_id, None)
        await self._tell_venue()

    def distrust(self, reason: str) -> None:
        """Begin anew with fresh books, within a heartbeat: somebody knows that one is wrong."""
        if self.connected:
            self._distrusted = reason

    def _want(self, token_ids: Iterable[str]) -> None:
        if isinstance(token_ids, str):
            raise TypeError("one token id is a list of one, not a string")
        books = {token_id: LiveBook(token_id) for token_id in token_ids} | self.books
        if len(books) > MAX_TOKENS:
            raise ValueError(f"{len(books)} tokens; one stream takes {MAX_TOKENS}: use several")
        self.books = books

    async def _tell_venue(self) -> None:
        async with self._sending:
            if self._socket is None:
                return  # the next connection begins with what is wanted then
            wanted, told = set(self.books), self._told
            self._told = wanted
            for operation, ids in (("subscribe", wanted - told), ("unsubscribe", told - wanted)):
                if ids:
                    frame = json.dumps({"operation": operation, "assets_ids": sorted(ids)})
                    with suppress(ConnectionClosed):
                        await self._socket.send(frame)

    async def _subscribe(self, socket: ClientConnection) -> None:
        async with self._sending:
            self._told = set(self.books)
            first = {"type": "market", "assets_ids": sorted(self._told)}
            await socket.send(json.dumps(first))
            self._socket = socket

    def _heard(self, message: Message) -> None:
        kind = message.get("event_type")
        try:
            if kind == "book":
                self._apply(message, {message["asset_id"]})
            elif kind == "price_change":  # has the market's other token too, wanted or not
                self._apply(message, {change["asset_id"] for change in message["price_changes"]})
        except (KeyError, TypeError, NeedsResync) as error:
            raise Redial("resyncs", f"{kind}: {error!r}") from error
        self._tell(message)

    def _apply(self, message: Message, token_ids: set[str]) -> None:
        for token_id in token_ids & self.books.keys():
            book = self.books[token_id]
            book.apply(message)
            if not book.doubt:
                self._doubts.pop(token_id, None)
            else:
                self._doubts.setdefault(token_id, self._last_data)

    def _check(self, now: float) -> None:
        if self._distrusted:
            raise Redial("resyncs", self._distrusted)
        for token_id, since in self._doubts.items():
            if now - since >= self._timeouts.heartbeat_seconds:
                raise Redial("resyncs", f"{token_id}: {self.books[token_id].doubt}")

    def _lost(self) -> None:
        self._socket = None
        self._doubts.clear()
        self._distrusted = ""
        for book in self.books.values():
            book.clear()


async def main() -> None:
    yes = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
    async with MarketStream([yes], backoff=Backoff(cap_seconds=10)) as stream:
        await stream.wait_until(lambda: stream.books[yes].ready)
        book = stream.books[yes]
        print(f"bid {book.best_bid}, ask {book.best_ask}, {stream.counts['connects']} connection")


if __name__ == "__main__":
    asyncio.run(main())
