"""How many grants a second one Redis gives to several processes, over two windows."""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

from shared_rate_limiter import SharedRateLimiter

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.redis_server import running

SECONDS = 4.0
LIMITS = [(5_000_000, 10.0), (120_000_000, 600.0)]  # nobody waits, and nothing is forgotten


def calls_in(url: str, barrier: object, results: object) -> None:
    from shared_windows import SharedWindows

    windows = SharedWindows(url, "bench", LIMITS, lateness=0.5)
    windows._arguments[0] = 0  # this Redis is a moment old: do not wait ten minutes
    limiter = SharedRateLimiter(url, "bench", *LIMITS[0], also=LIMITS[1:])
    limiter._windows = windows
    barrier.wait()  # type: ignore[attr-defined]
    count, ends = 0, time.monotonic() + SECONDS
    while time.monotonic() < ends:
        limiter.wait_if_needed()
        count += 1
    results.put(count)  # type: ignore[attr-defined]


def report() -> None:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        for processes in (1, 4):
            context = multiprocessing.get_context("spawn")
            barrier, results = context.Barrier(processes), context.Queue()
            workers = [
                context.Process(target=calls_in, args=(server.url, barrier, results))
                for _ in range(processes)
            ]
            for worker in workers:
                worker.start()
            total = sum(results.get() for _ in workers)
            for worker in workers:
                worker.join()
            print(f"Redis, {processes} processes: {total / SECONDS:,.0f} grants a second")
        with server.client as client:
            spent = client.info("commandstats")["cmdstat_evalsha"]["usec_per_call"]
        print(f"Redis spends {spent:.1f} us on a grant")
