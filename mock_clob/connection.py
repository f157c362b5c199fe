"""One WebSocket: what it asked for, what waits to be sent and which faults it has to meet."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

Channel = Literal["market", "user"]
Message = dict[str, Any]  # an ASGI message, made once and sent to many


@dataclass(eq=False)
class Connection:
    """The hub's side of a socket. Lives on the server's loop."""

    channel: Channel
    ended: asyncio.Future[tuple[int, str] | None]  # close code and reason; None: no close frame
    subscribed: bool = False
    assets: dict[str, None] = field(default_factory=dict)  # market channel, in order
    custom: bool = False  # market channel: custom_feature_enabled
    owner: str = ""  # user channel: the API key
    markets: set[str] = field(default_factory=set)  # user channel; empty: all
    queue: deque[Message] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    # Faults: how many of the next messages of data they meet.
    skip: int = 0
    duplicate: int = 0
    reorder: int = 0
    held: Message | None = None  # the first of two to swap
    gather: int = 0
    gathered: list[Message] = field(default_factory=list)  # to be sent in one burst

    def put(self, *messages: Message) -> None:
        """Queue messages as they are."""
        self.queue.extend(messages)
        self.wake.set()

    def push(self, message: Message) -> bool:
        """Queue a message of data, with what the faults make of it; False when it is lost."""
        if self.skip:
            self.skip -= 1
            return False
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

    def end(self, code: int | None = None, reason: str = "") -> None:
        """Close it with a code, or let go of it without a close frame. Only the first counts."""
        if not self.ended.done():
            self.ended.set_result(None if code is None else (code, reason))
