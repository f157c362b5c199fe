"""Let callers through in the order they came. Nobody sleeps holding a lock."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class WaitingLine:
    """First come, first served, between threads. `lock` guards whatever `take` reads and writes."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._line: deque[threading.Event] = deque()

    def wait(self, take: Callable[[float], float]) -> float:
        """Block until `take(now)` returns 0.0; return the seconds that passed.

        `take` gets the monotonic clock. It takes what the caller came for and returns 0.0, or takes
        nothing and returns the seconds to wait. A caller that is interrupted while it waits
        (KeyboardInterrupt, any exception) leaves the line, takes nothing and holds up nobody.
        """
        turn: threading.Event | None = None
        try:
            with self.lock:
                arrived = time.monotonic()
                if not self._line and not take(arrived):
                    return 0.0
                turn = threading.Event()
                self._line.append(turn)
            if self._line[0] is not turn:
                turn.wait()
            while True:  # first in line, so nobody else takes anything in the meantime
                with self.lock:
                    now = time.monotonic()
                    delay = take(now)
                if not delay:
                    return now - arrived
                time.sleep(delay)
        finally:
            if turn is not None:
                self._leave(turn)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Block until everybody who came earlier has left this block."""
        turn = threading.Event()
        try:
            with self.lock:
                self._line.append(turn)
            if self._line[0] is not turn:
                turn.wait()
            yield
        finally:
            self._leave(turn)

    def _leave(self, turn: threading.Event) -> None:
        with self.lock:
            self._line.remove(turn)
            if self._line:
                self._line[0].set()
