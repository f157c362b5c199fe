"""Venue time, driven by hand: no test here waits for real time to pass."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_clob.clock import NS, Clock

START = 1_790_000_000


class Machine:
    """A computer's two clocks; the wall clock may be set back, the monotonic one may not."""

    def __init__(self) -> None:
        self.wall = START * NS
        self.monotonic = 7 * NS

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.monotonic)

    def run(self, seconds: float) -> None:
        self.wall += round(seconds * NS)
        self.monotonic += round(seconds * NS)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def clock(machine: Machine) -> Clock:
    return machine.clock()


def test_live_clock_runs_with_the_computer(machine: Machine, clock: Clock) -> None:
    machine.run(1.25)
    assert clock.now_ms() == START * 1000 + 1250
    assert clock.now() == START + 1.25


def test_default_clock_tells_wall_time() -> None:
    before = time.time_ns() // 1_000_000
    assert before <= Clock().now_ms() <= time.time_ns() // 1_000_000 + 1


def test_wall_clock_set_back_does_not_move_venue_time(machine: Machine, clock: Clock) -> None:
    machine.wall -= 3600 * NS
    machine.monotonic += NS
    assert clock.now() == START + 1


def test_advance_adds_to_running_time(machine: Machine, clock: Clock) -> None:
    clock.advance(60)
    machine.run(0.5)
    assert clock.now() == START + 60.5


def test_many_small_steps_lose_nothing(clock: Clock) -> None:
    clock.freeze()
    for _ in range(10):
        clock.advance(0.1)
    assert clock.now_ms() == START * 1000 + 1000


def test_frozen_clock_stands_until_it_is_moved(machine: Machine, clock: Clock) -> None:
    clock.freeze()
    machine.run(100)
    assert clock.frozen
    assert clock.now() == START
    clock.advance(5)
    assert clock.now() == START + 5


def test_freeze_takes_a_later_instant(clock: Clock) -> None:
    clock.freeze(START * 1000 + 90_000)
    assert clock.now_ms() == START * 1000 + 90_000


def test_freeze_at_this_millisecond_does_not_lose_its_fraction(
    machine: Machine, clock: Clock
) -> None:
    machine.run(0.0005)
    clock.freeze(START * 1000)
    assert clock.now() == START + 0.0005


def test_unfrozen_clock_runs_on_from_where_it_stood(machine: Machine, clock: Clock) -> None:
    clock.freeze()
    machine.run(100)
    clock.unfreeze()
    machine.run(1)
    assert clock.now() == START + 1


def test_time_cannot_be_moved_back(clock: Clock) -> None:
    with pytest.raises(ValueError, match="only moves forward"):
        clock.advance(-0.001)
    with pytest.raises(ValueError, match=r"begin there with reset\(5\)"):
        clock.freeze(at_ms=5)
    assert clock.now() == START


def test_reset_begins_anew_at_the_wall_clock(machine: Machine, clock: Clock) -> None:
    clock.freeze()
    clock.advance(9_999)
    machine.run(3)
    clock.reset()
    assert not clock.frozen
    assert clock.now() == START + 3


def test_reset_begins_anew_where_it_is_told(machine: Machine, clock: Clock) -> None:
    clock.reset(at_ms=1_000)
    machine.run(2)
    assert clock.now_ms() == 3_000


STEPS = st.one_of(
    st.tuples(st.just("run"), st.floats(0, 1e6)),
    st.tuples(st.just("set wall"), st.floats(-1e6, 1e6)),
    st.tuples(st.just("advance"), st.floats(-10, 1e6)),
    st.tuples(st.just("freeze"), st.none() | st.integers(0, 2 * START * 1000)),
    st.tuples(st.just("unfreeze"), st.none()),
)


@settings(deadline=None)
@given(st.lists(STEPS))
def test_time_never_goes_back_whatever_is_done(steps: list[tuple[str, float | None]]) -> None:
    machine = Machine()
    clock = machine.clock()
    last = clock.now()
    for name, value in steps:
        try:
            if name == "run":
                machine.run(value or 0)
            elif name == "set wall":
                machine.wall += round((value or 0) * NS)
            elif name == "advance":
                clock.advance(value or 0)
            elif name == "freeze":
                clock.freeze(None if value is None else int(value))
            else:
                clock.unfreeze()
        except ValueError:
            pass
        assert clock.now() >= last
        last = clock.now()


