"""The limiters that are compared, each as a function that waits for its turn and returns.

Every factory takes limits, [(calls, whole seconds), ...]. Libraries are imported when they are
needed, so that they see the clock of the process they run in.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from async_rate_limiter import AsyncRateLimiter
from rate_limiter import RateLimiter

Limits = Sequence[tuple[int, float]]
Call = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]


class OneWindow:
    """The usual sketch: one window, wall clock, asleep inside the lock. Only for comparison."""

    def __init__(self, max_calls: int, window_seconds: float) -> None:
        self.max_calls, self.window_seconds = max_calls, window_seconds
        self.calls: deque[float] = deque()
        self.lock = threading.Lock()

    def wait_if_needed(self) -> None:
        with self.lock:
            now = time.time()
            while self.calls and now - self.calls[0] >= self.window_seconds:
                self.calls.popleft()
            if len(self.calls) >= self.max_calls:
                time.sleep(max(0.0, self.calls[0] + self.window_seconds - now))
                now = time.time()
                self.calls.popleft()
            self.calls.append(now)


def ours(limits: Limits) -> Call:
    (calls, seconds), *also = limits
    return RateLimiter(calls, seconds, also=also).wait_if_needed


def sketch(limits: Limits) -> Call:
    """One window, made of the burst: 350 in 1 s for 3,500 in 10 s."""
    calls, seconds = limits[0]
    return OneWindow(max(1, int(calls / seconds)), 1.0).wait_if_needed


def two_sketches(limits: Limits) -> Call:
    stages = [OneWindow(calls, seconds) for calls, seconds in limits]

    def call() -> None:
        for stage in stages:
            stage.wait_if_needed()

    return call


def pyrate(limits: Limits) -> Call:
    from pyrate_limiter import Limiter, Rate

    limiter = Limiter([Rate(calls, int(seconds * 1_000)) for calls, seconds in limits])
    return lambda: limiter.try_acquire("x")


def moving_windows(limits: Limits) -> Call:
    from limits import RateLimitItemPerSecond
    from limits.storage import MemoryStorage
    from limits.strategies import MovingWindowRateLimiter

    windows = MovingWindowRateLimiter(MemoryStorage())
    items = [RateLimitItemPerSecond(calls, int(seconds)) for calls, seconds in limits]

    def call() -> None:
        for item in items:
            while not windows.hit(item, "x"):
                free = windows.get_window_stats(item, "x").reset_time
                time.sleep(max(0.001, free - time.time()))

    return call


def gcra(limits: Limits) -> Call:
    from throttled import MemoryStore, RateLimiterType, Throttled, per_duration

    stages = [
        Throttled(
            key=f"{seconds}",
            using=RateLimiterType.GCRA.value,
            quota=per_duration(timedelta(seconds=seconds), calls, burst=calls),
            timeout=2 * seconds,
            store=MemoryStore(),  # the default one is shared by all
        )
        for calls, seconds in limits
    ]

    def call() -> None:
        for stage in stages:
            while stage.limit().limited:
                pass

    return call


def async_ours(limits: Limits) -> AsyncCall:
    (calls, seconds), *also = limits
    return AsyncRateLimiter(calls, seconds, also=also).wait_if_needed


def leaky(limits: Limits) -> AsyncCall:
    from aiolimiter import AsyncLimiter

    stages = [AsyncLimiter(calls, seconds) for calls, seconds in limits]

    async def call() -> None:
        for stage in stages:
            await stage.acquire()

    return call


THREADS: dict[str, Callable[[Limits], Call]] = {
    "RateLimiter": ours,
    "sketch, one window": sketch,
    "sketch, two in a row": two_sketches,
    "pyrate-limiter": pyrate,
    "limits, moving window": moving_windows,
    "throttled-py, GCRA": gcra,
}
TASKS: dict[str, Callable[[Limits], AsyncCall]] = {
    "AsyncRateLimiter": async_ours,
    "aiolimiter": leaky,
}
