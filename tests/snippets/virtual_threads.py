"""Real threads that run one at a time on a virtual clock, in an order that a seed decides.

Its `time` and `threading` stand in for the modules of that name inside the code under test. Turns
change wherever that code touches a lock, an event or the clock. The clock moves only when every
thread waits, so an hour passes in no time and a run repeats from its seed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from random import Random
from types import ModuleType, SimpleNamespace
from unittest.mock import patch


class Stuck(AssertionError):
    """Every thread waits for another one."""


class _Abandoned(BaseException):
    """Unwinds the threads of a run that failed."""


class _Thread:
    def __init__(self, body: Callable[[], None], interrupt_at: float | None) -> None:
        self.body = body
        self.interrupt_at = interrupt_at
        self.began = threading.Event()
        self.gate = threading.Semaphore(0)
        self.ready: Callable[[], bool] = lambda: True
        self.wakes_at: float | None = None
        self.interruptible = False
        self.locks = 0


class VirtualThreads:
    """`start` threads, then `run` them all to their end."""

    def __init__(self, seed: int = 0, now: float = 0.0) -> None:
        self.now = now
        self.wall_offset = 1_800_000_000.0  # from this clock to what time.time() says
        self.slept_with_a_lock = False
        self._random = Random(seed)
        self._alive: list[_Thread] = []
        self._current: _Thread | None = None
        self._failure: BaseException | None = None
        self._over = threading.Event()
        self.time = SimpleNamespace(
            monotonic=self._monotonic,
            time=lambda: self.now + self.wall_offset,
            sleep=self.sleep,
        )
        self.threading = SimpleNamespace(Lock=lambda: _Lock(self), Event=lambda: _Event(self))

    @contextmanager
    def inside(self, *modules: ModuleType) -> Iterator[VirtualThreads]:
        """Give `modules` this clock and these threads."""
        with ExitStack() as stack:
            for module in modules:
                for name in {"time", "threading"} & vars(module).keys():
                    stack.enter_context(patch.object(module, name, getattr(self, name)))
            yield self

    def start(
        self, body: Callable[[], None], at: float = 0.0, interrupt_at: float | None = None
    ) -> None:
        """Run `body` from `at` on. KeyboardInterrupt ends it if it waits at `interrupt_at`."""
        thread = _Thread(body, interrupt_at)
        thread.wakes_at = at
        thread.ready = lambda: self.now >= at
        self._alive.append(thread)

    def run(self) -> None:
        """Until every thread has ended; raises what the first one to fail raised."""
        for thread in self._alive:
            # One by one: under coverage, CPython 3.11 loses a thread that starts while another
            # installs its trace function.
            threading.Thread(target=self._main, args=(thread,), daemon=True).start()
            assert thread.began.wait(10), "a thread did not start"
        self._pass_on()
        self._over.wait()
        if self._failure is not None:
            raise self._failure

    def sleep(self, seconds: float) -> None:
        wake = self.now + seconds
        assert wake > self.now, f"sleeping for {seconds} s gets nowhere"
        if self._current is None:  # outside of `run` there is nobody else
            self.now = wake
            return
        self.slept_with_a_lock |= self._current.locks > 0
        self.block(lambda: self.now >= wake, wakes_at=wake, interruptible=True)

    def block(
        self,
        ready: Callable[[], bool],
        wakes_at: float | None = None,
        interruptible: bool = False,
    ) -> None:
        """Give up the turn until `ready()`."""
        thread = self._current
        if thread is None:
            assert ready(), "there is no other thread that could make this ready"
            return
        thread.ready, thread.wakes_at, thread.interruptible = ready, wakes_at, interruptible
        self._pass_on()
        thread.gate.acquire()
        if self._failure is not None:
            raise _Abandoned
        self._current = thread
        if self._interrupted(thread):
            thread.interrupt_at = None
            raise KeyboardInterrupt

    def count_lock(self, change: int) -> None:
        if self._current is not None:
            self._current.locks += change

    def _monotonic(self) -> float:
        self.block(lambda: True)
        return self.now

    def _interrupted(self, thread: _Thread) -> bool:
        at = thread.interrupt_at
        return thread.interruptible and at is not None and self.now >= at

    def _main(self, thread: _Thread) -> None:
        thread.began.set()
        thread.gate.acquire()
        self._current = thread
        try:
            if self._failure is None:
                thread.body()
        except (KeyboardInterrupt, _Abandoned):
            pass
        except BaseException as error:
            self._failure = self._failure or error
        self._alive.remove(thread)
        self._pass_on()

    def _pass_on(self) -> None:
        """Hand the turn to a thread that can run, after moving the clock if there is none."""
        self._current = None
        while self._alive and self._failure is None:
            runnable = [t for t in self._alive if t.ready() or self._interrupted(t)]
            if runnable:
                self._random.choice(runnable).gate.release()
                return
            moments = [at for t in self._alive for at in (t.wakes_at, t.interrupt_at) if at]
            later = [at for at in moments if at > self.now]
            if later:
                self.now = min(later)
            else:
                self._failure = Stuck(f"{len(self._alive)} threads wait for each other")
        for thread in list(self._alive):  # the run failed: let them unwind
            thread.gate.release()
        self._over.set()


class _Lock:
    def __init__(self, threads: VirtualThreads) -> None:
        self._threads = threads
        self._taken = False

    def __enter__(self) -> None:
        self._threads.block(lambda: not self._taken)
        self._taken = True
        self._threads.count_lock(+1)

    def __exit__(self, *_: object) -> None:
        self._taken = False
        self._threads.count_lock(-1)


class _Event:
    def __init__(self, threads: VirtualThreads) -> None:
        self._threads = threads
        self._set = False

    def set(self) -> None:
        self._set = True

    def wait(self) -> None:
        self._threads.block(lambda: self._set, interruptible=True)
