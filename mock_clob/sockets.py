"""The WebSocket channels: /ws/market for everybody, /ws/user for the owner of an API key.

The hub turns the engine's events into messages, once each, and queues them for every connection
that asked for them. A connection that comes back gets fresh books and nothing of what it missed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from mock_clob import market_events, strict_json, wire
from mock_clob.auth import Credentials
from mock_clob.clock import Clock
from mock_clob.connection import Channel, Connection, Message
from mock_clob.engine import Engine
from mock_clob.gate import TRANSPORT
from mock_clob.model import (
    Event,
    LevelsChanged,
    Market,
    OrderChanged,
    TickChanged,
    TradeChanged,
    Traded,
)
from mock_clob.wire import Json

# A PING or anything else that is no subscription, as the first frame: code and reason as observed
# in nautilus_trader issue 4864 (2026-08-26).
NOT_A_SUBSCRIPTION = (1008, "invalid subscription payload")
# The answer to a second initial frame: observed in nautilus_trader pull request 3717 (2026-03-12).
# Taken here for every later frame that is not understood, malformed JSON included.
INVALID_OPERATION = "INVALID OPERATION"
SNAPSHOT_LIMIT = 500  # more assets on one connection: no initial snapshots

# The mock's own bounds; the venue publishes none.
MAX_CONNECTIONS = 1_000
MAX_SUBSCRIPTIONS = 10_000  # assets or markets of one connection
MAX_FRAME_CHARACTERS = 1_000_000
QUEUE_LIMIT = 10_000  # messages that one connection may be behind
CLOSE_SECONDS = 1.0  # for the close frame of a connection that may not be reading

# What sending raises when the connection has ended; RuntimeError when the server ended it itself.
GONE = (WebSocketDisconnect, RuntimeError)

SLOW_CONSUMER = (1013, "too far behind")  # the venue's own policy is not established


class Keyring(Protocol):
    def socket(self, auth: object) -> Credentials | None: ...


class Floor(Protocol):
    """What the hub needs of a venue."""

    @property
    def clock(self) -> Clock: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def keys(self) -> Keyring: ...


@dataclass
class Counters:
    """What the hub did since the last reset."""

    accepted: int = 0  # connections ever
    refused: int = 0  # handshakes
    sent: int = 0  # messages, replies included
    lost: int = 0  # messages that a fault swallowed
    slow: int = 0  # connections closed for being too far behind


class Hub:
    """Both channels of one venue. Everything here runs on the server's loop."""

    def __init__(
        self,
        floor: Floor,
        *,
        max_connections: int = MAX_CONNECTIONS,
        queue_limit: int = QUEUE_LIMIT,
    ) -> None:
        self._floor = floor
        self.max_connections = max_connections
        self.queue_limit = queue_limit
        self._open: dict[Connection, None] = {}
        self._by_asset: dict[str, dict[Connection, None]] = {}
        self._by_owner: dict[str, dict[Connection, None]] = {}
        self.reset()

    @property
    def open(self) -> int:
        """Connections open now."""
        return len(self._open)

    def reset(self) -> None:
        """Close every connection (1012, as a restart does), forget faults and counts."""
        for connection in list(self._open):
            self._end(connection, 1012, "service restart")
        self.counters = Counters()
        self.unknown_ids: set[str] = set()  # assets and markets asked for that do not exist
        self._best: dict[str, tuple[int | None, int | None]] = {}
        self._frozen = False
        self._pong = True
        self._arrays = False
        self._refusals = 0
        self._flaps: deque[int] = deque()

    # Endpoints

    async def market(self, websocket: WebSocket) -> None:
        await self._serve(websocket, "market")

    async def user(self, websocket: WebSocket) -> None:
        await self._serve(websocket, "user")

    async def _serve(self, websocket: WebSocket, channel: Channel) -> None:
        if self._refusals or self.open >= self.max_connections:
            self._refusals = max(0, self._refusals - 1)
            self.counters.refused += 1
            await websocket.send_denial_response(PlainTextResponse("refused", 503))
            return
        await websocket.accept()
        self.counters.accepted += 1
        connection = Connection(channel, asyncio.get_running_loop().create_future())
        self._open[connection] = None
        if self._flaps:
            self._end(connection, self._flaps.popleft())
        tasks = [
            asyncio.create_task(self._read(connection, websocket)),
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
        if closing := connection.ended.result():
            with suppress(*GONE, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await websocket.close(*closing)
                    return
        # Without a close frame, and now: do not wait for a client that is not reading.
        if transport := websocket.scope.get("extensions", {}).get(TRANSPORT):
            transport.abort()

    async def _read(self, connection: Connection, websocket: WebSocket) -> None:
        while not connection.ended.done():
            frame = await websocket.receive()
            if frame["type"] == "websocket.disconnect":
                return
            self._hear(connection, frame.get("text"))

    async def _send(self, connection: Connection, websocket: WebSocket) -> None:
        with suppress(*GONE):
            while True:
                while connection.queue:
                    await websocket.send(connection.queue.popleft())
                    self.counters.sent += 1
                connection.wake.clear()
                await connection.wake.wait()

    def _end(self, connection: Connection, code: int | None = None, reason: str = "") -> None:
        self._forget(connection)
        connection.end(code, reason)

    def _forget(self, connection: Connection) -> None:
        self._open.pop(connection, None)
        for asset in list(connection.assets):
            self._unwatch(connection, asset)
        if connection.owner:
            self._by_owner[connection.owner].pop(connection, None)
            connection.owner = ""

    # What clients say

    def _hear(self, connection: Connection, text: str | None) -> None:
        """One frame. `text` is None for a binary one, which no client of the venue sends."""
        if text is not None and len(text) > MAX_FRAME_CHARACTERS:
            self._end(connection, 1009, "message too big")
            return
        if not connection.subscribed:
            self._first(connection, _parse(text))
        elif text == "PING":
            if self._pong:
                connection.put(_text("PONG"))
        else:
            self._later(connection, _parse(text))

    def _first(self, connection: Connection, frame: Json | None) -> None:
        """The initial subscription, or the end of the connection."""
        kind = frame.get("type") if frame else None
        if frame is None or not isinstance(kind, str) or kind.lower() != connection.channel:
            self._end(connection, *NOT_A_SUBSCRIPTION)
        elif connection.channel == "market":
            # An empty list is good: it waits for news of all markets.
            assets = _ids(frame, "assets_ids")
            if assets is None:
                self._end(connection, *NOT_A_SUBSCRIPTION)
                return
            connection.subscribed = True
            connection.custom = frame.get("custom_feature_enabled") is True
            self._watch(connection, assets, dump=frame.get("initial_dump") is not False)
        else:
            markets = _ids(frame, "markets") if "markets" in frame else []
            if markets is None:
                self._end(connection, *NOT_A_SUBSCRIPTION)
                return
            # What the venue does on bad credentials is not documented. Users see the connection
            # end without a close frame (py-clob-client issue 204), so does the mock.
            credentials = self._floor.keys.socket(frame.get("auth"))
            if credentials is None:
                self._end(connection)
                return
            connection.subscribed = True
            connection.owner = credentials.api_key
            self._by_owner.setdefault(connection.owner, {})[connection] = None
            self._filter(connection, markets)

    def _later(self, connection: Connection, frame: Json | None) -> None:
        """A change of what is subscribed."""
        name = "assets_ids" if connection.channel == "market" else "markets"
        operation = frame.get("operation") if frame else None
        ids = _ids(frame, name) if frame else None
        if frame is None or ids is None or operation not in ("subscribe", "unsubscribe"):
            connection.put(_text(INVALID_OPERATION))
        elif connection.channel == "user":
            if operation == "subscribe":
                self._filter(connection, ids)
            else:
                # An empty filter lets everything through: polymarket-client unsubscribes from
                # its markets when it wants them all.
                connection.markets.difference_update(each.lower() for each in ids)
        elif operation == "unsubscribe":
            for asset in ids:
                if asset in connection.assets:
                    self._unwatch(connection, asset)
        else:
            # polymarket-client's source: the flag is applied before duplicates are rejected. That
            # one duplicate rejects the whole frame is the stricter reading of it.
            if isinstance(flag := frame.get("custom_feature_enabled"), bool):
                connection.custom = flag
            if any(asset in connection.assets for asset in ids):
                connection.put(_text(INVALID_OPERATION))
            else:
                self._watch(connection, ids, dump=frame.get("initial_dump") is not False)

    def _watch(self, connection: Connection, assets: list[str], *, dump: bool) -> None:
        """Subscribe to assets and send their books. Unknown ids are taken, and never heard of."""
        if len(connection.assets) + len(assets) > MAX_SUBSCRIPTIONS:
            self._end(connection, 1008, "too many assets")
            return
        engine = self._floor.engine
        snapshots = []
        for asset in dict.fromkeys(assets):
            connection.assets[asset] = None
            self._by_asset.setdefault(asset, {})[connection] = None
            if asset not in engine.by_token:
                self.unknown_ids.add(asset)
                continue
            snapshots.append(market_events.book(engine, asset, self._floor.clock.now_ms()))
            self._best[asset] = wire.best(engine, asset)
        if not dump or len(connection.assets) > SNAPSHOT_LIMIT:
            return
        if self._arrays:
            if snapshots:
                self._push(connection, _json(snapshots))
        else:
            for snapshot in snapshots:
                self._push(connection, _json(snapshot))

    def _unwatch(self, connection: Connection, asset: str) -> None:
        del connection.assets[asset]
        del self._by_asset[asset][connection]
        if not self._by_asset[asset]:
            del self._by_asset[asset]

    def _filter(self, connection: Connection, markets: list[str]) -> None:
        known = self._floor.engine.markets
        self.unknown_ids.update(each for each in markets if each not in known)
        connection.markets.update(each.lower() for each in markets)
        if len(connection.markets) > MAX_SUBSCRIPTIONS:
            self._end(connection, 1008, "too many markets")

    # What the venue says

    def publish(self, events: Iterable[Event]) -> None:
        """Queue the messages of what the engine did since the last call.

        Books, best prices and statuses are told as they stand now. So that they fit together,
        all level changes of a market become one price_change, and a token gets one new book.
        """
        events = list(events)
        levels: dict[str, list[LevelsChanged]] = {}
        for event in events:
            if isinstance(event, LevelsChanged):
                levels.setdefault(event.market.condition_id, []).append(event)
        for changed in levels.values():
            self._levels(changed)
        traded: dict[str, int] = {}  # token -> when
        for event in events:
            if isinstance(event, Traded):
                taker = event.trade.taker
                traded |= dict.fromkeys(taker.market.token_ids, event.at_ms)
                if watchers := self._watchers(taker.token_id):
                    told = market_events.last_trade_price(event.trade, event.at_ms)
                    self._publish(watchers, told)
            elif isinstance(event, OrderChanged):
                order = event.order
                if watchers := self._owners(order.owner, order.market):
                    self._publish(watchers, wire.order_event(order, event.kind, event.at_ms))
            elif isinstance(event, TradeChanged):
                self._trade_changed(event)
            elif isinstance(event, TickChanged):
                for token in event.market.token_ids:
                    told = market_events.tick_size_change(event, token)
                    self._publish(self._watchers(token), told)
        for token, at_ms in traded.items():
            if watchers := self._watchers(token):
                self._publish(watchers, market_events.book(self._floor.engine, token, at_ms))

    def _levels(self, events: list[LevelsChanged]) -> None:
        """A price_change for all who watch either token; best_bid_ask where the best is new."""
        market, at_ms = events[0].market, events[-1].at_ms
        watchers = self._watchers(*market.token_ids)
        if not watchers:
            return
        engine = self._floor.engine
        self._publish(watchers, market_events.price_change(engine, events))
        for token in market.token_ids:
            best = wire.best(engine, token)
            if self._best.get(token) != best:
                self._best[token] = best
                if custom := [each for each in self._watchers(token) if each.custom]:
                    told = market_events.best_bid_ask(market, token, best, at_ms)
                    self._publish(custom, told)

    def _trade_changed(self, event: TradeChanged) -> None:
        """The taker's owner and each maker's, each once, as they see the trade."""
        trade = event.trade
        owners = [trade.taker.owner, *(fill.order.owner for fill in trade.fills)]
        for owner in dict.fromkeys(owners):
            if watchers := self._owners(owner, trade.taker.market):
                told = wire.trade_event(trade, owner, event.status, event.at_ms)
                self._publish(watchers, told)

    def _watchers(self, *tokens: str) -> list[Connection]:
        """Connections that watch one of the tokens, each once."""
        found: dict[Connection, None] = {}
        for token in tokens:
            found |= self._by_asset.get(token, {})
        return list(found)

    def _owners(self, owner: str, market: Market) -> list[Connection]:
        condition_id = market.condition_id.lower()
        return [
            connection
            for connection in self._by_owner.get(owner, ())
            if not connection.markets or condition_id in connection.markets
        ]

    def _publish(self, connections: Iterable[Connection], told: Json) -> None:
        message = _json(told)  # once, however many connections it goes to
        for connection in connections:
            self._push(connection, message)

    def _push(self, connection: Connection, message: Message) -> None:
        if self._frozen or not connection.push(message):
            self.counters.lost += 1
        elif len(connection.queue) > self.queue_limit:
            connection.queue.clear()
            self.counters.slow += 1
            self._end(connection, *SLOW_CONSUMER)

    # Faults. Those that count messages meet each connection that is open now, one at a time in
    # the order skip, burst, reorder, duplicate. A PONG is no message of data.

    def drop(self, count: int | None = None) -> int:
        """Let go of connections, oldest first, without a close frame; how many."""
        dropped = list(self._open)[:count]
        for connection in dropped:
            self._end(connection)
        return len(dropped)

    def freeze(self, pong: bool = True) -> None:
        """Keep connections and take subscriptions, but send no data; with `pong` PINGs are still
        answered. What happens meanwhile is lost. (py-clob-client issue 292)"""
        self._frozen, self._pong = True, pong

    def mute_pong(self) -> None:
        """Send data, answer no PING."""
        self._pong = False

    def thaw(self) -> None:
        """Undo `freeze` and `mute_pong`. Nothing is sent again."""
        self._frozen, self._pong = False, True

    def skip(self, count: int = 1) -> None:
        """Lose the next messages: a gap."""
        for connection in self._open:
            connection.skip += count

    def duplicate(self, count: int = 1) -> None:
        """Send each of the next messages twice."""
        for connection in self._open:
            connection.duplicate += count

    def reorder(self, count: int = 1) -> None:
        """Swap the next two messages, `count` times; the first waits for the second."""
        for connection in self._open:
            connection.reorder += count

    def burst(self, count: int) -> None:
        """Hold the next messages back until there are `count`, then send them at once."""
        for connection in self._open:
            connection.gather += count

    def array_snapshots(self, on: bool = True) -> None:
        """Send the first books as one JSON array: the venue does either."""
        self._arrays = on

    def refuse(self, count: int = 1) -> None:
        """Answer the next handshakes with 503."""
        self._refusals += count

    def accept_then_close(self, count: int = 1, code: int = 1011) -> None:
        """Accept the next handshakes and close at once: what a naive reconnect loop spins on."""
        self._flaps.extend([code] * count)


def _parse(text: str | None) -> Json | None:
    """The JSON object in a frame, None if there is none."""
    try:
        frame = strict_json.loads(text or "")
    except ValueError:
        return None
    return frame if isinstance(frame, dict) else None


def _ids(frame: Json, name: str) -> list[str] | None:
    ids = frame.get(name)
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        return None
    return ids


def _text(text: str) -> Message:
    return {"type": "websocket.send", "text": text}


def _json(value: Any) -> Message:
    return _text(wire.dumps(value))
