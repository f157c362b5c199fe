"""Stay under call limits that several processes share through Redis, whatever happens to it."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable

import redis
from shared_windows import SharedWindows, Slot
from sliding_windows import checked_limits
from waiting_line import WaitingLine

RETRY_SECONDS = 0.1


class SharedRateLimiter:
    """At most `max_calls` in any `window_seconds`, for all that use this `name` in this Redis.

    For any threads; one for each process, made after a fork. `guard` seconds lengthen every window,
    for calls that are bunched together on the way. So do `lateness` seconds, the most by which a
    call leaves after its slot, because Redis answers slowly or this process did not run.
    """

    def __init__(
        self,
        redis_url: str,
        name: str,
        max_calls: int,
        window_seconds: float,
        *,
        also: Iterable[tuple[int, float]] = (),
        guard: float = 0.0,
        lateness: float = 0.5,
        patience: float = 30.0,
    ) -> None:
        """Raises ValueError for a senseless limit or guard, or a lateness not above zero."""
        limits = checked_limits([(max_calls, window_seconds), *also], guard)
        if not 0 < lateness < math.inf:
            raise ValueError(f"lateness must be more than zero seconds, got {lateness!r}")
        guarded = [(calls, seconds + guard) for calls, seconds in limits]
        self._shared, self._lateness = (redis_url, name, guarded, lateness), lateness
        self._patience = patience
        self._line = WaitingLine()
        self._windows: SharedWindows | None = None
        self._slot: Slot | None = None  # booked there, and not used yet

    def wait_if_needed(self) -> float:
        """Block until one more call is allowed, count it, and return the seconds waited.

        Without Redis nobody leaves: after `patience` seconds without it, redis.ConnectionError or
        redis.TimeoutError is raised. The slot of a caller that is interrupted goes to the next one.
        """
        arrived, gives_up = time.monotonic(), math.inf
        with self._line.turn():
            while True:
                try:
                    if self._slot_used():
                        return time.monotonic() - arrived
                    gives_up = math.inf
                except (redis.ConnectionError, redis.TimeoutError):
                    gives_up = min(gives_up, time.monotonic() + self._patience)
                    if time.monotonic() >= gives_up:
                        raise
                    time.sleep(RETRY_SECONDS)

    def _slot_used(self) -> bool:
        """Wait for a slot and use it; False when it was missed by too much.

        Only the first in line is here, so nothing needs a lock.
        """
        windows, slot = self._windows, self._slot
        self._windows = self._slot = None  # after an error, neither is worth anything
        if windows is None:
            windows = SharedWindows(*self._shared)
        if slot is None:
            slot = windows.book()
        self._windows, self._slot = windows, slot  # for the next one, if this sleep is interrupted
        if (early := slot.first - time.monotonic()) > 0:
            time.sleep(early)
        self._windows = self._slot = None
        if time.monotonic() > slot.asked + self._lateness:
            windows.check()  # what a Redis booked that is gone by now does not count
        self._windows = windows
        return time.monotonic() <= slot.last


if __name__ == "__main__":
    url = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
    limiter = SharedRateLimiter(url, "POST /order", 3, 0.1, also=[(6, 0.3)], lateness=0.1)
    limiter.wait_if_needed()  # long, if that Redis has only just begun
    start = time.monotonic()
    for _ in range(9):
        limiter.wait_if_needed()
    elapsed = time.monotonic() - start
    print(f"10 calls took at least 0.5 s: {elapsed >= 0.5}")
