"""RateLimiter: never over a limit, never slower than it must be, in order, interrupted or not."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
import waiting_line
from hypothesis import given, settings
from hypothesis import strategies as st
from rate_limiter import RateLimiter
from sliding_windows import SlidingWindows

from tests.snippets import broken_limiters
from tests.snippets import limiter_checks as checks
from tests.snippets.limiter_checks import Limiter, Limits
from tests.snippets.virtual_threads import Stuck, VirtualThreads

seeds = st.integers(0, 2**32)
windows = st.tuples(st.integers(1, 5), st.floats(1e-3, 1e3))
limits_lists = st.lists(windows, min_size=1, max_size=3)


def make(limits: Limits) -> RateLimiter:
    (max_calls, seconds), *also = limits
    return RateLimiter(max_calls, seconds, also=also)


def virtual(seed: int = 0, now: float = 0.0) -> Any:
    return VirtualThreads(seed, now).inside(waiting_line, broken_limiters)


# One caller


@settings(deadline=None)
@given(limits_lists, st.lists(st.floats(0, 500), max_size=30), st.floats(0, 1e9))
def test_any_demand_is_let_through_at_the_earliest_instant_allowed(
    limits: Limits, pauses: list[float], uptime: float
) -> None:
    with virtual(now=uptime) as threads:
        checks.check_demand(make, threads, limits, pauses)


@pytest.mark.parametrize(
    ("limits", "an_hour"),
    [
        ([(3_500, 10), (36_000, 600)], 216_000),
        ([(3_000, 10), (30_000, 600)], 180_000),
        ([(5_000, 10), (120_000, 600)], 720_000),
    ],
)
def test_an_hour_of_demand_gets_the_whole_optimum(limits: Limits, an_hour: int) -> None:
    with virtual() as threads:
        limiter, granted = make(limits), []
        while threads.now < 3_600:
            limiter.wait_if_needed()
            granted.append(threads.now)
    assert len([at for at in granted if at < 3_600]) == an_hour
    checks.assert_no_window_overflows(granted, limits)


@pytest.mark.parametrize("callers", [1, 8, 64])
def test_an_hour_of_many_threads_gets_the_whole_optimum(callers: int) -> None:
    """A fiftieth of 3,500 in 10 s and 36,000 in 600 s."""
    limits, granted = [(70, 10.0), (720, 600.0)], []
    with virtual(callers) as threads:
        limiter = make(limits)

        def body() -> None:
            while threads.now < 3_600:
                limiter.wait_if_needed()
                granted.append(threads.now)

        for _ in range(callers):
            threads.start(body)
        threads.run()
    assert len([at for at in granted if at < 3_600]) == 4_320
    checks.assert_no_window_overflows(sorted(granted), limits)


def test_guard_lengthens_every_window() -> None:
    with virtual() as threads:
        limiter = RateLimiter(2, 1.0, also=[(3, 5.0)], guard=0.5)
        granted = []
        for _ in range(7):
            limiter.wait_if_needed()
            granted.append(threads.now)
    assert granted == pytest.approx([0, 0, 1.5, 5.5, 5.5, 7.0, 11.0])


def arrivals_after_jitter(guard: float, jitter: float) -> list[float]:
    """An hour of calls as the venue sees them, each up to `jitter` seconds late."""
    random, arrivals = Random(7), []
    with virtual() as threads:
        limiter = RateLimiter(50, 10, also=[(400, 120)], guard=guard)
        while threads.now < 3_600:
            threads.now += random.choice([0.0, 0.0, 0.0, 0.1])
            limiter.wait_if_needed()
            arrivals.append(threads.now + random.uniform(0, jitter))
    return sorted(arrivals)


def test_guard_of_the_jitter_keeps_every_window_at_the_venue() -> None:
    arrivals = arrivals_after_jitter(guard=0.5, jitter=0.5)
    checks.assert_no_window_overflows(arrivals, [(50, 10), (400, 120)])


def test_without_a_guard_jitter_overflows_a_window_at_the_venue() -> None:
    arrivals = arrivals_after_jitter(guard=0.0, jitter=0.5)
    with pytest.raises(AssertionError, match="calls within"):
        checks.assert_no_window_overflows(arrivals, [(50, 10), (400, 120)])


def test_returns_the_seconds_waited() -> None:
    with virtual() as threads:
        limiter = RateLimiter(max_calls=1, window_seconds=2)
        assert limiter.wait_if_needed() == 0.0
        threads.now += 0.5
        assert limiter.wait_if_needed() == pytest.approx(1.5)


def test_memory_is_bounded_by_the_windows() -> None:
    taken = SlidingWindows([(10, 1.0), (30, 60.0)])
    for now in range(0, 100_000, 100):
        assert taken.take(float(now)) == 0.0
    assert [len(log) for log, _ in taken._windows] == [10, 30]


@pytest.mark.parametrize("jump", [-3_600.0, 3_600.0])
def test_step_of_the_wall_clock_changes_nothing(jump: float) -> None:
    with virtual() as threads:
        checks.check_wall_clock(make, threads, jump)


# Many callers


@settings(deadline=None, max_examples=40)
@given(seeds, st.lists(windows, min_size=1, max_size=2))
def test_threads_get_all_that_the_limits_allow_and_no_window_overflows(
    seed: int, limits: Limits
) -> None:
    with virtual(seed) as threads:
        checks.check_windows_and_throughput(make, threads, limits)


@settings(deadline=None, max_examples=40)
@given(seeds)
def test_first_come_first_served(seed: int) -> None:
    with virtual(seed) as threads:
        checks.check_order(make, threads)


@pytest.mark.parametrize("seed", range(3))
def test_64_threads_get_even_shares(seed: int) -> None:
    with virtual(seed) as threads:
        checks.check_shares(make, threads)


@settings(deadline=None, max_examples=60)
@given(seeds, st.sets(st.integers(0, 11)))
def test_interrupted_callers_lose_no_slot_and_hold_up_nobody(seed: int, who: set[int]) -> None:
    with virtual(seed) as threads:
        checks.check_interruption(make, threads, who)


@settings(deadline=None, max_examples=20)
@given(seeds)
def test_nobody_sleeps_holding_a_lock(seed: int) -> None:
    with virtual(seed) as threads:
        checks.check_sleep_without_lock(make, threads)


def wait_again_and_again(limiter: RateLimiter) -> None:
    while True:
        limiter.wait_if_needed()


def test_signal_interrupts_a_waiting_caller_and_the_limiter_goes_on() -> None:
    limiter = RateLimiter(max_calls=1, window_seconds=0.2)
    limiter.wait_if_needed()
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        with pytest.raises(KeyboardInterrupt):
            wait_again_and_again(limiter)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    limiter.wait_if_needed()


class Recorded(SlidingWindows):
    """Remembers every call it let through."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.granted: list[float] = []

    def take(self, now: float) -> float:
        delay = super().take(now)
        if not delay:
            self.granted.append(now)
        return delay


