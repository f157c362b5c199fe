"""The rate limiter for asyncio: same limits, same order, and a cancelled task loses no slot."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable

from sliding_windows import SlidingWindows


class AsyncRateLimiter:
    """At most `max_calls` in any `window_seconds`; `also` adds further (max_calls, window_seconds).

    `guard` seconds lengthen every window. For tasks of one event loop; threads need RateLimiter.
    """

    def __init__(
        self,
        max_calls: int,
        window_seconds: float,
        *,
        also: Iterable[tuple[int, float]] = (),
        guard: float = 0.0,
    ) -> None:
        """Raises ValueError for a limit below 1, a window of no length or a negative guard."""
        self.windows = SlidingWindows([(max_calls, window_seconds), *also], guard)
        self._line: deque[asyncio.Event] = deque()

    async def wait_if_needed(self) -> float:
        """Wait until one more call is allowed, count it, and return the seconds waited."""
        arrived = time.monotonic()  # an event loop's own clock may stand still while it works
        if not self._line and not self.windows.take(arrived):
            return 0.0
        turn = asyncio.Event()
        self._line.append(turn)
        try:
            if self._line[0] is not turn:
                await turn.wait()
            while delay := self.windows.take(now := time.monotonic()):
                await asyncio.sleep(delay)
            return now - arrived
        finally:
            self._line.remove(turn)
            if self._line:
                self._line[0].set()


async def main() -> None:
    limiter = AsyncRateLimiter(max_calls=3, window_seconds=0.1, also=[(6, 0.3)])
    order: list[str] = []

    async def call(name: str) -> None:
        await limiter.wait_if_needed()
        order.append(name)

    tasks = [asyncio.create_task(call(name)) for name in "abcdefghij"]
    await asyncio.sleep(0)  # every task is in line now
    tasks[4].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print("served:", "".join(order))


if __name__ == "__main__":
    asyncio.run(main())
