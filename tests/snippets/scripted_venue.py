"""A WebSocket server whose connections do what a script says, and that remembers what it heard."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, ParamSpec

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

P = ParamSpec("P")
LIMIT_SECONDS = 20  # of a whole test: only a hang takes so long


def in_loop(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Run an async test."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), LIMIT_SECONDS))

    return run


class Client:
    """One connection, as a script sees it."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.frames: list[str] = []
        self.pongs = True
        self._heard = asyncio.Condition()

    async def send(self, *messages: Any) -> None:
        for message in messages:
            await self.socket.send(message if isinstance(message, str) else json.dumps(message))

    async def hears(self, count: int) -> None:
        """Wait until so many frames came, PINGs included."""
        async with self._heard:
            await self._heard.wait_for(lambda: len(self.frames) >= count)

    @property
    def said(self) -> list[dict[str, Any]]:
        """Every frame but PINGs."""
        return [json.loads(frame) for frame in self.frames if frame != "PING"]

    def cut(self) -> None:
        """End the connection as a broken line does: no close frame."""
        self.socket.transport.abort()

    async def read(self) -> None:
        async for frame in self.socket:
            self.frames.append(str(frame))
            if frame == "PING" and self.pongs:
                await self.socket.send("PONG")
            async with self._heard:
                self._heard.notify_all()


Script = Callable[[Client], Awaitable[None]]


class ScriptedVenue:
    """Connection n follows script n; those beyond the last script follow the last.

    A script that returns leaves the connection open.
    """

    def __init__(self, *scripts: Script) -> None:
        self._scripts = scripts
        self.clients: list[Client] = []
        self.url = ""
        self.port = 0
        self._more = asyncio.Condition()

    @asynccontextmanager
    async def open(self, port: int = 0) -> AsyncIterator[ScriptedVenue]:
        async with serve(self._serve, "127.0.0.1", port, ping_interval=None) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            self.url = f"ws://127.0.0.1:{self.port}"
            yield self

    async def has(self, connections: int) -> Client:
        """Wait for so many connections; the last of them."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.clients) >= connections)
        return self.clients[connections - 1]

    async def _serve(self, socket: ServerConnection) -> None:
        client = Client(socket)
        script = self._scripts[min(len(self.clients), len(self._scripts) - 1)]
        self.clients.append(client)
        async with self._more:
            self._more.notify_all()
        reading = asyncio.create_task(client.read())
        try:
            await script(client)
            await socket.wait_closed()
        except ConnectionClosed:
            pass
        finally:
            reading.cancel()
