"""Keep a signer's orders, or its cancels, inside the venue's token bucket."""

from __future__ import annotations

import math
import time

from waiting_line import WaitingLine


class SignerBucket:
    """Refills `rate` tokens a second, holds at most `burst`, starts full. For any threads.

    `guard` seconds of refill stay unspent, for requests that are bunched together on the way.
    """

    def __init__(self, rate: float, burst: float, *, guard: float = 0.0) -> None:
        """Raises ValueError for a rate or guard below zero, or less than 1 token to spend."""
        if not 0 <= guard < math.inf:
            raise ValueError(f"guard must be zero or more seconds, got {guard!r}")
        self._guard = guard
        self._line = WaitingLine()
        self._full_at = -math.inf  # when the bucket is full again if nothing more is taken
        self._paused_until = -math.inf
        self._set(rate, burst)

    def wait_if_needed(self, cost: int = 1) -> float:
        """Block until `cost` tokens are there, take them all, and return the seconds waited.

        A batch costs one token an order. Raises ValueError for a cost below 1 or above `capacity`:
        such a batch never passes and has to be split.
        """
        return self._line.wait(lambda now: self.take(now, cost))

    def change(self, rate: float, burst: float) -> None:
        """Another tier. What is in the bucket stays in it, up to the new burst."""
        with self._line.lock:
            now = time.monotonic()
            level = self._burst - max(0.0, self._full_at - now) * self._rate
            self._set(rate, burst)
            self._full_at = now + (burst - min(burst, level)) / rate

    def update(self, remaining: float) -> None:
        """Spend no more than the venue's count, Poly-RateLimit-Remaining; it may be negative.

        A count above ours changes nothing: it does not know the requests that are still on the way.
        """
        if not math.isfinite(remaining):
            raise ValueError(f"remaining must be a number of tokens, got {remaining!r}")
        with self._line.lock:
            missing = self._burst - remaining
            self._full_at = max(self._full_at, time.monotonic() + missing / self._rate)

    def pause(self, seconds: float) -> None:
        """Let nothing pass for `seconds`: the Retry-After of a 429."""
        if not 0 <= seconds < math.inf:
            raise ValueError(f"seconds must be zero or more, got {seconds!r}")
        with self._line.lock:
            self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    def take(self, now: float, cost: int) -> float:
        """Take the tokens at `now` and return 0.0, or nothing and return the seconds to wait."""
        if not 1 <= cost <= self.capacity:
            raise ValueError(f"cost must be 1 to {self.capacity:g} (split the batch), got {cost!r}")
        ready_at = max(self._full_at - (self.capacity - cost) / self._rate, self._paused_until)
        if now < ready_at:
            return ready_at - now
        self._full_at = max(self._full_at, now) + cost / self._rate
        return 0.0

    def _set(self, rate: float, burst: float) -> None:
        if not 0 < rate < math.inf:
            raise ValueError(f"rate must be more than zero tokens a second, got {rate!r}")
        if not 1 <= (capacity := burst - rate * self._guard) < math.inf:
            raise ValueError(f"burst less rate x guard must be 1 token or more, got {capacity!r}")
        self._rate, self._burst = rate, burst
        self.capacity = capacity  # the most that one batch may cost
