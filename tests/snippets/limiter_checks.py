"""What every limiter has to hold, as checks that run against any class with `wait_if_needed`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Protocol

from tests.snippets.virtual_threads import VirtualThreads

Limits = Sequence[tuple[int, float]]


class Limiter(Protocol):
    def wait_if_needed(self) -> float: ...


Make = Callable[[Limits], Limiter]


def assert_no_window_overflows(granted: Sequence[float], limits: Limits) -> None:
    """In exact arithmetic: `max_calls` + 1 calls in a row never fit into a window."""
    for max_calls, seconds in limits:
        for first, last in zip(granted, granted[max_calls:], strict=False):
            # The sum, rounded, is at most one step off: only then are fractions needed.
            if last <= first + seconds:
                gap = Fraction(last) - Fraction(first)
                assert gap >= Fraction(seconds), f"{max_calls + 1} calls within {float(gap)} s"


def earliest(arrivals: Sequence[float], limits: Limits) -> list[float]:
    """The earliest that any limiter may let calls through which arrive in this order."""
    granted: list[float] = []
    for arrival in arrivals:
        bounds = [granted[-n] + seconds for n, seconds in limits if len(granted) >= n]
        granted.append(max([arrival, *granted[-1:], *bounds]))
    return granted


def assert_prompt(granted: Sequence[float], arrivals: Sequence[float], limits: Limits) -> None:
    """Nobody waits longer than the limits demand, but for one step of the clock at each call."""
    for i, (at, best) in enumerate(zip(granted, earliest(arrivals, limits), strict=True)):
        assert at - best <= 2 * (i + 1) * math.ulp(at), f"call {i} is late by {at - best} s"


def check_windows_and_throughput(make: Make, threads: VirtualThreads, limits: Limits) -> None:
    """Threads that always want more get all the limits allow, and no window overflows."""
    limiter, granted, calls = make(limits), [], 8

    def body() -> None:
        for _ in range(calls):
            limiter.wait_if_needed()
            granted.append(threads.now)

    for _ in range(8):
        threads.start(body)
    threads.run()
    assert_no_window_overflows(granted, limits)
    assert_prompt(granted, [0.0] * 8 * calls, limits)


def check_order(make: Make, threads: VirtualThreads) -> None:
    """First come, first served, and the seconds returned are the seconds that passed."""
    limiter, served = make([(2, 1.0), (5, 7.0)]), []

    def caller(number: int) -> Callable[[], None]:
        def body() -> None:
            arrived = threads.now
            waited = limiter.wait_if_needed()
            served.append(number)
            assert math.isclose(waited, threads.now - arrived, abs_tol=1e-9)

        return body

    for number in range(16):
        threads.start(caller(number), at=number * 0.01)
    threads.run()
    assert served == sorted(served), f"served in the order {served}"


def check_shares(make: Make, threads: VirtualThreads, how_many: int = 64) -> None:
    """Threads that always want more get about as much as each other (Jain's index)."""
    limiter, shares = make([(how_many, 1.0)]), [0] * how_many

    def caller(number: int) -> Callable[[], None]:
        def body() -> None:
            while True:
                limiter.wait_if_needed()
                if threads.now > 5.5:
                    return
                shares[number] += 1

        return body

    for number in range(how_many):
        threads.start(caller(number))
    threads.run()
    jain = sum(shares) ** 2 / (how_many * sum(share**2 for share in shares))
    assert jain >= 0.85, f"Jain's index {jain:.2f}"


def check_interruption(make: Make, threads: VirtualThreads, interrupted: set[int]) -> None:
    """Callers interrupted while they wait cost the others nothing: no slot, no place, no time."""
    limits, callers = [(2, 1.0)], 12
    limiter, served, granted = make(limits), [], []

    def caller(number: int) -> Callable[[], None]:
        def body() -> None:
            limiter.wait_if_needed()
            served.append(number)
            granted.append(threads.now)

        return body

    for number in range(callers):
        # Between the first pair of slots and the second: the first two callers are served by then.
        interrupt_at = 0.5 + number * 0.01 if number in interrupted else None
        threads.start(caller(number), at=number * 0.01, interrupt_at=interrupt_at)
    threads.run()
    left = [number for number in range(callers) if number < 2 or number not in interrupted]
    assert served == left
    assert_prompt(granted, [number * 0.01 for number in left], limits)


def check_sleep_without_lock(make: Make, threads: VirtualThreads) -> None:
    """Whoever sleeps holds no lock."""
    limiter = make([(1, 1.0)])

    def body() -> None:
        limiter.wait_if_needed()
        limiter.wait_if_needed()

    for _ in range(3):
        threads.start(body)
    threads.run()
    assert not threads.slept_with_a_lock, "slept holding a lock"


def check_wall_clock(make: Make, threads: VirtualThreads, jump: float) -> None:
    """A step of the wall clock changes nothing."""
    limits = [(3, 1.0)]
    limiter, granted = make(limits), []
    for number in range(9):
        threads.wall_offset += jump if number == 4 else 0.0
        limiter.wait_if_needed()
        granted.append(threads.now)
    assert_no_window_overflows(granted, limits)
    assert_prompt(granted, [0.0] * 9, limits)


def check_demand(
    make: Make, threads: VirtualThreads, limits: Limits, pauses: Sequence[float]
) -> None:
    """One caller that comes when it likes is let through at the earliest instant allowed."""
    limiter, arrivals, granted = make(limits), [], []
    for pause in pauses:
        threads.now += pause
        arrivals.append(threads.now)
        limiter.wait_if_needed()
        granted.append(threads.now)
    assert_no_window_overflows(granted, limits)
    assert_prompt(granted, arrivals, limits)
