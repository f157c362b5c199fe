"""Keep one WebSocket to the venue alive: subscribe, heartbeat, watchdog, backoff, start again.

The loop is our own. The iterator of `websockets` dials again without a pause when a server
accepts and closes, and its pings do not notice a server that answers them but sends no data.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import math
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable
from typing import Any

from liveness import Liveness, Redial
from reconnect_backoff import Backoff
from stream_task import StreamTask
from stream_timeouts import StreamTimeouts
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidURI, WebSocketException

Message = dict[str, Any]
log = logging.getLogger(__name__)

ENDINGS = (Redial, ConnectionClosed)  # of a connection that was open
CLOSE_SECONDS = 1.0  # for the closing handshake; a frozen server never answers it
MAX_FRAME_BYTES = 2**24  # the library's 1 MiB is less than the first books of some 300 tokens


class ReconnectingSocket(StreamTask):
    """One connection after the other, until it is closed.

    `counts`: connects, dial_failures, drops, pong_timeouts, data_timeouts, resyncs, bad_frames,
    callback_errors.
    """

    def __init__(
        self,
        url: str,
        on_event: Callable[[Message], None],
        timeouts: StreamTimeouts,
        backoff: Backoff | None,
    ) -> None:
        if inspect.iscoroutinefunction(on_event):
            raise TypeError("on_event must be a plain function; it may start a task")
        self.url = url
        self.counts: Counter[str] = Counter()
        self.connected = False
        self._on_event = on_event
        self._timeouts = timeouts
        self._backoff = backoff or Backoff()
        self._alive = Liveness(timeouts, 0.0)
        self._last_data = -math.inf

    @property
    def seconds_without_data(self) -> float:
        """How old what the stream knows may be. Infinite before the first data."""
        return _now() - self._last_data

    # For subclasses

    @abstractmethod
    async def _subscribe(self, socket: ClientConnection) -> None:
        """Send the first frame. The venue closes a connection whose first frame is a PING."""

    @abstractmethod
    def _heard(self, message: Message) -> None:
        """Take one message. Raises Redial when a fresh connection is needed."""

    def _answered(self) -> None:
        """PONG came: the venue has taken what was sent before the PING."""

    def _check(self, now: float) -> None:
        """Called after every frame, and at least once a heartbeat. May raise Redial."""

    def _lost(self) -> None:
        """The connection is gone: forget what only a live one can vouch for."""

    def _tell(self, event: Message) -> None:
        """Call back. An error of the callback is logged and counted, and harms nothing else."""
        try:
            self._on_event(event)
        except Exception:
            self.counts["callback_errors"] += 1
            log.exception("on_event failed for %s", event.get("event_type"))

    # The loop

    async def _run(self) -> None:
        while True:
            self._alive = Liveness(self._timeouts, _now())
            try:
                async with connect(
                    self.url,
                    ping_interval=None,  # the venue's heartbeat is text; see Liveness
                    close_timeout=CLOSE_SECONDS,
                    max_size=MAX_FRAME_BYTES,
                ) as socket:
                    self.counts["connects"] += 1
                    self._alive = Liveness(self._timeouts, _now())
                    try:
                        await self._session(socket)
                    except ENDINGS as error:
                        self._down(error)  # now, not after the closing handshake
                    finally:
                        await socket.close()  # 1000; left to websockets 17 it may be 1011
            except InvalidURI:
                raise
            except (OSError, WebSocketException) as error:
                self._down(error)
            self._backoff.connection_was_stable(self._alive.lasted)
            await asyncio.sleep(self._backoff.next_delay())

    def _down(self, error: Exception) -> None:
        kind = "drops" if isinstance(error, ConnectionClosed) else "dial_failures"
        self.counts[getattr(error, "kind", kind)] += 1
        reason = str(error) or type(error).__name__
        log.warning("%s: %s", self.url, reason)
        self._tell({"event_type": "stream_down", "reason": reason})
        self._moved()

    async def _session(self, socket: ClientConnection) -> None:
        try:
            async with asyncio.timeout(self._timeouts.heartbeat_seconds):
                await self._subscribe(socket)
            self.connected = True
            while True:
                await self._turn(socket)
        finally:
            self.connected = False
            self._lost()

    async def _turn(self, socket: ClientConnection) -> None:
        """Wait for one frame or for something to fall due."""
        if self._alive.ping_due(_now()):
            await socket.send("PING")
        try:
            async with asyncio.timeout(self._alive.patience(_now())):
                frame = await socket.recv()
        except TimeoutError:
            self._alive.heard_nothing(_now())
        else:
            self._take(frame)
        self._check(_now())

    def _take(self, frame: str | bytes) -> None:
        if frame == "PONG":
            self._alive.heard_pong(_now())
            self._answered()
            return
        try:
            parsed = json.loads(frame)
        except ValueError:
            self.counts["bad_frames"] += 1
            log.warning("%s: not JSON: %.80r", self.url, frame)
            return
        self._last_data = _now()
        self._alive.heard_data(self._last_data)
        for message in parsed if isinstance(parsed, list) else [parsed]:
            if isinstance(message, dict):
                self._heard(message)
        self._moved()


def _now() -> float:
    return asyncio.get_running_loop().time()
