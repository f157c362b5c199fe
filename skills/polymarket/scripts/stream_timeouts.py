"""How often to ask the venue for a sign of life, and how long a stream may be without data."""

from __future__ import annotations

from dataclasses import dataclass

# docs.polymarket.com, WebSocket overview (2026-05): send the text PING every 10 s, expect PONG.
VENUE_HEARTBEAT_SECONDS = 10.0


@dataclass(frozen=True)
class StreamTimeouts:
    """`heartbeat_seconds`: between PINGs; two in a row without PONG end the connection.

    `data_timeout_seconds`: without data the connection is replaced, even if PONG keeps coming.
    """

    heartbeat_seconds: float = 5.0
    data_timeout_seconds: float = 300.0

    def __post_init__(self) -> None:
        """Raises ValueError for a heartbeat that the venue does not accept, or no room for one."""
        if not 0 < self.heartbeat_seconds <= VENUE_HEARTBEAT_SECONDS:
            raise ValueError(
                f"the heartbeat must be above 0 and at most {VENUE_HEARTBEAT_SECONDS:g} s,"
                f" not {self.heartbeat_seconds:g}"
            )
        if self.data_timeout_seconds < self.heartbeat_seconds:
            raise ValueError(
                f"the data timeout of {self.data_timeout_seconds:g} s is shorter than the"
                f" heartbeat of {self.heartbeat_seconds:g} s"
            )


TIMEOUTS = {
    "high-frequency": StreamTimeouts(5, 60),
    "dashboard": StreamTimeouts(5, 300),
    "low-activity": StreamTimeouts(5, 900),
}
DEFAULT_TIMEOUTS = TIMEOUTS["dashboard"]


if __name__ == "__main__":
    for use, timeouts in TIMEOUTS.items():
        print(
            f"{use:<14}  heartbeat {timeouts.heartbeat_seconds:g} s,"
            f" data timeout {timeouts.data_timeout_seconds:g} s"
        )
