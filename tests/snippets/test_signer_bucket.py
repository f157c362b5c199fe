"""SignerBucket: never more than the venue's bucket holds, all of a batch or nothing, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest
import signer_bucket
import waiting_line
from hypothesis import given, settings
from hypothesis import strategies as st
from signer_bucket import SignerBucket

from tests.snippets.virtual_threads import VirtualThreads


def virtual(seed: int = 0, now: float = 0.0) -> Any:
    return VirtualThreads(seed, now).inside(waiting_line, signer_bucket)


def refused(arrivals: Sequence[tuple[float, int]], rate: float, burst: float) -> int:
    """How many of (seconds, cost) a bucket at the venue refuses."""
    tokens, then, count = burst, arrivals[0][0], 0
    for now, cost in arrivals:
        tokens, then = min(burst, tokens + (now - then) * rate), now
        if cost > tokens + 1e-6:  # more than floats can lose
            count += 1
        else:
            tokens -= cost
    return count


def earliest(demand: Sequence[tuple[float, int]], rate: float, burst: float) -> list[float]:
    """When each (arrival, cost) may pass at the earliest, in this order."""
    tokens, then, passed = burst, 0.0, []
    for arrival, cost in demand:
        now = max(arrival, then)
        tokens = min(burst, tokens + (now - then) * rate)
        if tokens < cost:
            now += (cost - tokens) / rate
            tokens = cost
        tokens, then = tokens - cost, now
        passed.append(now)
    return passed


@settings(deadline=None)
@given(
    st.floats(0.1, 1_000),
    st.integers(15, 1_000),
    st.lists(st.tuples(st.floats(0, 60), st.integers(1, 15)), min_size=1, max_size=60),
    st.floats(0, 1e6),
)
def test_any_demand_passes_as_early_as_the_venue_allows_and_none_is_refused(
    rate: float, burst: int, demand: list[tuple[float, int]], uptime: float
) -> None:
    arrivals, passed = [], []
    with virtual(now=uptime) as threads:
        bucket = SignerBucket(rate, burst)
        for pause, cost in demand:
            threads.now += pause
            arrivals.append((threads.now, cost))
            waited = bucket.wait_if_needed(cost)
            passed.append((threads.now, cost))
            assert waited == pytest.approx(threads.now - arrivals[-1][0])
    assert refused(passed, rate, burst) == 0
    best = earliest(arrivals, rate, burst)
    assert [at for at, _ in passed] == pytest.approx(best, abs=1e-6)


def test_ten_minutes_at_the_standard_tier_get_the_burst_and_the_rate() -> None:
    with virtual() as threads:
        bucket, orders = SignerBucket(40, 60), 0
        while threads.now < 600:
            bucket.wait_if_needed()
            orders += 1
    assert orders == pytest.approx(24_060, abs=1)


def test_batch_takes_all_its_tokens_or_waits_for_them() -> None:
    with virtual():
        bucket = SignerBucket(rate=10, burst=20)
        assert bucket.wait_if_needed(15) == 0.0
        assert bucket.wait_if_needed(15) == pytest.approx(1.0)
        assert bucket.wait_if_needed() == pytest.approx(0.1)


def test_large_batch_is_not_starved_by_single_orders_behind_it() -> None:
    served: list[int] = []

    def caller(cost: int) -> Callable[[], None]:
        def body() -> None:
            bucket.wait_if_needed(cost)
            served.append(cost)

        return body

    with virtual() as threads:
        bucket = SignerBucket(rate=10, burst=20)
        for number, cost in enumerate([20, 15, 1, 1, 1]):
            threads.start(caller(cost), at=number * 0.01)
        threads.run()
    assert served == [20, 15, 1, 1, 1]
    assert not threads.slept_with_a_lock


def test_interrupted_batch_takes_no_token() -> None:
    passed: list[float] = []
    with virtual() as threads:
        bucket = SignerBucket(rate=10, burst=20)
        bucket.wait_if_needed(20)
        threads.start(lambda: passed.append(bucket.wait_if_needed(20)), interrupt_at=0.5)
        threads.start(lambda: passed.append(bucket.wait_if_needed(10)), at=0.1)
        threads.run()
    assert passed == pytest.approx([0.9])


# What the venue says


def test_update_takes_over_a_lower_count_of_the_venue() -> None:
    with virtual():
        bucket = SignerBucket(rate=10, burst=20)
        bucket.update(remaining=0)
        assert bucket.wait_if_needed() == pytest.approx(0.1)


def test_update_takes_over_a_debt() -> None:
    with virtual():
        bucket = SignerBucket(rate=10, burst=20)
        bucket.update(remaining=-30)
        assert bucket.wait_if_needed() == pytest.approx(3.1)


def test_update_ignores_a_higher_count() -> None:
    with virtual():
        bucket = SignerBucket(rate=10, burst=20)
        bucket.wait_if_needed(20)
        bucket.update(remaining=20)
        assert bucket.wait_if_needed() == pytest.approx(0.1)


def test_change_keeps_what_is_in_the_bucket() -> None:
    with virtual():
        bucket = SignerBucket(rate=10, burst=20)
        bucket.wait_if_needed(15)
        bucket.change(rate=100, burst=200)
        assert bucket.wait_if_needed(5) == 0.0
        assert bucket.wait_if_needed(100) == pytest.approx(1.0)


def test_change_cuts_what_a_smaller_bucket_cannot_hold() -> None:
    with virtual():
        bucket = SignerBucket(rate=100, burst=200)
        bucket.change(rate=10, burst=20)
        assert bucket.wait_if_needed(20) == 0.0
        assert bucket.wait_if_needed() == pytest.approx(0.1)


def test_change_keeps_a_debt() -> None:
    with virtual():
        bucket = SignerBucket(rate=10, burst=20)
        bucket.update(remaining=-30)
        bucket.change(rate=100, burst=200)
        assert bucket.wait_if_needed() == pytest.approx(0.31)


def test_waiting_batch_that_no_longer_fits_is_refused() -> None:
    refusals: list[ValueError] = []

    def caller() -> None:
        try:
            bucket.wait_if_needed(100)
        except ValueError as error:
            refusals.append(error)

    with virtual() as threads:
        bucket = SignerBucket(rate=100, burst=200)
        bucket.wait_if_needed(200)
        threads.start(caller)
        threads.start(lambda: bucket.change(rate=10, burst=20), at=0.5)
        threads.run()
        assert "split the batch" in str(refusals[0])
        assert bucket.wait_if_needed(20) == 0.0  # it took nothing, and holds up nobody


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32))
def test_change_at_the_very_moment_of_a_grant_loses_nothing(seed: int) -> None:
    with virtual(seed) as threads:
        bucket = SignerBucket(rate=1, burst=4)
        bucket.wait_if_needed(4)
        threads.start(lambda: bucket.wait_if_needed(1) and None)
        threads.start(lambda: bucket.change(rate=2, burst=4), at=1.0)
        threads.run()
        bucket.wait_if_needed(4)
    assert threads.now == 3.0


def test_pause_lets_nothing_pass_and_a_shorter_one_changes_nothing() -> None:
    with virtual():
        bucket = SignerBucket(rate=10, burst=20)
        bucket.pause(5.0)
        bucket.pause(1.0)
        assert bucket.wait_if_needed() == pytest.approx(5.0)
        assert bucket.wait_if_needed(19) == 0.0  # the bucket stayed full meanwhile


def test_pause_holds_back_a_caller_that_waits_already() -> None:
    passed: list[float] = []
    with virtual() as threads:
        bucket = SignerBucket(rate=10, burst=20)
        bucket.wait_if_needed(20)
        threads.start(lambda: passed.append(bucket.wait_if_needed(10)))
        threads.start(lambda: bucket.pause(3.0), at=0.5)
        threads.run()
    assert passed == pytest.approx([3.5])


# The guard


def arrivals_after_jitter(guard: float, jitter: float) -> list[tuple[float, int]]:
    """An hour of batches as the venue sees them, each up to `jitter` seconds late."""
    random, sent = Random(7), []
    with virtual() as threads:
        bucket = SignerBucket(rate=40, burst=60, guard=guard)
        while threads.now < 3_600:
            threads.now += random.choice([0.0, 0.0, 0.1, 2.0])
            cost = random.choice([1, 5, 15])
            bucket.wait_if_needed(cost)
            sent.append((threads.now + random.uniform(0, jitter), cost))
    return sorted(sent)


def test_guard_of_the_jitter_is_never_refused() -> None:
    assert refused(arrivals_after_jitter(guard=0.5, jitter=0.5), rate=40, burst=60) == 0


def test_without_a_guard_jitter_is_refused() -> None:
    assert refused(arrivals_after_jitter(guard=0.0, jitter=0.5), rate=40, burst=60) > 0


def test_guard_is_kept_of_the_count_that_the_venue_reports() -> None:
    with virtual():
        bucket = SignerBucket(rate=40, burst=60, guard=0.5)
        assert bucket.capacity == 40
        bucket.update(remaining=60)
        assert bucket.wait_if_needed(40) == 0.0
        bucket = SignerBucket(rate=40, burst=60, guard=0.5)
        bucket.update(remaining=20)
        assert bucket.wait_if_needed() == pytest.approx(1 / 40)


# Bad input


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_rate_must_be_above_zero(rate: float) -> None:
    with pytest.raises(ValueError, match="rate must be more than zero"):
        SignerBucket(rate, 60)


@pytest.mark.parametrize("guard", [-1, float("nan"), float("inf")])
def test_guard_must_not_be_negative(guard: float) -> None:
    with pytest.raises(ValueError, match="guard must be zero or more"):
        SignerBucket(40, 60, guard=guard)


@pytest.mark.parametrize(("burst", "guard"), [(0, 0), (60, 1.5), (float("nan"), 0)])
def test_bucket_must_hold_a_token_to_spend(burst: float, guard: float) -> None:
    with pytest.raises(ValueError, match="must be 1 token or more"):
        SignerBucket(40, burst, guard=guard)


@pytest.mark.parametrize("cost", [0, -1, 21, float("nan")])
def test_batch_that_can_never_pass_is_refused_at_once(cost: Any) -> None:
    with virtual():
        bucket = SignerBucket(rate=10, burst=20)
        bucket.wait_if_needed(20)
        with pytest.raises(ValueError, match=r"cost must be 1 to 20 \(split the batch\), got"):
            bucket.wait_if_needed(cost)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_pause_must_not_be_negative(value: float) -> None:
    bucket = SignerBucket(rate=10, burst=20)
    with pytest.raises(ValueError, match="seconds must be zero or more"):
        bucket.pause(value)


def test_remaining_must_be_a_number() -> None:
    with pytest.raises(ValueError, match="remaining must be a number of tokens"):
        SignerBucket(rate=10, burst=20).update(float("nan"))
