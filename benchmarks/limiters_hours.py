"""Hours of demand on a virtual clock: what passes, and the worst window of any kind."""

from __future__ import annotations

import json
import subprocess
import sys
from bisect import bisect_left
from itertools import pairwise
from random import Random
from typing import Any

from limiters_clock import VirtualClock, run
from limiters_peers import TASKS, THREADS

LIMITS = [(3_500, 10.0), (36_000, 600.0)]
OPTIMUM = 216_000  # in an hour
JUMP = 3_600.0


def measured() -> dict[str, dict[str, Any]]:
    """A row for each limiter, from a process of its own: its clock is virtual."""
    reply = subprocess.run(
        [sys.executable, __file__, "--json"], capture_output=True, text=True, check=True
    )
    rows: dict[str, dict[str, Any]] = json.loads(reply.stdout)
    return rows


def worst(sent: list[float], calls: int, seconds: float) -> float:
    """The most calls in any half-open window, beside the limit."""
    # Limiters add floats up: a window is counted a nanosecond short.
    most = max(bisect_left(sent, start + seconds - 1e-9) - i for i, start in enumerate(sent))
    return most / calls


def departures(clock: VirtualClock, name: str, seconds: float, rest: float = 0.0) -> list[float]:
    """When calls leave; with `rest`, demand comes in bursts with up to so many seconds between."""
    random, start, sent = Random(1), clock.now, []
    if name in THREADS:
        call = THREADS[name](LIMITS)
        while clock.now < start + seconds:
            call()
            sent.append(clock.now - start)
            if rest and random.random() < 1e-3:
                clock.now += random.uniform(0, rest)
    else:
        acquire = TASKS[name](LIMITS)

        async def demand() -> None:
            while clock.now < start + seconds:
                await acquire()
                sent.append(clock.now - start)
                if rest and random.random() < 1e-3:
                    clock.now += random.uniform(0, rest)

        run(clock, demand())
    return [at for at in sent if at < seconds]


def after_a_jump(clock: VirtualClock, name: str, jump: float) -> tuple[float, float]:
    """The wall clock is set in the middle of a burst: the longest stall, the worst 10 s."""
    call, start, sent = THREADS[name](LIMITS), clock.now, []
    for number in range(9_000):
        if number == 1_750:
            clock.wall += jump
        call()
        sent.append(clock.now - start)
    stall = max(b - a for a, b in pairwise(sent))
    return stall, worst(sent, *LIMITS[0])


def row(clock: VirtualClock, name: str) -> dict[str, Any]:
    greedy = departures(clock, name, 3_600.0)
    bursts = departures(clock, name, 3_600.0, rest=60.0)
    found: dict[str, Any] = {
        "share": len(greedy) / OPTIMUM,
        "worst": [max(worst(sent, *limit) for sent in (greedy, bursts)) for limit in LIMITS],
    }
    if name in THREADS:
        found["stall"] = after_a_jump(clock, name, -JUMP)[0]
        found["jump"] = after_a_jump(clock, name, JUMP)[1]
    return found


if __name__ == "__main__" and "--json" in sys.argv:
    clock = VirtualClock()
    clock.install()
    print(json.dumps({name: row(clock, name) for name in [*THREADS, *TASKS]}))
