"""What every kind of stream has in common: an endpoint, and what it does with frames and time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from starlette.websockets import WebSocket

from mock_clob import strict_json, wire
from mock_clob.connection import Connection, Message
from mock_clob.model import Event
from mock_clob.wire import Json

if TYPE_CHECKING:
    from mock_clob.sockets import Hub

Closing = tuple[int, str]  # close code and reason


class Channel:
    """One kind of stream and what its connections asked for. `serve` is its endpoint."""

    name: str
    max_frame = 1_000_000  # characters; the mock's own bound
    too_big: Closing = (1009, "message too big")
    too_slow: Closing = (1013, "too far behind")  # the venue's own policy is not established

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def serve(self, websocket: WebSocket) -> None:
        await self.hub.serve(websocket, self)

    def opened(self, connection: Connection) -> None:
        """The handshake is done."""

    def hear(self, connection: Connection, text: str | None) -> None:
        """One frame. `text` is None for a binary one, which no client of the venue sends."""
        raise NotImplementedError

    def left(self, connection: Connection) -> None:
        """It is over: forget what it asked for."""
        raise NotImplementedError

    def publish(self, events: Sequence[Event]) -> None:
        """Tell what the engine did."""

    def tick(self, now_ms: int) -> None:
        """Tell what happens by the clock alone."""

    def reset(self) -> None:
        """The venue starts anew; its connections are gone."""

    def say(self, connections: Iterable[Connection], told: Any) -> None:
        """Send data to connections, encoded once however many they are."""
        message = as_json(told)
        for connection in connections:
            self.hub.push(connection, message)


def parse(text: str | None) -> Json | None:
    """The JSON object in a frame, None if there is none."""
    try:
        frame = strict_json.loads(text or "")
    except ValueError:
        return None
    return frame if isinstance(frame, dict) else None


def strings(frame: Json, name: str) -> list[str] | None:
    """A list of strings in a frame, None if there is none."""
    found = frame.get(name)
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        return None
    return found


def as_text(text: str) -> Message:
    return {"type": "websocket.send", "text": text}


def as_json(value: Any) -> Message:
    return as_text(wire.dumps(value))
