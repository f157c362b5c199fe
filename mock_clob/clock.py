"""Venue time: live, frozen or moved forward by hand. It goes back by `reset` and `restore` only.

Everything that waits in the venue (delays, heartbeats, expiry, settlement) waits on this clock.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

NS = 1_000_000_000


@dataclass(frozen=True)
class Moment:
    """A clock as it stood: venue time and wall time in ns since the Unix epoch."""

    venue_ns: int
    wall_ns: int
    frozen: bool


@dataclass
class _Sleeper:
    deadline: int  # venue nanoseconds
    future: asyncio.Future[None]
    timer: asyncio.TimerHandle | None = None


class Clock:
    """Unix time of the venue. Live by default: the wall clock at the start, then monotonic.

    `now` and `now_ms` may be read from any thread. What moves the clock (`advance`, `freeze`,
    `unfreeze`, `reset`) belongs to the event loop's thread, because it wakes sleepers there.
    """

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns
        self._sleepers: dict[int, _Sleeper] = {}
        self._numbers = itertools.count()
        # (venue time, the monotonic time at which it was that; None while frozen), in ns.
        # One tuple, so that other threads read both halves of the same moment.
        self._base: tuple[int, int | None] = (0, None)
        self.reset()

    @property
    def frozen(self) -> bool:
        return self._base[1] is None

    def now_ms(self) -> int:
        """Whole milliseconds since the Unix epoch."""
        return self._now() // 1_000_000

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        return self._now() / NS

    def advance(self, seconds: float) -> None:
        """Move time forward at once. Whoever sleeps past more than one deadline wakes once."""
        if seconds < 0:
            raise ValueError(f"venue time only moves forward: advance({seconds})")
        start, anchor = self._base
        self._base = (start + round(seconds * NS), anchor)
        self._wake()

    def freeze(self, at_ms: int | None = None) -> None:
        """Stop time, now or at a later instant (Unix milliseconds)."""
        now = self._now()
        at = now if at_ms is None else at_ms * 1_000_000
        if at_ms is not None and at_ms < now // 1_000_000:
            raise ValueError(
                f"venue time only moves forward: it is {now // 1_000_000} ms, "
                f"freeze was asked for {at_ms} ms; begin there with reset({at_ms})"
            )
        self._base = (max(now, at), None)
        self._wake()

    def unfreeze(self) -> None:
        """Let time run on from where it stopped."""
        self._base = (self._now(), self._monotonic_ns())
        self._wake()

    def reset(self, at_ms: int | None = None) -> None:
        """Begin anew, live, at the wall clock's time or at `at_ms`; pending sleeps end now."""
        start = self._wall_ns() if at_ms is None else at_ms * 1_000_000
        self._base = (start, self._monotonic_ns())
        self._wake(everyone=True)

    def moment(self) -> Moment:
        """What `restore` takes."""
        return Moment(self._now(), self._wall_ns(), self.frozen)

    def restore(self, moment: Moment) -> None:
        """Go on from that moment, live or frozen as it was; pending sleeps end now."""
        self._base = (moment.venue_ns, None if moment.frozen else self._monotonic_ns())
        self._wake(everyone=True)

    async def sleep(self, seconds: float) -> None:
        """Return when venue time has moved on by `seconds`."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        sleeper = _Sleeper(self._now() + round(seconds * NS), future)
        number = next(self._numbers)
        self._sleepers[number] = sleeper
        self._arm(sleeper)
        try:
            await future
        finally:
            del self._sleepers[number]
            if sleeper.timer is not None:
                sleeper.timer.cancel()

    def _now(self) -> int:
        start, anchor = self._base
        return start if anchor is None else start + self._monotonic_ns() - anchor

    def _arm(self, sleeper: _Sleeper) -> None:
        """Wake the sleeper if it is due, else set its timer; a frozen clock has no timers."""
        if sleeper.timer is not None:
            sleeper.timer.cancel()
            sleeper.timer = None
        left = sleeper.deadline - self._now()
        if sleeper.future.done():
            return
        if left <= 0:
            sleeper.future.set_result(None)
        elif not self.frozen:
            # An event loop may fire a little early; the timer then looks again.
            loop = sleeper.future.get_loop()
            sleeper.timer = loop.call_later(left / NS, self._arm, sleeper)

    def _wake(self, everyone: bool = False) -> None:
        for sleeper in sorted(self._sleepers.values(), key=lambda each: each.deadline):
            if everyone:
                sleeper.deadline = 0
            self._arm(sleeper)
