"""Stay under one or several call limits from any number of threads, in the order they came."""

from __future__ import annotations

import time
from collections.abc import Iterable

from sliding_windows import SlidingWindows
from waiting_line import WaitingLine


class RateLimiter:
    """At most `max_calls` in any `window_seconds`; `also` adds further (max_calls, window_seconds).

    `guard` seconds lengthen every window, for calls that are bunched together on the way.
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
        self._line = WaitingLine()

    def wait_if_needed(self) -> float:
        """Block until one more call is allowed, count it, and return the seconds waited."""
        return self._line.wait(self.windows.take)


if __name__ == "__main__":
    limiter = RateLimiter(max_calls=3, window_seconds=0.1, also=[(6, 0.3)])
    start = time.monotonic()
    for _ in range(10):
        limiter.wait_if_needed()
    elapsed = time.monotonic() - start
    print(f"10 calls took at least 0.4 s: {elapsed >= 0.4}")
