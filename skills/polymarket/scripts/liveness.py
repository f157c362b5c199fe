"""Decide from times alone when to send PING and when a socket is of no more use."""

from __future__ import annotations

from dataclasses import dataclass, field

from stream_timeouts import StreamTimeouts

UNANSWERED_PINGS = 2
# Always look at the socket for a moment before calling it silent: after something blocked the
# event loop, frames may be waiting that nobody could read.
LEAST_PATIENCE_SECONDS = 0.01


class Redial(Exception):
    """This connection is of no more use. `kind` names the counter, the message says why."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


@dataclass
class Liveness:
    """One connection's signs of life. All times are seconds of one monotonic clock.

    PINGs without PONG are counted, not timed: a program that was busy for a while is then not
    taken for a dead server. Data is timed, because PONG may keep coming without any.
    """

    timeouts: StreamTimeouts
    opened: float
    unanswered: int = 0
    lasted: float = 0.0  # seconds from the opening to the last frame
    last_data: float = field(init=False)
    next_ping: float = field(init=False)

    def __post_init__(self) -> None:
        self.last_data = self.opened
        self.next_ping = self.opened + self.timeouts.heartbeat_seconds

    def heard_pong(self, now: float) -> None:
        self.unanswered = 0
        self.lasted = now - self.opened

    def heard_data(self, now: float) -> None:
        self.last_data = now
        self.lasted = now - self.opened

    def ping_due(self, now: float) -> bool:
        """Whether to send PING now; if so it counts as sent. Raises Redial("pong_timeouts")."""
        if now < self.next_ping:
            return False
        if self.unanswered == UNANSWERED_PINGS:
            raise Redial("pong_timeouts", f"{UNANSWERED_PINGS} PINGs in a row without PONG")
        self.unanswered += 1
        self.next_ping = now + self.timeouts.heartbeat_seconds
        return True

    def patience(self, now: float) -> float:
        """Seconds to wait for the next frame before something falls due."""
        due = min(self.next_ping, self.last_data + self.timeouts.data_timeout_seconds)
        return max(LEAST_PATIENCE_SECONDS, due - now)

    def heard_nothing(self, now: float) -> None:
        """The patience is over. Raises Redial("data_timeouts") if it was the data's."""
        silence = now - self.last_data
        if silence >= self.timeouts.data_timeout_seconds:
            raise Redial("data_timeouts", f"no data for {silence:.0f} s")


if __name__ == "__main__":
    frozen = Liveness(StreamTimeouts(heartbeat_seconds=5, data_timeout_seconds=60), opened=0.0)
    now = 2.0
    frozen.heard_data(now)  # the last data; PONG keeps coming
    try:
        while True:
            now += frozen.patience(now)
            if frozen.ping_due(now):
                frozen.heard_pong(now)
            frozen.heard_nothing(now)
    except Redial as redial:
        print(f"at {now:.0f} s: {redial}")
