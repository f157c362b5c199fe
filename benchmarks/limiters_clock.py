"""A virtual clock for a whole process: an hour of demand passes in seconds.

Install it before whatever keeps time is imported. Sleeping moves the clock; other threads than the
main one sleep in real time.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from collections.abc import Coroutine
from typing import Any

real_sleep = time.sleep


class VirtualClock:
    """`now` is the monotonic clock; the wall clock is `wall` seconds ahead of it."""

    def __init__(self) -> None:
        self.now, self.wall = 1_000.0, 1_800_000_000.0

    def install(self) -> None:
        time.monotonic = time.perf_counter = lambda: self.now
        time.monotonic_ns = time.perf_counter_ns = lambda: round(self.now * 1e9)
        time.time = lambda: self.now + self.wall
        time.time_ns = lambda: round((self.now + self.wall) * 1e9)
        time.sleep = self.sleep

    def sleep(self, seconds: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            real_sleep(seconds)
        self.now += max(seconds, 1e-9)


class _Selector(selectors.DefaultSelector):
    clock: VirtualClock

    def select(self, timeout: float | None = None) -> list[Any]:
        self.clock.now += max(timeout or 0.0, 1e-9)  # a loop that waits for nothing takes time too
        return super().select(0)


def run(clock: VirtualClock, main: Coroutine[Any, Any, Any]) -> Any:
    """`asyncio.run` on the virtual clock."""
    selector = _Selector()
    selector.clock = clock
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        return runner.run(main)
