"""Between a stream and a consumer that is slower than it: bounded, and with nothing old in it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

Message = dict[str, Any]


class ChangedTokens:
    """Which books changed since the consumer last looked: each token once, the oldest first.

    Use an instance's `put` as `on_event`, then `token = await changed.get()` and read the book:
    it is the latest. A consumer that is slow skips states and never falls behind.
    """

    def __init__(self) -> None:
        self.folded = 0  # changes that came while one of the same token was waiting
        self._waiting: dict[str, None] = {}
        self._some = asyncio.Event()

    def put(self, event: Message) -> None:
        if event["event_type"] == "book":
            tokens = [event["asset_id"]]
        elif event["event_type"] == "price_change":
            tokens = [change["asset_id"] for change in event["price_changes"]]
        else:
            return
        for token in dict.fromkeys(tokens):
            self.folded += token in self._waiting
            self._waiting[token] = None
        self._some.set()

    async def get(self) -> str:
        while not self._waiting:
            self._some.clear()
            await self._some.wait()
        token = next(iter(self._waiting))
        del self._waiting[token]
        return token


class LatestEvents:
    """The last `limit` events, for a consumer that wants each. The oldest make room, counted."""

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError(f"limit must be 1 or more, not {limit}")
        self.dropped = 0
        self._events: deque[Message] = deque(maxlen=limit)
        self._some = asyncio.Event()

    def put(self, event: Message) -> None:
        self.dropped += len(self._events) == self._events.maxlen
        self._events.append(event)
        self._some.set()

    async def get(self) -> Message:
        while not self._events:
            self._some.clear()
            await self._some.wait()
        return self._events.popleft()


async def main() -> None:
    changed, latest = ChangedTokens(), LatestEvents(limit=2)
    for number in range(1_000):
        event = {"event_type": "book", "asset_id": f"token {number % 3}", "number": number}
        changed.put(event)
        latest.put(event)
    print([await changed.get() for _ in range(3)], "folded", changed.folded)
    print([(await latest.get())["number"] for _ in range(2)], "dropped", latest.dropped)


if __name__ == "__main__":
    asyncio.run(main())
