"""One WebSocket: what waits to be sent on it and which faults it has to meet."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]  # an ASGI message, made once and sent to many


@dataclass(frozen=True)
class Noise:
    """Chances, from 0 to 1, that a message of data is lost, sent twice or swapped with the next."""

    skip: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0


@dataclass(eq=False)
class Connection:
    """The hub's side of a socket. Lives on the server's loop."""

    channel: str
    ended: asyncio.Future[tuple[int, str] | None]  # close code and reason; None: no close frame
    transport: asyncio.Transport | None = None
    queue: deque[Message] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    # Faults: how many of the next messages of data they meet.
    skip: int = 0
    duplicate: int = 0
    reorder: int = 0
    held: Message | None = None  # the first of two to swap
    gather: int = 0
    gathered: list[Message] = field(default_factory=list)  # to be sent in one burst
    left: int | None = None  # messages that still get through; None: all
    deaf: bool = False  # half-open: nothing goes in or out
    dice: random.Random = field(default_factory=random.Random)  # for noise
    last: bool = False  # end it as `farewell` says once the queue is empty
    farewell: tuple[int, str] | None = None

    def put(self, *messages: Message) -> None:
        """Queue messages as they are."""
        self.queue.extend(messages)
        self.wake.set()

    def push(self, message: Message) -> bool:
        """Queue a message of data, with what the faults make of it; False when it is lost."""
        if self.deaf or self.left == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.left is not None:
            self.left -= 1
        if self.gather:
            self.gather -= 1
            self.gathered.append(message)
            if not self.gather:
                self.put(*self.gathered)
                self.gathered.clear()
        elif self.held is not None:
            self.put(message, self.held)
            self.held = None
        elif self.reorder:
            self.reorder -= 1
            self.held = message
        elif self.duplicate:
            self.duplicate -= 1
            self.put(message, message)
        else:
            self.put(message)
        return True

    def roll(self, noise: Noise) -> None:
        """Draw which fault the next message meets; the draws do not depend on one another."""
        chances = self.dice.random(), self.dice.random(), self.dice.random()
        self.skip += chances[0] < noise.skip
        self.duplicate += chances[1] < noise.duplicate
        self.reorder += chances[2] < noise.reorder

    def pause(self) -> None:
        """Read nothing from the network any more, not even a protocol ping or an end."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()

    def resume(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def finish(self, farewell: tuple[int, str] | None = None) -> None:
        """End it once what waits is sent; without a close frame if there is no farewell."""
        self.last, self.farewell = True, farewell
        self.wake.set()

    def end(self, code: int | None = None, reason: str = "") -> None:
        """Close it with a code, or let go of it without a close frame. Only the first counts."""
        if not self.ended.done():
            self.ended.set_result(None if code is None else (code, reason))
