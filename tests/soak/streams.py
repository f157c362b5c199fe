"""Both streams of an account on an event loop of their own, with short timeouts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import book_check
import httpx
from book_check import check_books
from market_stream import MarketStream
from polymarket import SecureClient
from reconnect_backoff import Backoff
from secure_account_reader import account_reader, stream_auth
from stream_timeouts import StreamTimeouts
from user_stream import UserStream

from tests.soak.trader import YES

T = TypeVar("T")
TIMEOUTS = StreamTimeouts(0.2, 1.0)


class Streams:
    def __init__(self, client: SecureClient, since: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="streams")
        self._client, self._since = client, since
        self.fills: list[dict[str, Any]] = []  # every trade event, as it was told

    def __enter__(self) -> Streams:
        self._thread.start()
        self._call(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> None:
        book_check.APART_SECONDS = 0.3
        short = {"timeouts": TIMEOUTS}
        self.market = MarketStream([YES], backoff=Backoff(0.05, 0.2, minimum_seconds=0.02), **short)
        self.account = UserStream(
            stream_auth(self._client),
            account_reader(self._client),
            self._heard,
            since=self._since,
            read_every=1.0,
            backoff=Backoff(0.05, 0.2, minimum_seconds=0.02),
            **short,
        )
        await self.market.__aenter__()
        await self.account.__aenter__()
        self._http = httpx.AsyncClient()
        self._checking = asyncio.create_task(
            check_books(self.market, self._http, every_seconds=1.0)
        )

    async def _close(self) -> None:
        self._checking.cancel()
        with suppress(asyncio.CancelledError):
            await self._checking
        await self._http.aclose()
        await self.market.close()
        await self.account.close()

    def _heard(self, event: dict[str, Any]) -> None:
        if event["event_type"] == "trade":
            self.fills.append(event)

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=60)
