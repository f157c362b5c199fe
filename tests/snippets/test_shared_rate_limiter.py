"""SharedRateLimiter: several processes, one real Redis that is restarted, killed and frozen."""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
import redis
import shared_rate_limiter
from shared_rate_limiter import SharedRateLimiter
from shared_windows import SharedWindows

from tests.redis_server import RedisServer, running
from tests.snippets.limiter_checks import Limits, assert_no_window_overflows, earliest

LIBRARY = Path(shared_rate_limiter.__file__).parent
PROCESS = Path(__file__).with_name("shared_limiter_process.py")
names = map("limiter {}".format, count())


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that a test may kill."""
    with running(tmp_path) as server:
        yield server


def in_processes(
    url: str, limits: Limits, lateness: float, seconds: float, clock_offsets: list[float]
) -> list[list[float]]:
    """When calls left, for one process per clock offset; all begin together."""
    name = next(names)
    arguments = [str(PROCESS), url, name, json.dumps(limits), str(lateness), str(seconds)]
    processes = [
        subprocess.Popen(
            [sys.executable, *arguments, str(offset)],
            env={**os.environ, "PYTHONPATH": str(LIBRARY)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for offset in clock_offsets
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def jain(shares: list[int]) -> float:
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


# Many processes


@pytest.mark.parametrize("clock_offsets", [[0.0] * 4, [0.0, 3.0, -3.0, 0.0]])
def test_four_processes_share_the_optimum_evenly_and_no_window_overflows(
    redis_server: RedisServer, clock_offsets: list[float]
) -> None:
    limits, lateness = [(40, 0.4), (120, 1.6)], 0.2
    left = in_processes(redis_server.url, limits, lateness, 4.0, clock_offsets)
    merged = sorted(at for each in left for at in each)
    assert_no_window_overflows(merged, limits)
    best = earliest([merged[0]] * 1_000, [(n, seconds + lateness) for n, seconds in limits])
    optimum = len([at for at in best if at <= merged[0] + 3.8])
    granted = len([at for at in merged if at <= merged[0] + 3.8])
    assert granted >= 0.9 * optimum
    assert jain([len(each) for each in left]) >= 0.85


def test_every_slot_is_the_earliest_that_all_windows_allow(redis_server: RedisServer) -> None:
    limits = [(3, 10.0), (7, 100.0)]
    name = next(names)
    mine, theirs = (SharedWindows(redis_server.url, name, limits, lateness=1.0) for _ in range(2))
    slots = [windows.book().first for _ in range(20) for windows in (mine, theirs)]
    best = earliest([slots[0]] * 40, [(3, 11.0), (7, 101.0)])
    assert slots == pytest.approx(best, abs=0.5)
    assert all(later > at - 0.5 for at, later in pairwise(slots))


def test_names_are_apart(redis_server: RedisServer) -> None:
    one, other = (
        SharedWindows(redis_server.url, next(names), [(1, 100.0)], lateness=1.0) for _ in range(2)
    )
    assert one.book().first == pytest.approx(other.book().first, abs=0.5)


def test_redis_keeps_no_more_than_the_windows(redis_server: RedisServer) -> None:
    windows = SharedWindows(redis_server.url, next(names), [(5, 0.2), (20, 0.5)], lateness=0.1)
    for _ in range(50):
        windows.book()
    with redis_server.client as client:
        assert [client.llen(key) for key in windows._keys] == [5, 20]
        assert all(client.pttl(key) > 0 for key in windows._keys)


# Threads of one process


def test_threads_are_served_in_the_order_they_came(redis_server: RedisServer) -> None:
    limiter = SharedRateLimiter(redis_server.url, next(names), 2, 0.1, lateness=0.1)
    served: list[int] = []

    def caller(number: int) -> None:
        limiter.wait_if_needed()
        served.append(number)

    with limiter._line.turn():  # everybody is in line before the first one is served
        callers = [threading.Thread(target=caller, args=(number,)) for number in range(8)]
        for number, each in enumerate(callers):
            each.start()
            while len(limiter._line._line) < number + 2:
                time.sleep(0.001)
    for each in callers:
        each.join(timeout=30)
    assert served == list(range(8))


def test_slot_of_an_interrupted_caller_goes_to_the_next_one(redis_server: RedisServer) -> None:
    limiter = SharedRateLimiter(redis_server.url, next(names), 1, 1.0, lateness=0.5)
    limiter.wait_if_needed()
    start = time.monotonic()
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            limiter.wait_if_needed()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    limiter.wait_if_needed()
    assert time.monotonic() - start < 2.5  # a lost slot would make it 3


class Books:
    """A SharedWindows of which a test decides what happens."""

    def __init__(self, *slots: Any) -> None:
        self.slots = list(slots)
        self.checked = 0

    def book(self) -> Any:
        slot = self.slots.pop(0)
        if isinstance(slot, BaseException):
            raise slot
        return shared_rate_limiter.Slot(*slot)

    def check(self) -> None:
        self.checked += 1


def with_windows(monkeypatch: pytest.MonkeyPatch, *made: Books) -> SharedRateLimiter:
    """A limiter that connects to each of `made` in turn."""
    waiting = list(made)
    monkeypatch.setattr(shared_rate_limiter, "SharedWindows", lambda *_: waiting.pop(0))
    return SharedRateLimiter("redis://unused", "name", 1, 1.0, lateness=0.05, patience=0.0)


def test_slot_that_was_missed_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    books = Books((now, now, now - 0.1), (now, now, now + 60))
    with_windows(monkeypatch, books).wait_if_needed()
    assert books.slots == []


def test_slot_booked_long_ago_is_used_only_if_that_redis_still_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = time.monotonic()
    books = Books((now - 1.0, now + 0.01, now + 60), (now + 60, now, now + 60))
    limiter = with_windows(monkeypatch, books)
    limiter.wait_if_needed()
    assert books.checked == 1
    limiter.wait_if_needed()
    assert books.checked == 1


def test_reply_that_was_not_read_is_not_taken_for_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = time.monotonic()
    interrupted, fresh = Books(KeyboardInterrupt()), Books((now, now, now + 60))
    limiter = with_windows(monkeypatch, interrupted, fresh)
    with pytest.raises(KeyboardInterrupt):
        limiter.wait_if_needed()
    limiter.wait_if_needed()
    assert fresh.slots == []


# Redis goes away


@pytest.mark.parametrize("options", [(), ("--appendonly", "yes")], ids=["memory", "saved to disk"])
def test_after_a_restart_nobody_leaves_for_a_full_window(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    limits = [(3, 0.2), (6, 1.5)]
    with running(tmp_path, *options) as server:
        limiter = SharedRateLimiter(server.url, "orders", 3, 0.2, also=[(6, 1.5)], lateness=0.2)
        left: list[float] = []
        for number in range(9):
            if number == 5:
                server.restart()
                began = time.monotonic()
            limiter.wait_if_needed()
            left.append(time.monotonic())
    assert_no_window_overflows(left, limits)
    assert left[5] > began + 1.5 - 0.2  # the start itself takes a moment


def test_redis_that_began_late_in_a_second_did_not_begin_early_in_it(tmp_path: Path) -> None:
    """It tells its uptime as a difference of whole seconds."""
    with running(tmp_path) as server:
        while not 0.8 < time.time() % 1 < 0.9:
            time.sleep(0.01)
        server.restart()
        began = time.monotonic()
        while time.time() % 1 > 0.5:
            time.sleep(0.01)
        SharedRateLimiter(server.url, "orders", 1, 1.5, lateness=0.2).wait_if_needed()
    assert time.monotonic() > began + 1.5 - 0.2


def test_slot_that_a_redis_booked_before_it_went_is_not_used(own_redis: RedisServer) -> None:
    limiter = SharedRateLimiter(own_redis.url, "orders", 1, 2.0, lateness=0.1)
    limiter.wait_if_needed()
    left: list[float] = []
    caller = threading.Thread(
        target=lambda: left.append(limiter.wait_if_needed() and time.monotonic())
    )
    caller.start()
    while limiter._slot is None:
        time.sleep(0.001)
    own_redis.restart()
    began = time.monotonic()
    caller.join(timeout=30)
    assert left[0] > began + 2.0 - 0.2


def test_without_redis_nobody_leaves_and_the_caller_is_told(own_redis: RedisServer) -> None:
    limiter = SharedRateLimiter(own_redis.url, "orders", 1, 0.1, lateness=0.1, patience=0.3)
    limiter.wait_if_needed()
    own_redis.kill()
    start = time.monotonic()
    with pytest.raises(redis.ConnectionError):
        limiter.wait_if_needed()
    assert time.monotonic() - start >= 0.3
    own_redis.start()
    limiter.wait_if_needed()


def test_redis_that_does_not_answer_lets_nobody_leave(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared_windows.SOCKET_TIMEOUT", 0.1)
    limiter = SharedRateLimiter(own_redis.url, "orders", 1, 0.1, lateness=0.1, patience=0.2)
    limiter.wait_if_needed()
    with own_redis.frozen(), pytest.raises(redis.TimeoutError):
        limiter.wait_if_needed()
    limiter.wait_if_needed()


# Bad input, and the example


@pytest.mark.parametrize("lateness", [0.0, -1.0, float("inf"), float("nan")])
def test_lateness_must_leave_time_for_a_reply(lateness: float) -> None:
    with pytest.raises(ValueError, match="lateness must be more than zero"):
        SharedRateLimiter("redis://127.0.0.1", "name", 1, 1.0, lateness=lateness)


def test_limits_and_guard_must_make_sense() -> None:
    with pytest.raises(ValueError, match="max_calls must be"):
        SharedRateLimiter("redis://127.0.0.1", "name", 0, 1.0)
    with pytest.raises(ValueError, match="guard must be"):
        SharedRateLimiter("redis://127.0.0.1", "name", 1, 1.0, guard=-1.0)


def test_guard_lengthens_the_windows_further(redis_server: RedisServer) -> None:
    limiter = SharedRateLimiter(redis_server.url, next(names), 1, 0.2, guard=0.5, lateness=0.1)
    limiter.wait_if_needed()
    assert limiter.wait_if_needed() == pytest.approx(0.8, abs=0.15)


def test_error_that_is_not_of_the_connection_is_raised_at_once(redis_server: RedisServer) -> None:
    limiter = SharedRateLimiter(redis_server.url, next(names), 1, 0.1, lateness=0.1)
    limiter.wait_if_needed()
    assert limiter._windows is not None
    with redis_server.client as client:
        client.set(limiter._windows._keys[0], "not a list")
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        limiter.wait_if_needed()


def test_example_prints(
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    runpy.run_path(str(LIBRARY / "shared_rate_limiter.py"), run_name="__main__")
    assert capsys.readouterr().out == "10 calls took at least 0.5 s: True\n"
