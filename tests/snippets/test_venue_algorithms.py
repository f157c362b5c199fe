"""What our limiters let out is refused by no way of counting, as far as it can be."""

from __future__ import annotations

import runpy
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
import venue_algorithms
from hypothesis import given, settings
from hypothesis import strategies as st
from paced_limiter import paced_limiter
from sliding_windows import SlidingWindows
from venue_algorithms import (
    Admits,
    fixed_window,
    sliding_log,
    token_bucket,
    window_counter,
)

Limits = Sequence[tuple[int, float]]
# Windows of whole milliseconds: what a venue's own floats lose is not what is tested here.
seconds = st.integers(100, 100_000).map(lambda ms: ms / 1_000)
limits_lists = st.lists(st.tuples(st.integers(2, 8), seconds), min_size=1, max_size=2)
pauses = st.lists(st.floats(0, 30), min_size=1, max_size=60)
jitters = st.one_of(st.just(0.0), st.floats(0, 5))
seeds = st.integers(0, 2**32)
JUST = 1e-6  # the client's guard beyond the jitter, for what floats lose


def arrivals(take: Any, pauses: Sequence[float], jitter: float, seed: int) -> list[float]:
    """When calls reach the venue: let out as early as `take` says, each up to `jitter` late."""
    random, now, reached = Random(seed), 0.0, []
    for pause in pauses:
        now += pause
        while delay := take(now):
            now += delay
        reached.append(now + random.choice([0.0, jitter, random.uniform(0, jitter)]))
    return sorted(reached)


def refused(venue: Sequence[Admits], reached: Sequence[float]) -> int:
    return sum(not all(admits(at) for admits in venue) for at in reached)


@settings(deadline=None, max_examples=150)
@given(limits_lists, pauses, jitters, st.floats(0, 1e3), seeds)
@pytest.mark.parametrize("make", [sliding_log, fixed_window, token_bucket])
def test_windows_with_a_guard_of_the_jitter_are_never_refused(
    make: Any, limits: Limits, pauses: list[float], jitter: float, phase: float, seed: int
) -> None:
    client = SlidingWindows(limits, guard=jitter + JUST)
    venue = [make(calls, length, phase) for calls, length in limits]
    assert refused(venue, arrivals(client.take, pauses, jitter, seed)) == 0


@settings(deadline=None, max_examples=150)
@given(limits_lists, pauses, jitters, st.floats(0, 1e3), seeds)
@pytest.mark.parametrize("make", [sliding_log, fixed_window, token_bucket, window_counter])
def test_paced_calls_are_refused_by_no_way_of_counting(
    make: Any, limits: Limits, pauses: list[float], jitter: float, phase: float, seed: int
) -> None:
    burst = min(calls for calls, _ in limits) // 2
    client = paced_limiter(limits, burst, guard=jitter + JUST)
    reached = arrivals(lambda now: client.take(now, 1), pauses, jitter, seed)
    venue = [make(calls, length, phase) for calls, length in limits]
    assert refused(venue, reached) == 0


def test_paced_calls_get_the_burst_and_the_rate() -> None:
    client, now, sent = paced_limiter([(350, 10.0), (3_600, 600.0)], burst=35), 0.0, 0
    while now < 600:
        delay = client.take(now, 1)
        now, sent = now + delay, sent + (not delay)
    assert sent == pytest.approx(3_600, abs=1)


@pytest.mark.parametrize("burst", [0, 10, 11])
def test_burst_must_leave_something_to_refill(burst: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        paced_limiter([(10, 1.0), (1_000, 10.0)], burst)


# The ways of counting are what they are called


@pytest.mark.parametrize("make", [sliding_log, fixed_window, token_bucket, window_counter])
def test_every_way_takes_a_burst_of_the_limit_and_not_one_more(make: Any) -> None:
    admits = make(5, 10.0, 0.0)
    assert [admits(100.0) for _ in range(6)] == [True] * 5 + [False]


def test_fixed_window_begins_anew_and_a_log_does_not() -> None:
    verdicts = []
    for make in (fixed_window, sliding_log, window_counter):
        admits = make(2, 10.0, 0.0)
        verdicts.append([admits(at) for at in (8.0, 9.0, 11.0, 19.5)])
    assert verdicts == [[True] * 4, [True, True, False, True], [True, True, False, True]]


def test_token_bucket_refills_at_the_rate() -> None:
    admits = token_bucket(2, 10.0, 0.0)
    assert [admits(at) for at in (0.0, 0.0, 4.9, 5.0, 5.0)] == [True, True, False, True, False]


def test_table_says_who_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(venue_algorithms.__file__), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()[1:]
    cells = {
        line[:23].strip(): [int(n.replace(",", "")) for n in line[23:].split()] for line in lines
    }
    assert len(cells) == 9
    for name, (log, fixed, bucket, counter) in cells.items():
        if name.startswith("paced"):
            assert (log, fixed, bucket, counter) == (0, 0, 0, 0)
        else:
            assert (fixed, bucket) == (0, 0)
            assert counter > 400_000
            assert (log > 0) == (name in ("windows, jitter", "windows, stalls"))
