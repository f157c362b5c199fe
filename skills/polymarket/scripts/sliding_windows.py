"""Decide whether one more call fits into every sliding window. No clock, no lock: arithmetic."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from itertools import repeat


def checked_limits(limits: Iterable[tuple[int, float]], guard: float) -> list[tuple[int, float]]:
    """The limits as a list. Raises ValueError for a senseless one, or a negative guard."""
    if not 0 <= guard < math.inf:
        raise ValueError(f"guard must be zero or more seconds, got {guard!r}")
    checked = list(limits)
    for max_calls, window_seconds in checked:
        if not isinstance(max_calls, int) or max_calls < 1:
            raise ValueError(f"max_calls must be a whole number from 1 up, got {max_calls!r}")
        if not 0 < window_seconds < math.inf:
            raise ValueError(f"window_seconds must be more than zero, got {window_seconds!r}")
    if not checked:
        raise ValueError("at least one (max_calls, window_seconds) is needed")
    return checked


class SlidingWindows:
    """At most `max_calls` in any `window_seconds`, for each pair in `limits`.

    Each window keeps the times of its last `max_calls` calls, so memory is bounded by the limits.
    """

    def __init__(self, limits: Iterable[tuple[int, float]], guard: float = 0.0) -> None:
        """`guard` seconds lengthen every window. Raises ValueError for a senseless limit."""
        # Full from the start: the oldest entry is always the call that has to leave the window.
        self._windows = [
            (deque(repeat(-math.inf, max_calls), maxlen=max_calls), window_seconds + guard)
            for max_calls, window_seconds in checked_limits(limits, guard)
        ]

    def take(self, now: float) -> float:
        """Record a call at `now` and return 0.0, or record nothing and return the seconds to wait.

        `now` is in seconds and never goes back.
        """
        for log, seconds in self._windows:
            # "<=", not "<": the sum may be rounded down, and a call a hair early is one too many.
            if now <= log[0] + seconds:
                free_at = max(oldest[0] + length for oldest, length in self._windows)
                return math.nextafter(free_at, math.inf) - now
        for log, _ in self._windows:
            log.append(now)
        return 0.0
