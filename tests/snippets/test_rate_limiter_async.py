"""AsyncRateLimiter: the guarantees of RateLimiter, for tasks that may be cancelled at any time."""

from __future__ import annotations

import asyncio
import runpy
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import async_rate_limiter
import pytest
from async_rate_limiter import AsyncRateLimiter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.snippets import virtual_loop
from tests.snippets.limiter_checks import Limits, assert_no_window_overflows, assert_prompt


@pytest.fixture(autouse=True, scope="module")
def virtual_clock() -> Iterator[None]:
    """Inside a virtual loop the limiter's clock is that loop's, elsewhere the real one."""

    def monotonic() -> float:
        loop = asyncio.get_running_loop()
        return loop.time() if isinstance(loop, virtual_loop.VirtualLoop) else time.monotonic()

    with patch.object(async_rate_limiter, "time", SimpleNamespace(monotonic=monotonic)):
        yield


windows = st.tuples(st.integers(1, 5), st.floats(1e-3, 1e3))
limits_lists = st.lists(windows, min_size=1, max_size=3)


def make(limits: Limits) -> AsyncRateLimiter:
    (max_calls, seconds), *also = limits
    return AsyncRateLimiter(max_calls, seconds, also=also)


async def serve(
    limiter: AsyncRateLimiter,
    callers: int,
    calls: int = 1,
    cancelled: dict[int, float] | None = None,
) -> tuple[list[int], list[float]]:
    """Who was served in which order and when; `cancelled` says which callers to cancel and when."""
    loop = asyncio.get_running_loop()
    served: list[int] = []
    granted: list[float] = []

    async def body(number: int) -> None:
        for _ in range(calls):
            await limiter.wait_if_needed()
            served.append(number)
            granted.append(loop.time())

    tasks = [asyncio.create_task(body(number)) for number in range(callers)]
    for number, at in (cancelled or {}).items():
        loop.call_at(at, tasks[number].cancel)
    await asyncio.gather(*tasks, return_exceptions=bool(cancelled))
    return served, granted


@settings(deadline=None)
@given(limits_lists, st.lists(st.floats(0, 500), min_size=1, max_size=30))
def test_any_demand_is_let_through_at_the_earliest_instant_allowed(
    limits: Limits, pauses: list[float]
) -> None:
    async def demand() -> tuple[list[float], list[float]]:
        limiter, clock = make(limits), asyncio.get_running_loop().time
        arrivals, granted = [], []
        for pause in pauses:
            await asyncio.sleep(pause)
            arrivals.append(clock())
            waited = await limiter.wait_if_needed()
            granted.append(clock())
            assert waited == granted[-1] - arrivals[-1]
        return arrivals, granted

    arrivals, granted = virtual_loop.run(demand())
    assert_no_window_overflows(granted, limits)
    assert_prompt(granted, arrivals, limits)


@settings(deadline=None, max_examples=40)
@given(limits_lists)
def test_64_tasks_get_all_that_the_limits_allow_in_turn(limits: Limits) -> None:
    served, granted = virtual_loop.run(serve(make(limits), 64, calls=3))
    assert_no_window_overflows(granted, limits)
    assert_prompt(granted, [0.0] * 192, limits)
    assert all(served.count(number) == 3 for number in range(64))


def test_first_come_first_served() -> None:
    served, _ = virtual_loop.run(serve(make([(2, 1.0), (5, 7.0)]), 16))
    assert served == list(range(16))


def test_nobody_overtakes_when_the_loop_was_busy() -> None:
    async def main() -> list[str]:
        limiter, served = make([(1, 1.0)]), []

        async def body(name: str) -> None:
            await limiter.wait_if_needed()
            served.append(name)

        await limiter.wait_if_needed()
        waiting = asyncio.create_task(body("came first"))
        await asyncio.sleep(0.5)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, virtual_loop.VirtualLoop)
        loop.stall(2.0)  # the slot is free, and whoever waits for it has not run yet
        await body("came later")
        await waiting
        return served

    assert virtual_loop.run(main()) == ["came first", "came later"]


@settings(deadline=None)
@given(st.dictionaries(st.integers(2, 39), st.floats(0.01, 0.99)))
def test_cancelled_tasks_lose_no_slot_and_hold_up_nobody(cancelled: dict[int, float]) -> None:
    limits = [(2, 1.0)]
    served, granted = virtual_loop.run(serve(make(limits), 40, cancelled=cancelled))
    assert served == [number for number in range(40) if number not in cancelled]
    assert_prompt(granted, [0.0] * len(served), limits)


def test_timeout_leaves_the_line() -> None:
    async def main() -> float:
        limiter = make([(1, 10.0)])
        await limiter.wait_if_needed()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(limiter.wait_if_needed(), 2.0)
        return await limiter.wait_if_needed()

    assert virtual_loop.run(main()) == pytest.approx(8.0)


def test_limits_outlive_an_event_loop() -> None:
    limiter = AsyncRateLimiter(1, 0.01)
    assert asyncio.run(limiter.wait_if_needed()) == 0.0
    asyncio.run(limiter.wait_if_needed())
    asyncio.run(limiter.wait_if_needed())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_calls": 0, "window_seconds": 1.0}, "max_calls must be"),
        ({"max_calls": 1, "window_seconds": 0.0}, "window_seconds must be"),
        ({"max_calls": 1, "window_seconds": 1.0, "guard": -1.0}, "guard must be"),
    ],
)
def test_bad_limits_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AsyncRateLimiter(**arguments)


def test_example_serves_everyone_but_the_cancelled_task(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(Path(async_rate_limiter.__file__)), run_name="__main__")
    assert capsys.readouterr().out == "served: abcdfghij\n"


# The checks can fail


class Barges(AsyncRateLimiter):
    """Every task sleeps for itself, and whoever wakes first goes first."""

    async def wait_if_needed(self) -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        while delay := self.windows.take(loop.time()):
            await asyncio.sleep(delay)
        return loop.time() - start


class NeverLeaves(AsyncRateLimiter):
    """A cancelled task keeps its place."""

    async def wait_if_needed(self) -> float:
        turn = asyncio.Event()
        self._line.append(turn)
        if self._line[0] is not turn:
            await turn.wait()
        while delay := self.windows.take(asyncio.get_running_loop().time()):
            await asyncio.sleep(delay)
        self._line.popleft()
        if self._line:
            self._line[0].set()
        return 0.0


def test_order_check_catches_a_limiter_without_a_line() -> None:
    async def main() -> list[int]:
        limiter, served = Barges(1, 1.0), []

        async def body(number: int) -> None:
            await asyncio.sleep(1.0 - number * 0.01)
            await limiter.wait_if_needed()
            served.append(number)

        await limiter.wait_if_needed()
        await asyncio.gather(*(body(number) for number in range(8)))
        return served

    assert virtual_loop.run(main()) != list(range(8))[::-1]


def test_cancellation_check_catches_a_task_that_never_leaves() -> None:
    with pytest.raises(AssertionError, match="every task waits for another one"):
        virtual_loop.run(serve(NeverLeaves(2, 1.0), 8, cancelled={4: 0.5}))