def test_64_real_threads_are_all_served_within_the_limit() -> None:
    limiter = RateLimiter(64, 0.05)
    limiter.windows = recorded = Recorded([(64, 0.05)])
    callers = [
        threading.Thread(target=lambda: [limiter.wait_if_needed() for _ in range(4)])
        for _ in range(64)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(timeout=60)
    assert len(recorded.granted) == 256
    assert recorded.granted == sorted(recorded.granted)
    checks.assert_no_window_overflows(recorded.granted, [(64, 0.05)])


# Bad input


@pytest.mark.parametrize("max_calls", [0, -1, 2.5, "3", None])
def test_max_calls_must_be_a_whole_number_from_1_up(max_calls: Any) -> None:
    with pytest.raises(ValueError, match=r"max_calls must be a whole number from 1 up, got"):
        RateLimiter(max_calls, 1.0)


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan"), float("inf")])
def test_window_must_have_a_length(seconds: float) -> None:
    with pytest.raises(ValueError, match="window_seconds must be more than zero, got"):
        RateLimiter(1, 1.0, also=[(1, seconds)])


@pytest.mark.parametrize("guard", [-0.1, float("nan"), float("inf")])
def test_guard_must_not_be_negative(guard: float) -> None:
    with pytest.raises(ValueError, match="guard must be zero or more seconds, got"):
        RateLimiter(1, 1.0, guard=guard)


def test_windows_without_a_limit_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        SlidingWindows([])


# The checks can fail


def saturated(make: Callable[[Limits], Limiter], threads: VirtualThreads) -> None:
    checks.check_windows_and_throughput(make, threads, [(3, 1.0), (7, 5.0)])


def irregular(make: Callable[[Limits], Limiter], threads: VirtualThreads) -> None:
    checks.check_demand(make, threads, [(3, 1.0)], [0.0, 0.9, 0.0, 0.2, 0.0, 0.0])


def rounding(make: Callable[[Limits], Limiter], threads: VirtualThreads) -> None:
    checks.check_demand(make, threads, [(1, 0.1)], [0.0] * 50)


def even_shares(make: Callable[[Limits], Limiter], threads: VirtualThreads) -> None:
    checks.check_shares(make, threads, how_many=16)


def interruption(make: Callable[[Limits], Limiter], threads: VirtualThreads) -> None:
    checks.check_interruption(make, threads, {2, 5, 6, 11})


def wall_clock_back(make: Callable[[Limits], Limiter], threads: VirtualThreads) -> None:
    checks.check_wall_clock(make, threads, -3_600.0)


def wall_clock_ahead(make: Callable[[Limits], Limiter], threads: VirtualThreads) -> None:
    checks.check_wall_clock(make, threads, 3_600.0)


CAUGHT = [
    (broken_limiters.OneTooMany, saturated, "calls within"),
    (broken_limiters.ShortestWindowOnly, saturated, "calls within"),
    (broken_limiters.NoLock, saturated, "calls within"),
    (broken_limiters.OneTooFew, saturated, "is late"),
    (broken_limiters.FixedWindow, irregular, "calls within"),
    (broken_limiters.RoundsDown, rounding, "calls within"),
    (broken_limiters.EverybodyForThemselves, checks.check_order, "served in the order"),
    (broken_limiters.LastComeFirstServed, even_shares, "Jain's index"),
    (broken_limiters.SleepsHoldingItsLock, checks.check_sleep_without_lock, "holding a lock"),
    (broken_limiters.Reserves, interruption, "is late"),
    (broken_limiters.WallClock, wall_clock_back, "is late"),
    (broken_limiters.WallClock, wall_clock_ahead, "calls within"),
]


@pytest.mark.parametrize(("broken", "check", "verdict"), CAUGHT)
def test_check_catches_a_broken_limiter(
    broken: Callable[[Limits], Limiter],
    check: Callable[[Callable[[Limits], Limiter], VirtualThreads], None],
    verdict: str,
) -> None:
    with virtual() as threads, pytest.raises(AssertionError, match=verdict):
        check(broken, threads)


def test_check_catches_a_caller_that_never_leaves_the_line() -> None:
    with virtual() as threads, pytest.raises(Stuck, match="threads wait for each other"):
        interruption(broken_limiters.StaysInLine, threads)


@pytest.mark.parametrize(
    "check", [saturated, irregular, rounding, even_shares, interruption, checks.check_order]
)
def test_the_limiter_passes_where_the_broken_ones_fail(
    check: Callable[[Callable[[Limits], Limiter], VirtualThreads], None],
) -> None:
    with virtual() as threads:
        check(make, threads)