# Sleeping


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(10):
            await scenario()

    asyncio.run(limited())


async def turns(count: int = 5) -> None:
    """Let every task that can go on go on."""
    for _ in range(count):
        await asyncio.sleep(0)


def test_advance_cuts_a_live_sleep_short() -> None:
    async def scenario() -> None:
        clock = Clock()
        sleeper = asyncio.create_task(clock.sleep(3600))
        await turns()
        clock.advance(3599)
        await turns()
        assert not sleeper.done()
        clock.advance(1)
        await sleeper

    run(scenario)


def test_time_that_moves_twice_before_the_sleeper_runs_wakes_it_once(clock: Clock) -> None:
    async def scenario() -> None:
        clock.freeze()
        sleeper = asyncio.create_task(clock.sleep(1))
        await turns()
        clock.advance(1)
        clock.advance(1)
        await sleeper

    run(scenario)


def test_live_sleep_ends_by_itself() -> None:
    async def scenario() -> None:
        clock = Clock()
        before = clock.now()
        await clock.sleep(0.02)
        assert clock.now() - before >= 0.02

    run(scenario)


def test_timer_that_fires_early_does_not_end_the_sleep(machine: Machine) -> None:
    async def scenario() -> None:
        clock = machine.clock()  # its monotonic clock stands still: every timer is early
        sleeper = asyncio.create_task(clock.sleep(0.001))
        await asyncio.sleep(0.01)
        assert not sleeper.done()
        machine.run(0.001)
        await sleeper

    run(scenario)


def test_frozen_sleep_lasts_until_time_is_moved(clock: Clock) -> None:
    async def scenario() -> None:
        clock.freeze()
        sleeper = asyncio.create_task(clock.sleep(0.001))
        await asyncio.sleep(0.01)
        assert not sleeper.done()
        clock.advance(0.001)
        await sleeper

    run(scenario)


def test_freeze_holds_those_who_sleep_and_unfreeze_lets_them_go() -> None:
    async def scenario() -> None:
        clock = Clock()
        sleeper = asyncio.create_task(clock.sleep(0.01))
        await turns()
        clock.freeze()
        await asyncio.sleep(0.02)
        assert not sleeper.done()
        clock.unfreeze()
        await sleeper

    run(scenario)


def test_sleepers_wake_in_order_of_their_deadlines(clock: Clock) -> None:
    async def scenario() -> None:
        woken: list[int] = []

        async def sleep(seconds: int) -> None:
            await clock.sleep(seconds)
            woken.append(seconds)

        clock.freeze()
        tasks = [asyncio.create_task(sleep(seconds)) for seconds in (3, 1, 2)]
        await turns()
        clock.advance(10)
        await asyncio.gather(*tasks)
        assert woken == [1, 2, 3]

    run(scenario)


def test_reset_ends_every_sleep(clock: Clock) -> None:
    async def scenario() -> None:
        clock.freeze()
        sleeper = asyncio.create_task(clock.sleep(3600))
        await turns()
        clock.reset()
        await sleeper

    run(scenario)


def test_cancelled_sleep_leaves_nothing_behind(clock: Clock) -> None:
    async def scenario() -> None:
        sleeper = asyncio.create_task(clock.sleep(3600))
        await turns()
        sleeper.cancel()
        await turns()
        clock.advance(3600)
        assert sleeper.cancelled()
        assert not clock._sleepers

    run(scenario)


@pytest.mark.parametrize("seconds", [0, -1])
def test_sleep_of_nothing_returns_at_once_even_when_frozen(clock: Clock, seconds: float) -> None:
    clock.freeze()
    run(lambda: clock.sleep(seconds))


@pytest.mark.parametrize("frozen", [True, False])
def test_a_restored_clock_stands_where_it_stood(
    frozen: bool, machine: Machine, clock: Clock
) -> None:
    if frozen:
        clock.freeze()
    moment = clock.moment()
    then = clock.now_ms()
    clock.advance(100)
    clock.restore(moment)
    assert (clock.now_ms(), clock.frozen) == (then, frozen)


def test_restore_ends_every_sleep(clock: Clock) -> None:
    async def scenario() -> None:
        clock.freeze()
        moment = clock.moment()
        sleeper = asyncio.create_task(clock.sleep(1000))
        await asyncio.sleep(0)
        clock.restore(moment)
        await asyncio.wait_for(sleeper, 1)

    asyncio.run(scenario())
