"""Rate limiters beside each other: worst window, share of the optimum, fairness, cost; a picture.

Run: PYTHONPATH=snippets/library python benchmarks/limiters.py
"""

from __future__ import annotations

import asyncio
import platform
import threading
import time
from collections.abc import Awaitable, Callable

import limiters_hours
import limiters_redis
from limiters_peers import TASKS, THREADS, AsyncCall, Call
from rate_limiter import RateLimiter
from signer_bucket import SignerBucket
from sliding_windows import SlidingWindows

CALLS, ROUNDS = 20_000, 9
WARM_UP = 1.5  # seconds: the first burst is for whoever comes first
FREE = [(10_000_000, 1), (20_000_000, 10)]  # nobody ever waits


def nanoseconds(call: Call) -> float:
    start = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - start) / CALLS * 1e9


async def async_nanoseconds(call: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    for _ in range(CALLS):
        await call()
    return (time.perf_counter() - start) / CALLS * 1e9


def threaded_costs() -> dict[str, float]:
    """Each in locks: the best of the rounds, for others use the machine too."""
    lock = threading.Lock()

    def bare() -> None:
        with lock:
            pass

    full = RateLimiter(3_500, 1e-9, also=[(36_000, 1e-9)])  # full logs, which turn over
    bucket = SignerBucket(1e12, 1e12)
    calls: dict[str, Call] = {name: make(FREE) for name, make in THREADS.items()}
    calls |= {"bare": bare, "RateLimiter": full.wait_if_needed}
    calls["SignerBucket"] = bucket.wait_if_needed
    best: dict[str, float] = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, call in calls.items():
            best[name] = min(best[name], nanoseconds(call))
    return {name: cost / best["bare"] for name, cost in best.items()}


async def async_costs() -> dict[str, float]:
    """Each in asyncio locks."""
    lock = asyncio.Lock()

    async def bare() -> None:
        async with lock:
            pass

    calls: dict[str, AsyncCall] = {name: make(FREE) for name, make in TASKS.items()}
    calls["bare"] = bare
    best: dict[str, float] = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, call in calls.items():
            best[name] = min(best[name], await async_nanoseconds(call))
    return {name: cost / best["bare"] for name, cost in best.items()}


def jain(shares: list[int]) -> float:
    return sum(shares) ** 2 / (len(shares) * max(1, sum(share**2 for share in shares)))


def threaded_shares(call: Call, how_many: int = 64, seconds: float = 6.0) -> list[int]:
    """What each of many threads got that always wanted more, once all of them waited."""
    served, start = [0] * how_many, time.monotonic()

    def body(number: int) -> None:
        while (now := time.monotonic()) < start + seconds:
            served[number] += now > start + WARM_UP
            call()

    callers = [threading.Thread(target=body, args=(number,)) for number in range(how_many)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return served


async def async_shares(call: AsyncCall, how_many: int = 64, seconds: float = 6.0) -> list[int]:
    served, start = [0] * how_many, time.monotonic()

    async def body(number: int) -> None:
        while (now := time.monotonic()) < start + seconds:
            served[number] += now > start + WARM_UP
            await call()

    await asyncio.gather(*(body(number) for number in range(how_many)))
    return served


def table() -> None:
    hours = limiters_hours.measured()
    costs = threaded_costs() | asyncio.run(async_costs())
    busy = [(640, 1), (6_400, 10)]
    print("| | Of the optimum | Worst 10 s / 600 s | Clock -1 h / +1 h | Jain, 64 | Cost |")
    print("|---|---|---|---|---|---|")
    for name, row in hours.items():
        if name in THREADS:
            shares = threaded_shares(THREADS[name](busy))
            clock = f"{row['stall']:,.0f} s / {row['jump']:.2f}"
        else:
            shares, clock = asyncio.run(async_shares(TASKS[name](busy))), "-"
        short, long = row["worst"]
        print(
            f"| {name} | {row['share']:.0%} | {short:.2f} / {long:.2f} | {clock}"
            f" | {jain(shares):.2f} | {costs[name]:.1f} |",
            flush=True,
        )
    print(f"SignerBucket: {costs['SignerBucket']:.1f} locks")


def picture() -> None:
    from limiters_plot import draw

    recipe, both = SlidingWindows([(350, 1.0)]), SlidingWindows(limiters_hours.LIMITS)
    series = {
        "350 in 1 s alone": (greedy(recipe), "C1-"),
        "RateLimiter, both windows": (greedy(both), "C0-"),
    }
    print("drawn:", draw(series, limiters_hours.LIMITS, "average of the last {:g} s".format).name)


def greedy(windows: SlidingWindows, seconds: float = 1_200.0) -> list[float]:
    now, sent = 0.0, []
    while now < seconds:
        if delay := windows.take(now):
            now += delay
        else:
            sent.append(now)
    return sent


if __name__ == "__main__":
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.platform()}")
    picture()
    table()
    limiters_redis.report()
