"""The throttle per IP address: sliding windows that delay. Sans-IO: seconds in, verdicts out.

A request is counted in every window that names it.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from mock_clob.ip_limits import CURRENT_EDITION, Group, Window, groups, groups_of


@dataclass(frozen=True)
class Verdict:
    """What the per-IP throttle says of one request."""

    delay: float = 0.0  # seconds to hold the request back; 0 when rejected
    rejected: bool = False  # answer 429
    group: str = ""  # the group that made it wait, "" when none did
    retry_after: int = 0  # whole seconds, when rejected


BLOCK = 256


class _Log:
    """The instants at which one window's requests pass: those of the last span, and bookings."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._at = array("d")  # ascending; as many as the window counts, and the queue

    def earliest(self, at: float) -> float:
        """`at`, or the next instant that could have room when `at` has none.

        An instant has room when no span of the window then holds more than `count`: neither the
        spans before it nor those that begin with it and hold what is booked later.
        """
        count, seconds, booked = self.window.count, self.window.seconds, self._at
        if len(booked) < count:
            return at
        place = bisect_right(booked, at)
        # Spans that `at` would end or lie in. `low` opens the span and `high` closes it, both
        # as they stand now: with `at` between them, the span holds count + 1.
        for low in range(max(0, place - count), min(place, len(booked) - count + 1)):
            high = low + count - 1
            if high < place:  # `at` closes the span
                if booked[low] + seconds > at:
                    return booked[low] + seconds
            elif booked[low] + seconds > booked[high]:
                return booked[high]
        # The span that `at` opens.
        closes = place + count - 1
        if closes < len(booked) and at + seconds > booked[closes]:
            return booked[closes]
        return at

    def book(self, at: float) -> None:
        self._at.insert(bisect_right(self._at, at), at)

    def forget(self, now: float) -> None:
        """Drop what no span that ends now or later can hold, in blocks: a cut is linear."""
        booked, seconds = self._at, self.window.seconds
        if len(booked) >= BLOCK and booked[BLOCK - 1] + seconds <= now:
            del booked[: bisect_right(booked, now, key=lambda at: at + seconds)]


@dataclass
class _Address:
    """One IP address: a log for each window it has used, and what waits."""

    logs: dict[str, tuple[_Log, ...]] = field(default_factory=dict)
    waiting: list[float] = field(default_factory=list)  # ascending instants still to come


class IpThrottle:
    """Sliding windows per IP address. A request over a limit waits for the first free instant.

    The windows are those of an edition, or a table of your own.

    Requests of the same groups pass in order of arrival. A booked instant is spent even if the
    client gives up waiting. What waits longer than `max_delay` seconds, or behind more than
    `max_queue` waiting requests of its address, is rejected and not counted.

    Doubt: the docs say "delayed/queued rather than immediately rejected", and users see 429
    under sustained overshoot; where that begins is not established, hence the two parameters.
    """

    def __init__(
        self,
        edition: str = CURRENT_EDITION,
        time_scale: float = 1.0,
        max_delay: float = 30.0,
        max_queue: int = 1_000,
        max_addresses: int = 256,
        table: tuple[Group, ...] | None = None,
    ) -> None:
        self.groups = groups(edition, time_scale) if table is None else table
        self.max_delay = max_delay
        self.max_queue = max_queue
        self.max_addresses = max_addresses
        self._groups_of = lru_cache(maxsize=4_096)(partial(groups_of, self.groups))
        self._addresses: OrderedDict[str, _Address] = OrderedDict()

    def admit(self, ip: str, method: str, path: str, now: float, *, api: str = "clob") -> Verdict:
        """Count a request that arrives at `now` (seconds, never earlier than the last call's)."""
        address = self._address(ip)
        logs = []
        for group in self._groups_of(api, method, path):
            if group.name not in address.logs:
                address.logs[group.name] = tuple(_Log(window) for window in group.windows)
            for log in address.logs[group.name]:
                log.forget(now)
                logs.append((group, log))

        at, waits_for = now, ""
        settled = False
        while not settled:
            settled = True
            for group, log in logs:
                later = log.earliest(at)
                if later > at:
                    at, waits_for, settled = later, group.name, False

        del address.waiting[: bisect_right(address.waiting, now)]
        if at > now:
            if at - now > self.max_delay or len(address.waiting) >= self.max_queue:
                retry_after = max(1, math.ceil(at - now))
                return Verdict(rejected=True, group=waits_for, retry_after=retry_after)
            address.waiting.insert(bisect_right(address.waiting, at), at)
        for _, log in logs:
            log.book(at)
        return Verdict(delay=at - now, group=waits_for)

    def reset(self) -> None:
        self._addresses.clear()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_groups_of"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._groups_of = lru_cache(maxsize=4_096)(partial(groups_of, self.groups))

    def _address(self, ip: str) -> _Address:
        """The address's state; the least recently seen address is forgotten when there are many."""
        if ip not in self._addresses:
            self._addresses[ip] = _Address()
            if len(self._addresses) > self.max_addresses:
                self._addresses.popitem(last=False)
        self._addresses.move_to_end(ip)
        return self._addresses[ip]
