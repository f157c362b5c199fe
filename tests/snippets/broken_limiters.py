"""Limiters that are wrong on purpose, one mistake each: the checks have to find every one."""

from __future__ import annotations

import threading
import time

from waiting_line import WaitingLine

from tests.snippets.limiter_checks import Limits


class EverybodyForThemselves:
    """Right in every window, but whoever wakes first goes first."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.lock = threading.Lock()
        self.log: list[float] = []

    def now(self) -> float:
        return time.monotonic()

    def delay(self, now: float) -> float:
        bounds = [self.log[-n] + seconds for n, seconds in self.limits if len(self.log) >= n]
        return max(0.0, max(bounds, default=now) - now)

    def take(self, now: float) -> float:
        delay = self.delay(now)
        if delay:
            return delay + 1e-12
        self.log.append(now)
        return 0.0

    def wait_if_needed(self) -> float:
        start = self.now()
        while True:
            with self.lock:
                now = self.now()
                delay = self.take(now)
            if not delay:
                return now - start
            time.sleep(delay)


class OneTooMany(EverybodyForThemselves):
    def __init__(self, limits: Limits) -> None:
        super().__init__([(n + 1, seconds) for n, seconds in limits])


class OneTooFew(EverybodyForThemselves):
    def __init__(self, limits: Limits) -> None:
        super().__init__([(max(1, n - 1), seconds) for n, seconds in limits])


class ShortestWindowOnly(EverybodyForThemselves):
    def __init__(self, limits: Limits) -> None:
        super().__init__(limits[:1])


class RoundsDown(EverybodyForThemselves):
    """Lets a call through at `oldest + window` as floats add it up, which may be a hair early."""

    def take(self, now: float) -> float:
        delay = self.delay(now)
        if not delay:
            self.log.append(now)
        return delay


class NoLock(EverybodyForThemselves):
    """Looks, then takes, and nothing keeps the two together."""

    def wait_if_needed(self) -> float:
        start = self.now()
        while delay := self.delay(self.now()):
            time.sleep(delay + 1e-12)
        self.log.append(now := self.now())
        return now - start


class SleepsHoldingItsLock(EverybodyForThemselves):
    def wait_if_needed(self) -> float:
        with self.lock:
            start = self.now()
            while delay := self.take(now := self.now()):
                time.sleep(delay)
            return now - start


class WallClock(EverybodyForThemselves):
    def now(self) -> float:
        return time.time()


class Reserves(EverybodyForThemselves):
    """Books the slot on arrival: a caller that is interrupted takes it along."""

    def wait_if_needed(self) -> float:
        with self.lock:
            now = self.now()
            slot = now + self.delay(now)
            self.log.append(slot)
        if slot > now:
            time.sleep(slot - now)
        return slot - now


class FixedWindow(EverybodyForThemselves):
    """Counts from a window's first call and forgets them all at its end."""

    def take(self, now: float) -> float:
        max_calls, seconds = self.limits[0]
        if self.log and now >= self.log[0] + seconds:
            self.log.clear()
        if len(self.log) == max_calls:
            return self.log[0] + seconds - now
        self.log.append(now)
        return 0.0


class _Stack(WaitingLine):
    def _leave(self, turn: threading.Event) -> None:
        with self.lock:
            self._line.remove(turn)
            if self._line:
                self._line[-1].set()


class _OnlyTheFirstLeaves(WaitingLine):
    def _leave(self, turn: threading.Event) -> None:
        if self._line[0] is turn:
            super()._leave(turn)


class LastComeFirstServed(EverybodyForThemselves):
    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.line: WaitingLine = _Stack()

    def wait_if_needed(self) -> float:
        return self.line.wait(self.take)


class StaysInLine(LastComeFirstServed):
    """A caller that is interrupted keeps its place, and nobody behind it is ever served."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.line = _OnlyTheFirstLeaves()
