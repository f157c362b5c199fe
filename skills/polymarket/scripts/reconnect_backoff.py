"""How long to wait before the next connection: full jitter under a ceiling that doubles.

No relation to the package `backoff` on PyPI: the name here must not hide it.
"""

from __future__ import annotations

import random

STABLE_SECONDS = 30.0


class Backoff:
    """Each delay is drawn between `minimum_seconds` and a ceiling: 1, 2, 4 s and so on to the cap.

    A cap of 60 s is gentle on a venue that is down for long. For a feed that you trade on take
    10 s: you are back sooner, at the price of more attempts while the venue is down.
    """

    def __init__(
        self,
        first_seconds: float = 1.0,
        cap_seconds: float = 60.0,
        *,
        minimum_seconds: float = 0.5,
        rng: random.Random | None = None,
    ) -> None:
        """Raises ValueError unless 0 < minimum <= first <= cap."""
        if not 0 < minimum_seconds <= first_seconds <= cap_seconds:
            raise ValueError(
                f"0 < minimum <= first <= cap does not hold for {minimum_seconds}, {first_seconds},"
                f" {cap_seconds} s"
            )
        self._minimum, self._first, self._cap = minimum_seconds, first_seconds, cap_seconds
        self._ceiling = first_seconds
        self._rng = rng or random.Random()

    def next_delay(self) -> float:
        """Seconds to wait before the next attempt; the ceiling doubles for the one after it."""
        delay = self._rng.uniform(self._minimum, self._ceiling)
        self._ceiling = min(self._cap, self._ceiling * 2)
        return delay

    def connection_was_stable(self, seconds: float) -> bool:
        """Begin anew if the last connection gave signs of life for STABLE_SECONDS.

        Call it when a connection has ended. A successful handshake must not reset anything: a
        server that accepts and closes would be dialled again at full speed.
        """
        stable = seconds >= STABLE_SECONDS
        if stable:
            self._ceiling = self._first
        return stable


if __name__ == "__main__":
    backoff = Backoff(rng=random.Random(7))
    print("venue down:  ", *(f"{backoff.next_delay():.1f}" for _ in range(9)))
    backoff.connection_was_stable(0.2)
    print("closed again:", *(f"{backoff.next_delay():.1f}" for _ in range(3)))
    backoff.connection_was_stable(45.0)
    print("after 45 s:  ", *(f"{backoff.next_delay():.1f}" for _ in range(3)))
