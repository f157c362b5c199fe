"""What a limiter costs when nobody waits, beside a bare lock, and how evenly it serves threads.

Run: PYTHONPATH=snippets/library python benchmarks/limiters.py
"""

from __future__ import annotations

import asyncio
import platform
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable

from async_rate_limiter import AsyncRateLimiter
from rate_limiter import RateLimiter
from signer_bucket import SignerBucket

CALLS, ROUNDS = 100_000, 9
BURST, SUSTAINED = 3_500, 36_000
FREE = 1e-9  # a window so short that nobody ever waits, with a log that is full and rotates


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


class BareLock:
    def __init__(self) -> None:
        self.lock = threading.Lock()

    def wait_if_needed(self) -> None:
        with self.lock:
            pass


def nanoseconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - start) / CALLS * 1e9


async def async_nanoseconds(call: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    for _ in range(CALLS):
        await call()
    return (time.perf_counter() - start) / CALLS * 1e9


def table(title: str, rounds: list[dict[str, float]]) -> None:
    """The best of the rounds (others use the machine too), and each beside the first row."""
    print(title)
    costs = {name: min(costs[name] for costs in rounds) for name in rounds[0]}
    base = next(iter(costs.values()))
    for name, cost in costs.items():
        print(f"  {name:<34} {cost:>5.0f} ns {cost / base:>5.2f} x")


def threaded() -> None:
    burst, sustained = OneWindow(BURST, FREE), OneWindow(SUSTAINED, FREE)

    def two_in_a_row() -> None:
        burst.wait_if_needed()
        sustained.wait_if_needed()

    calls: dict[str, Callable[[], object]] = {
        "with lock: pass": BareLock().wait_if_needed,
        "sketch, one window": OneWindow(BURST, FREE).wait_if_needed,
        "sketch, two in a row": two_in_a_row,
        "RateLimiter, one window": RateLimiter(BURST, FREE).wait_if_needed,
        "RateLimiter, two windows": RateLimiter(
            BURST, FREE, also=[(SUSTAINED, FREE)]
        ).wait_if_needed,
        "SignerBucket": SignerBucket(1e12, 1e12).wait_if_needed,
    }
    rounds = [{name: nanoseconds(call) for name, call in calls.items()} for _ in range(ROUNDS)]
    table("threads, nobody waits", rounds)


async def tasks() -> None:
    lock = asyncio.Lock()

    async def bare() -> None:
        async with lock:
            pass

    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "async with lock: pass": bare,
        "AsyncRateLimiter, one window": AsyncRateLimiter(BURST, FREE).wait_if_needed,
        "AsyncRateLimiter, two windows": AsyncRateLimiter(
            BURST, FREE, also=[(SUSTAINED, FREE)]
        ).wait_if_needed,
    }
    rounds = []
    for _ in range(ROUNDS):
        rounds.append({name: await async_nanoseconds(call) for name, call in calls.items()})
    table("asyncio, nobody waits", rounds)


def shares(call: Callable[[], object], how_many: int, seconds: float) -> float:
    """Jain's index of what each of `how_many` threads got that always wanted more; 1 is even."""
    served, end = [0] * how_many, time.monotonic() + seconds

    def body(number: int) -> None:
        while time.monotonic() < end:
            call()
            served[number] += 1

    callers = [threading.Thread(target=body, args=(number,)) for number in range(how_many)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return sum(served) ** 2 / (how_many * sum(share**2 for share in served))


def fairness() -> None:
    """3,500 in 10 s and 36,000 in 600 s, a hundred times as fast, for 1,300 s of that time."""
    burst, sustained = OneWindow(BURST, 0.1), OneWindow(SUSTAINED, 6.0)
    limiter = RateLimiter(BURST, 0.1, also=[(SUSTAINED, 6.0)])

    def two_in_a_row() -> None:
        burst.wait_if_needed()
        sustained.wait_if_needed()

    print("64 threads that always want more: Jain's index")
    for name, call in [("sketch", two_in_a_row), ("RateLimiter", limiter.wait_if_needed)]:
        print(f"  {name:<34} {shares(call, 64, 13.0):>8.2f}")


if __name__ == "__main__":
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.platform()}")
    threaded()
    asyncio.run(tasks())
    fairness()
