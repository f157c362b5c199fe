"""ws-live-v2, called PolyBolt: reference prices for holders of an API key, best prices for all.

Every frame with an `op` gets an acknowledgement or an error; only a breach of policy ends the
connection. Source: docs.polymarket.com "Live Data Channel", as archived 2026-10.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_clob import market_events, prices, wire
from mock_clob.channel import Channel, as_json, parse
from mock_clob.connection import Connection
from mock_clob.live_data import exact
from mock_clob.model import Event, LevelsChanged
from mock_clob.wire import Json

MAX_SUBSCRIPTIONS = 64  # (channel, filter) pairs
MAX_FRAMES = 20  # subscribe and unsubscribe frames in a second
MAX_AUTHS = 8
MAX_FRAME = 64_000  # characters; the venue says 64 KB
POLICY = 4008
HISTORY_SECONDS = 120
WINDOW = 60  # seconds; other windows are taken and carry no data

BOOKS = "price.polymarket"  # the one channel that is open to everybody
SYMBOLS = {
    "price.crypto": prices.CRYPTO,
    "price.equity": prices.EQUITY,
    "price.crypto.twap": prices.CRYPTO_TWAP,
    "price.equity.twap": prices.EQUITY_TWAP,
}
_ASSET = re.compile("[0-9]{1,78}")
PROVIDERS = ("chainlink", "pyth")
# Those that pyth serves too; everything else has one source, whatever is pinned.
_PYTH = frozenset(prices.CRYPTO) | frozenset(prices.EQUITY)


@dataclass(frozen=True)
class Key:
    """One subscription: what is asked for and who provides it."""

    channel: str
    name: str  # symbol, or asset id
    window: int = 0
    provider: str = ""


class Refused(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Session:
    authed: bool = False
    auths: int = 0
    keys: dict[Key, None] = field(default_factory=dict)
    frames: deque[int] = field(default_factory=deque)  # when the last ones came, ms
    sequence: dict[str, int] = field(default_factory=dict)  # per channel


class Realtime(Channel):
    name = "realtime"
    max_frame = MAX_FRAME
    too_big = (POLICY, "frame too big")
    too_slow = (4002, "slow consumer")

    def reset(self) -> None:
        self._sessions: dict[Connection, Session] = {}
        self._best: dict[str, market_events.Best] = {}
        self._told_second = 0

    def opened(self, connection: Connection) -> None:
        self._sessions[connection] = Session()

    def left(self, connection: Connection) -> None:
        self._sessions.pop(connection, None)

    def hear(self, connection: Connection, text: str | None) -> None:
        frame = parse(text) or {}
        session, op = self._sessions.get(connection), frame.get("op")
        if session is None:
            return
        if op == "ping":
            if self.hub.answers:
                self._ack(connection, frame, op="pong")
        elif op == "auth":
            self._auth(connection, session, frame)
        elif op in ("subscribe", "unsubscribe"):
            self._change(connection, session, frame)
        else:
            self._ack(connection, frame, op="error", code="bad_op")

    def _auth(self, connection: Connection, session: Session, frame: Json) -> None:
        session.auths += 1
        if session.auths > MAX_AUTHS:
            self._breach(connection, frame, "auth_attempts")
        elif "auth" not in frame:
            # A ticket of the web application: the mock has none, so it is an unknown one.
            code = "auth_expired" if isinstance(frame.get("ticket"), str) else "bad_op"
            self._ack(connection, frame, op="error", code=code)
        elif "ticket" in frame:
            self._ack(connection, frame, op="error", code="bad_op")
        elif self.hub.venue.keys.socket(frame["auth"]) is None:
            # Both this and close 4001 are documented for credentials that are refused.
            self._ack(connection, frame, op="error", code="auth_invalid")
        else:
            session.authed = True
            self._ack(connection, frame, op="authed")

    def _change(self, connection: Connection, session: Session, frame: Json) -> None:
        """One acknowledgement or error for each subscription, in the order of the frame."""
        now = self.hub.venue.clock.now_ms()
        session.frames.append(now)
        while session.frames[0] <= now - 1000:
            session.frames.popleft()
        if len(session.frames) > MAX_FRAMES:
            self._breach(connection, frame, "rate_limited")
            return
        items = frame.get("subscriptions", [frame])
        if not isinstance(items, list) or not items:
            self._ack(connection, frame, op="error", code="bad_op")
            return
        for item in items:
            channel = item.get("channel") if isinstance(item, dict) else None
            if not isinstance(channel, str):
                self._ack(connection, frame, op="error", code="bad_op")
                continue
            try:
                key = _key(channel, item.get("filter"))
            except Refused as refused:
                self._ack(connection, frame, op="error", code=refused.code, channel=channel)
                continue
            if frame["op"] == "unsubscribe":
                session.keys.pop(key, None)
                self._ack(connection, frame, op="unsubscribed", channel=channel)
            elif channel != BOOKS and not session.authed:
                self._ack(connection, frame, op="error", code="auth_required", channel=channel)
            elif key not in session.keys and len(session.keys) >= MAX_SUBSCRIPTIONS:
                self._breach(connection, frame, "sub_limit", channel=channel)
                return
            else:
                self._subscribe(connection, session, frame, key)

    def _subscribe(self, connection: Connection, session: Session, frame: Json, key: Key) -> None:
        provider = {"provider": _source(key)} if key.channel != BOOKS else {}
        self._ack(connection, frame, op="subscribed", channel=key.channel, **provider)
        if key in session.keys:
            return  # acknowledged again, and no second snapshot
        session.keys[key] = None
        now = self.hub.venue.clock.now_ms()
        payload = self._book(key.name, now) if key.channel == BOOKS else self._history(key, now)
        if payload is not None:
            self._tell(connection, session, key.channel, now, payload, snapshot=True)

    # What is told

    def tick(self, now_ms: int) -> None:
        """The price of each second, once; seconds that were jumped over are not made up for."""
        second = now_ms // 1000
        if second == self._told_second:
            return
        self._told_second = second
        for connection, session in list(self._sessions.items()):
            for key in list(session.keys):
                if key.channel == BOOKS or key.name not in SYMBOLS[key.channel]:
                    continue
                if key.window not in (0, WINDOW):
                    continue
                [point] = self._points(key, range(second, second + 1))
                payload = self._about(key) | point
                self._tell(connection, session, key.channel, second * 1000, payload)

    def publish(self, events: Sequence[Event]) -> None:
        """Best prices that are new, to those who asked for them."""
        if not self._sessions:
            return
        engine = self.hub.venue.engine
        changed = {
            token: event.at_ms
            for event in events
            if isinstance(event, LevelsChanged)
            for token in event.market.token_ids
        }
        for token, at_ms in changed.items():
            best = wire.best(engine, token)
            if self._best.get(token) == best:
                continue
            self._best[token] = best
            key = Key(BOOKS, token)
            for connection, session in list(self._sessions.items()):
                if key in session.keys:
                    self._tell(connection, session, BOOKS, at_ms, self._book(token, at_ms))

    def _book(self, token: str, at_ms: int) -> Json | None:
        """None for a token that does not exist: taken, and never heard of."""
        engine = self.hub.venue.engine
        if token not in engine.by_token:
            self.hub.unknown_ids.add(token)
            return None
        best = wire.best(engine, token)
        self._best[token] = best
        market = engine.by_token[token]
        told = market_events.best_bid_ask(market, token, best, at_ms)
        return {
            "market": market.condition_id,
            "asset_id": token,
            "best_bid": told["best_bid"],
            "best_ask": told["best_ask"],
            "hash": wire.book(engine, token, at_ms)["hash"],
            "timestamp": at_ms,
        }

    def _history(self, key: Key, now_ms: int) -> Json:
        """Two minutes of prices; an empty list where there are none."""
        second = now_ms // 1000
        data: list[Json] = []
        if key.name in SYMBOLS[key.channel] and key.window in (0, WINDOW):
            data = self._points(key, range(second - HISTORY_SECONDS + 1, second + 1))
        return self._about(key) | {"data": data}

    def _about(self, key: Key) -> Json:
        about: Json = {"symbol": key.name, "source": _source(key)}
        if key.window:
            about["window_seconds"] = key.window
        if key.channel.startswith("price.equity"):
            about["market_status"] = "open"
        return about

    def _points(self, key: Key, seconds: range) -> list[Json]:
        seed = self.hub.venue.options.seed
        return [
            {
                "timestamp": second * 1000,
                "value": value / prices.E8,
                "full_accuracy_value": exact(value),
            }
            for second, value in zip(
                seconds, prices.history(seed, key.name, seconds, key.window or 1), strict=True
            )
        ]

    def _tell(
        self,
        connection: Connection,
        session: Session,
        channel: str,
        at_ms: int,
        payload: Json | None,
        *,
        snapshot: bool = False,
    ) -> None:
        session.sequence[channel] = session.sequence.get(channel, 0) + 1
        envelope: Json = {
            "v": 1,
            "channel": channel,
            "seq": session.sequence[channel],
            "ts": at_ms,
        }
        if snapshot:
            envelope["snapshot"] = True
        self.hub.push(connection, as_json(envelope | {"payload": payload}))

    def _ack(self, connection: Connection, frame: Json, **told: Any) -> None:
        if isinstance(rid := frame.get("rid"), str):
            told["rid"] = rid
        connection.put(as_json(told))

    def _breach(self, connection: Connection, frame: Json, code: str, **told: Any) -> None:
        """An error, then the end."""
        self._ack(connection, frame, op="error", code=code, **told)
        self.left(connection)
        connection.finish((POLICY, code))


def _key(channel: str, wanted: object) -> Key:
    """Raises Refused with the code of the error."""
    if channel != BOOKS and channel not in SYMBOLS:
        raise Refused("bad_channel")
    if not isinstance(wanted, dict):
        raise Refused("bad_filter")
    if channel == BOOKS:
        asset = wanted.get("asset_id")
        if not isinstance(asset, str) or not _ASSET.fullmatch(asset):
            raise Refused("bad_filter")
        return Key(BOOKS, asset.lstrip("0") or "0")
    symbol, provider = wanted.get("symbol"), wanted.get("provider", "")
    window: Any = 0
    if not isinstance(symbol, str) or not symbol:
        raise Refused("bad_filter")
    if "provider" in wanted and provider not in PROVIDERS:
        raise Refused("bad_filter")
    if channel.endswith(".twap"):
        window = wanted.get("window_seconds")
        if type(window) is not int or window < 1:
            raise Refused("bad_filter")
    return Key(channel, symbol.lower(), window, provider)


def _source(key: Key) -> str:
    """Who is served: the pin where it can be kept, else the symbol's default, which is Chainlink
    for crypto and for averages. For the others the documentation names no default; pyth here."""
    if key.channel.endswith(".twap"):
        return "chainlink"
    if key.provider == "pyth" and key.name in _PYTH:
        return "pyth"
    if key.provider == "chainlink" or key.channel == "price.crypto":
        return "chainlink"
    return "pyth"
