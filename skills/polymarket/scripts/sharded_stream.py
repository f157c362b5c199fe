"""Follow more tokens than one connection should carry: market streams side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from typing import Self

from live_book import LiveBook
from market_stream import MARKET_URL, MarketStream
from reconnect_backoff import Backoff
from reconnecting_socket import Message
from stream_timeouts import DEFAULT_TIMEOUTS, StreamTimeouts

SHARD_TOKENS = 200  # of one connection. The venue publishes no cap; NautilusTrader takes 200


class ShardedStream:
    """A market stream for any number of tokens. A token stays on the connection it was given.

    A failure empties the books of one connection only, and its `stream_down` names them in
    "token_ids". `backoff` makes one for each connection, so that they do not all dial at once.
    """

    def __init__(
        self,
        token_ids: Iterable[str],
        on_event: Callable[[Message], None] = lambda event: None,
        *,
        shard_tokens: int = SHARD_TOKENS,
        url: str = MARKET_URL,
        timeouts: StreamTimeouts = DEFAULT_TIMEOUTS,
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        if shard_tokens < 1:
            raise ValueError(f"shard_tokens must be 1 or more, not {shard_tokens}")
        self.shards: list[MarketStream] = []
        self._first = token_ids
        self._shard_tokens = shard_tokens
        self._on_event = on_event
        self._url, self._timeouts, self._backoff = url, timeouts, backoff
        self._open = AsyncExitStack()

    @property
    def books(self) -> dict[str, LiveBook]:
        """The live book of every token that is wanted."""
        return {token: book for shard in self.shards for token, book in shard.books.items()}

    async def subscribe(self, *token_ids: str) -> None:
        """Follow more tokens: on connections that have room, then on new ones."""
        known = self.books
        new = [token for token in dict.fromkeys(token_ids) if token not in known]
        for shard in self.shards:
            room = self._shard_tokens - len(shard.books)
            if room > 0 and new:
                await shard.subscribe(*new[:room])
                new = new[room:]
        while new:
            await self._add(new[: self._shard_tokens])
            new = new[self._shard_tokens :]

    async def unsubscribe(self, *token_ids: str) -> None:
        """Follow them no longer. A connection that is left without tokens stays for later ones."""
        for shard in self.shards:
            if mine := shard.books.keys() & set(token_ids):
                await shard.unsubscribe(*mine)

    async def _add(self, token_ids: list[str]) -> None:
        def tell(event: Message) -> None:
            if event["event_type"] == "stream_down":
                event = event | {"token_ids": sorted(shard.books)}
            self._on_event(event)

        backoff = self._backoff()
        shard = MarketStream(
            token_ids, tell, url=self._url, timeouts=self._timeouts, backoff=backoff
        )
        await self._open.enter_async_context(shard)
        self.shards.append(shard)

    async def __aenter__(self) -> Self:
        await self.subscribe(*self._first)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Return when `condition()` holds: now or after a later message of any connection."""
        if condition():
            return
        waits = [asyncio.create_task(shard.wait_until(condition)) for shard in self.shards]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        for wait in done:
            wait.result()


async def main() -> None:
    yes = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
    no = "52114319501245915516055106046884209969926127482827954674443846427813813222426"
    async with ShardedStream([yes, no], shard_tokens=1) as stream:
        await stream.wait_until(lambda: all(book.ready for book in stream.books.values()))
        for token in (yes, no):
            print(f"bid {stream.books[token].best_bid}, ask {stream.books[token].best_ask}")
        print(f"{len(stream.shards)} connections")


if __name__ == "__main__":
    asyncio.run(main())
