"""ws-live-data: crypto and equity prices and comments, the socket that PolyBolt replaces.

Frames: {"action": "subscribe" | "unsubscribe", "subscriptions": [{topic, type, filters}]}. `type`
may be "*". `filters` of a price is "" or a JSON object with the symbol; of comments one with the
parent. Several symbols joined by commas get nothing, as users of the venue found. A topic that the
venue no longer serves (activity, clob_market) is taken and never heard of, as there; whether a
frame that is not understood is answered is not established, here it is not. That a PING gets a
PONG is taken over from the CLOB's sockets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mock_clob import prices
from mock_clob.channel import Channel, parse
from mock_clob.connection import Connection
from mock_clob.wire import Json

COMMENT_TYPES = ("comment_created", "comment_removed", "reaction_created", "reaction_removed")
MAX_SUBSCRIPTIONS = 1_000  # of one connection: the mock's own bound
HISTORY_SECONDS = 120  # of a first snapshot; how far the venue's reaches is not established


@dataclass(frozen=True)
class Feed:
    """A topic of prices: its spelling of each symbol, and the window of an average."""

    symbols: dict[str, str]  # the topic's spelling -> ours
    window: int = 0  # seconds; 0: the price of the second
    snapshots: bool = True


_SLASHED = {f"{name[:-3]}/usd": name for name in prices.CRYPTO}
_SLASHED_TWAP = {f"{name[:-3]}/usd": name for name in prices.CRYPTO_TWAP}
FEEDS = {
    "crypto_prices": Feed({f"{name}t": name for name in prices.CRYPTO}),
    "crypto_prices_chainlink": Feed(_SLASHED),
    "crypto_prices_twap_thirty": Feed(_SLASHED_TWAP, 30, snapshots=False),
    "crypto_prices_twap_sixty": Feed(_SLASHED_TWAP, 60, snapshots=False),
    "equity_prices": Feed({name.upper(): name for name in prices.EQUITY}),
}


@dataclass(frozen=True)
class Wish:
    """One subscription."""

    topic: str
    type: str
    symbol: str = ""  # our spelling, "" for all
    parent: tuple[tuple[str, Any], ...] = ()  # of comments: what their payload must have

    def wants(self, topic: str, kind: str) -> bool:
        return self.topic == topic and self.type in (kind, "*")


@dataclass
class Subscriptions:
    wishes: dict[Wish, None] = field(default_factory=dict)


class LiveData(Channel):
    name = "live_data"

    def reset(self) -> None:
        self._subscriptions: dict[Connection, Subscriptions] = {}
        self._told_second = 0

    def opened(self, connection: Connection) -> None:
        self._subscriptions[connection] = Subscriptions()

    def left(self, connection: Connection) -> None:
        self._subscriptions.pop(connection, None)

    def hear(self, connection: Connection, text: str | None) -> None:
        if text == "PING":
            self.hub.answer(connection, "PONG")
            return
        frame = parse(text)
        wanted = frame.get("subscriptions") if frame else None
        action = frame.get("action") if frame else None
        if not isinstance(wanted, list) or action not in ("subscribe", "unsubscribe"):
            return
        wishes = self._subscriptions[connection].wishes
        for each in wanted:
            wish = _wish(each)
            if wish is None:
                continue
            if action == "unsubscribe":
                wishes.pop(wish, None)
            elif wish not in wishes:
                if len(wishes) >= MAX_SUBSCRIPTIONS:
                    self.hub.end(connection, 1008, "too many subscriptions")
                    return
                wishes[wish] = None
                self._first(connection, wish)

    def _first(self, connection: Connection, wish: Wish) -> None:
        """Recent prices, for a subscription that names its symbol."""
        feed = FEEDS.get(wish.topic)
        if feed is None or not feed.snapshots or not wish.symbol:
            return
        now = self.hub.venue.clock.now_ms()
        second, seed = now // 1000, self.hub.venue.options.seed
        seconds = range(second - HISTORY_SECONDS + 1, second + 1)
        values = prices.history(seed, wish.symbol, seconds)
        data = [
            {"timestamp": at * 1000, "value": value / prices.E8}
            for at, value in zip(seconds, values, strict=True)
        ]
        spelled = next(name for name, ours in feed.symbols.items() if ours == wish.symbol)
        payload = {"symbol": spelled.lower(), "data": data}
        self.say([connection], _message(wish.topic, "subscribe", now, payload))

    # What is told

    def tick(self, now_ms: int) -> None:
        """The price of each second, once; seconds that were jumped over are not made up for."""
        second = now_ms // 1000
        if second == self._told_second:
            return
        self._told_second = second
        wanted = {wish.topic for each in self._subscriptions.values() for wish in each.wishes}
        for topic in [topic for topic in FEEDS if topic in wanted]:
            for spelled, symbol in FEEDS[topic].symbols.items():
                self._price(topic, FEEDS[topic], spelled, symbol, second)

    def _price(self, topic: str, feed: Feed, spelled: str, symbol: str, second: int) -> None:
        listeners = self._listeners(topic, "update", symbol=symbol)
        if not listeners:
            return
        seed = self.hub.venue.options.seed
        [value] = prices.history(seed, symbol, range(second, second + 1), feed.window or 1)
        payload: Json = {"symbol": spelled.lower(), "timestamp": second * 1000}
        if feed.window:
            payload["full_accuracy_value"] = str(value * 10**10)  # 18 decimals
            payload["window_s"] = feed.window
        elif topic == "equity_prices":
            payload["full_accuracy_value"] = exact(value)
            payload["received_at"] = second * 1000
            payload["is_carried_forward"] = False
        payload["value"] = value / prices.E8
        self.say(listeners, _message(topic, "update", second * 1000, payload))

    def comment(self, kind: str, payload: Json) -> None:
        """Tell of a comment or a reaction. `payload` is Gamma's comment, or its reaction.

        Raises ValueError for a kind that is none of COMMENT_TYPES.
        """
        if kind not in COMMENT_TYPES:
            raise ValueError(f"no event named {kind!r}; there are: {', '.join(COMMENT_TYPES)}")
        now = self.hub.venue.clock.now_ms()
        listeners = self._listeners("comments", kind, payload=payload)
        self.say(listeners, _message("comments", kind, now, payload))

    def _listeners(
        self, topic: str, kind: str, *, symbol: str = "", payload: Json | None = None
    ) -> list[Connection]:
        """Connections with a subscription that this event is in, each once."""
        return [
            connection
            for connection, each in self._subscriptions.items()
            if any(
                wish.wants(topic, kind)
                and wish.symbol in ("", symbol)
                and all((payload or {}).get(name) == value for name, value in wish.parent)
                for wish in each.wishes
            )
        ]


def exact(value: int) -> str:
    """A price of 1e-8 with all its decimals."""
    whole, fraction = divmod(value, prices.E8)
    return f"{whole}.{fraction:08d}"


def _wish(found: object) -> Wish | None:
    """A subscription in a frame; None for what nobody could mean."""
    if not isinstance(found, dict):
        return None
    topic, kind, filters = found.get("topic"), found.get("type"), found.get("filters") or "{}"
    if not isinstance(topic, str) or not isinstance(kind, str) or not isinstance(filters, str):
        return None
    wanted = parse(filters)
    if wanted is None:
        return None
    if feed := FEEDS.get(topic):
        if "symbol" not in wanted:
            return Wish(topic, kind)
        given = str(wanted["symbol"]).lower()
        for spelled, symbol in feed.symbols.items():
            if spelled.lower() == given:
                return Wish(topic, kind, symbol)
        return None
    if topic == "comments":
        names = [name for name in ("parentEntityID", "parentEntityType") if name in wanted]
        if all(isinstance(wanted[name], int | str) for name in names):
            return Wish(topic, kind, parent=tuple((name, wanted[name]) for name in names))
    return None


def _message(topic: str, kind: str, now_ms: int, payload: Json) -> Json:
    return {"topic": topic, "type": kind, "timestamp": now_ms, "payload": payload}
