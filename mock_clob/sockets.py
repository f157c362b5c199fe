"""All WebSocket connections of a venue: accepting, sending, ending and spoiling them.

What is said on them is decided by the channels: market, user, live data, realtime prices, sports.
Everything runs on the server's loop.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from mock_clob.channel import Channel, as_text
from mock_clob.connection import Connection, Message, Noise
from mock_clob.faults import STREAM_PRESETS
from mock_clob.gate import TRANSPORT
from mock_clob.live_data import LiveData
from mock_clob.market_channel import MarketChannel
from mock_clob.model import Event, Traded
from mock_clob.realtime import Realtime
from mock_clob.sports import Sports
from mock_clob.user_channel import UserChannel

if TYPE_CHECKING:
    from mock_clob.venue import Venue

# The mock's own bounds; the venue publishes none.
MAX_CONNECTIONS = 1_000
QUEUE_LIMIT = 10_000  # messages that one connection may be behind
CLOSE_SECONDS = 1.0  # for the close frame of a connection that may not be reading

# What sending raises when the connection has ended; RuntimeError when the server ended it itself.
GONE = (WebSocketDisconnect, RuntimeError)


@dataclass
class Counters:
    """What the hub did since the last reset."""

    accepted: int = 0  # connections ever
    refused: int = 0  # handshakes
    sent: int = 0  # messages, replies included
    lost: int = 0  # messages that a fault swallowed
    slow: int = 0  # connections closed for being too far behind


class Hub:
    def __init__(
        self,
        venue: Venue,
        *,
        max_connections: int = MAX_CONNECTIONS,
        queue_limit: int = QUEUE_LIMIT,
    ) -> None:
        self.venue = venue
        self.max_connections = max_connections
        self.queue_limit = queue_limit
        self._open: dict[Connection, Channel] = {}
        self.market = MarketChannel(self)
        self.user = UserChannel(self)
        self.live_data = LiveData(self)
        self.realtime = Realtime(self)
        self.sports = Sports(self)
        self.channels: tuple[Channel, ...] = (
            self.market,
            self.user,
            self.live_data,
            self.realtime,
            self.sports,
        )
        self.reset()

    @property
    def open(self) -> int:
        """Connections open now."""
        return len(self._open)

    @property
    def connections(self) -> list[Connection]:
        """Open ones, oldest first."""
        return list(self._open)

    def reset(self) -> None:
        """Close every connection (1012, as a restart does), forget faults and counts."""
        for connection in self.connections:
            self.end(connection, 1012, "service restart")
        for channel in self.channels:
            channel.reset()
        self.counters = Counters()
        self.unknown_ids: set[str] = set()  # assets and markets asked for that do not exist
        self._frozen = False
        self.answers = True  # pings
        self._pace = 0.0
        self._noise: Noise | None = None
        self._splits: deque[int] = deque()
        self._refusals = 0
        self._flaps: deque[int] = deque()

    # A connection's life

    async def serve(self, websocket: WebSocket, channel: Channel) -> None:
        if self._refusals or self.open >= self.max_connections:
            self._refusals = max(0, self._refusals - 1)
            self.counters.refused += 1
            await websocket.send_denial_response(PlainTextResponse("refused", 503))
            return
        await websocket.accept()
        connection = self._admit(websocket, channel)
        tasks = [
            asyncio.create_task(self._read(connection, websocket, channel)),
            asyncio.create_task(self._send(connection, websocket)),
        ]
        ends: list[asyncio.Future[Any]] = [*tasks, connection.ended]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._forget(connection)
            for task in tasks:
                task.cancel()
        for task in tasks:
            if task.done():
                task.result()  # an error of ours must not pass unseen
        if not connection.ended.done():
            return  # the client left
        if connection.deaf:
            connection.resume()  # to hear the answer to a close frame
        if closing := connection.ended.result():
            with suppress(*GONE, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await websocket.close(*closing)
                    return
        # Without a close frame, and now: do not wait for a client that is not reading.
        if connection.transport:
            connection.transport.abort()

    def _admit(self, websocket: WebSocket, channel: Channel) -> Connection:
        self.counters.accepted += 1
        number, seed = self.counters.accepted, self.venue.options.seed
        connection = Connection(
            channel.name,
            asyncio.get_running_loop().create_future(),
            websocket.scope.get("extensions", {}).get(TRANSPORT),
            dice=random.Random(f"{seed} {channel.name} {number}"),
        )
        self._open[connection] = channel
        if self._flaps:
            self.end(connection, self._flaps.popleft())
        else:
            channel.opened(connection)
        return connection

    async def _read(self, connection: Connection, websocket: WebSocket, channel: Channel) -> None:
        while not connection.ended.done():
            frame = await websocket.receive()
            if frame["type"] == "websocket.disconnect":
                return
            if connection.deaf:
                connection.pause()  # the server reads on when it has passed a frame on
                continue
            text = frame.get("text")
            if text is not None and len(text) > channel.max_frame:
                self.end(connection, *channel.too_big)
            else:
                channel.hear(connection, text)

    async def _send(self, connection: Connection, websocket: WebSocket) -> None:
        with suppress(*GONE):
            while True:
                while connection.queue:
                    if self._pace:
                        await self.venue.clock.sleep(self._pace)
                    if not connection.queue:
                        break  # it was ended meanwhile
                    await websocket.send(connection.queue.popleft())
                    self.counters.sent += 1
                if connection.last:
                    self._forget(connection)
                    connection.end(*(connection.farewell or ()))
                connection.wake.clear()
                await connection.wake.wait()

    def end(self, connection: Connection, code: int | None = None, reason: str = "") -> None:
        """Close it with a code, or cut it without a close frame."""
        self._forget(connection)
        connection.end(code, reason)

    def _forget(self, connection: Connection) -> None:
        if channel := self._open.pop(connection, None):
            channel.left(connection)

    # Saying things

    def publish(self, events: Iterable[Event]) -> None:
        """Queue the messages of what the engine did since the last call."""
        events = list(events)
        if not events:
            return
        split = bool(self._splits) and any(isinstance(event, Traded) for event in events)
        if split:
            after = self._splits.popleft()
            for connection in self._chosen(None):
                connection.left = after
        for channel in self.channels:
            channel.publish(events)
        if split:
            for connection in self.connections:
                if connection.left:
                    connection.left = None  # it has heard everything: the match is none of its
                elif connection.left == 0:
                    connection.finish()

    def tick(self, now_ms: int) -> None:
        """Queue the messages of what happens by the clock alone."""
        for channel in self.channels:
            channel.tick(now_ms)

    def push(self, connection: Connection, message: Message) -> None:
        """Queue data, unless a fault loses it."""
        if connection not in self._open:
            return
        if self._noise:
            connection.roll(self._noise)
        if self._frozen or not connection.push(message):
            self.counters.lost += 1
        elif len(connection.queue) > self.queue_limit:
            connection.queue.clear()
            self.counters.slow += 1
            self.end(connection, *self._open[connection].too_slow)

    def answer(self, connection: Connection, text: str) -> None:
        """Answer a ping (or send one, where the venue does), unless a fault keeps it silent."""
        if self.answers and not connection.deaf:
            connection.put(as_text(text))

    # Faults. Those that count messages meet each connection that is open now, one at a time in
    # the order skip, burst, reorder, duplicate. A PONG is no message of data. `channel` names the
    # one kind of connection that is met: "market", "user", "live_data", "realtime", "sports".

    def fault(self, name: str, **arguments: Any) -> None:
        """Carry out one of faults.STREAM_PRESETS; the arguments are those of its method.

        Raises ValueError for a name that is none of them.
        """
        if name not in STREAM_PRESETS:
            known = ", ".join(STREAM_PRESETS)
            raise ValueError(f"no stream fault named {name!r}; there are: {known}")
        preset = STREAM_PRESETS[name]
        getattr(self, preset.method)(**(dict(preset.arguments) | arguments))

    def drop(self, count: int | None = None, channel: str | None = None) -> int:
        """Let go of connections, oldest first, without a close frame; how many."""
        dropped = self._chosen(channel)[:count]
        for connection in dropped:
            self.end(connection)
        return len(dropped)

    def freeze(self, pong: bool = True) -> None:
        """Keep connections and take subscriptions, but send no data; with `pong` PINGs are still
        answered. What happens meanwhile is lost. (py-clob-client issue 292)"""
        self._frozen, self.answers = True, pong

    def half_open(self, count: int | None = None, channel: str | None = None) -> int:
        """Neither read nor write on connections that are open now, not even a protocol pong, as
        when the path to the venue is gone and no end was ever heard; how many. New ones work."""
        chosen = self._chosen(channel)[:count]
        for connection in chosen:
            connection.deaf = True
            connection.queue.clear()
            connection.pause()
        return len(chosen)

    def mute_pong(self) -> None:
        """Send data, answer no PING."""
        self.answers = False

    def slow(self, seconds: float) -> None:
        """Wait this long, by the venue's clock, before each message: data comes late, and later."""
        if seconds < 0:
            raise ValueError(f"a wait cannot be negative: {seconds}")
        self._pace = seconds

    def noise(self, skip: float = 0.0, duplicate: float = 0.0, reorder: float = 0.0) -> None:
        """Let each message meet these faults by chance, drawn from the venue's seed for each
        connection in the order of arrival."""
        if not all(0 <= chance <= 1 for chance in (skip, duplicate, reorder)):
            raise ValueError(f"a chance lies in [0, 1]: {skip}, {duplicate}, {reorder}")
        self._noise = Noise(skip, duplicate, reorder)

    def thaw(self) -> None:
        """Undo `freeze`, `half_open`, `mute_pong`, `slow` and `noise`. Nothing is sent again."""
        self._frozen, self.answers, self._pace, self._noise = False, True, 0.0, None
        for connection in self.connections:
            if connection.deaf:
                connection.deaf = False
                connection.resume()

    def skip(self, count: int = 1, channel: str | None = None) -> None:
        """Lose the next messages: a gap."""
        for connection in self._chosen(channel):
            connection.skip += count

    def duplicate(self, count: int = 1, channel: str | None = None) -> None:
        """Send each of the next messages twice."""
        for connection in self._chosen(channel):
            connection.duplicate += count

    def reorder(self, count: int = 1, channel: str | None = None) -> None:
        """Swap the next two messages, `count` times; the first waits for the second."""
        for connection in self._chosen(channel):
            connection.reorder += count

    def burst(self, count: int, channel: str | None = None) -> None:
        """Hold the next messages back until there are `count`, then send them at once."""
        for connection in self._chosen(channel):
            connection.gather += count

    def split_match(self, count: int = 1, after: int = 1) -> None:
        """Cut every connection in the middle of the next matches: each gets the first `after`
        messages of what the match is to it, then its end without a close frame. The others of
        the match are lost to it, as nothing is replayed."""
        if after < 1:
            raise ValueError(f"after counts messages, from 1: {after}")
        self._splits.extend([after] * count)

    def array_snapshots(self, on: bool = True) -> None:
        """Send the first books as one JSON array: the venue does either."""
        self.market.arrays = on

    def refuse(self, count: int = 1) -> None:
        """Answer the next handshakes with 503."""
        self._refusals += count

    def accept_then_close(self, count: int = 1, code: int = 1011) -> None:
        """Accept the next handshakes and close at once: what a naive reconnect loop spins on."""
        self._flaps.extend([code] * count)

    def _chosen(self, channel: str | None) -> list[Connection]:
        if channel is not None and channel not in (names := [each.name for each in self.channels]):
            raise ValueError(f"no channel named {channel!r}; there are: {', '.join(names)}")
        return [each for each in self._open if channel in (None, each.channel)]
