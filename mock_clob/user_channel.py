"""/ws/user: the orders and trades of the owner of an API key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mock_clob import user_events
from mock_clob.channel import Channel, as_text, parse, strings
from mock_clob.connection import Connection
from mock_clob.market_channel import INVALID_OPERATION, NOT_A_SUBSCRIPTION
from mock_clob.model import Event, Market, OrderChanged, TradeChanged
from mock_clob.wire import Json

MAX_MARKETS = 10_000  # of one connection: the mock's own bound


@dataclass
class Subscription:
    owner: str  # API key
    markets: set[str] = field(default_factory=set)  # lower case; empty: all


class UserChannel(Channel):
    name = "user"

    def reset(self) -> None:
        self.subscriptions: dict[Connection, Subscription] = {}
        self._by_owner: dict[str, dict[Connection, None]] = {}

    def left(self, connection: Connection) -> None:
        if subscription := self.subscriptions.pop(connection, None):
            mine = self._by_owner[subscription.owner]
            del mine[connection]
            if not mine:
                del self._by_owner[subscription.owner]

    def hear(self, connection: Connection, text: str | None) -> None:
        subscription = self.subscriptions.get(connection)
        if subscription is None:
            self._first(connection, parse(text))
        elif text == "PING":
            self.hub.answer(connection, "PONG")
        else:
            self._later(connection, subscription, parse(text))

    def _first(self, connection: Connection, frame: Json | None) -> None:
        """The initial subscription, or the end of the connection."""
        kind = frame.get("type") if frame else None
        markets = [] if frame and "markets" not in frame else strings(frame or {}, "markets")
        if frame is None or markets is None or not isinstance(kind, str) or kind.lower() != "user":
            self.hub.end(connection, *NOT_A_SUBSCRIPTION)
            return
        # What the venue does on bad credentials is not documented. Users see the connection end
        # without a close frame (py-clob-client issue 204), so does the mock.
        credentials = self.hub.venue.keys.socket(frame.get("auth"))
        if credentials is None:
            self.hub.end(connection)
            return
        owner = credentials.api_key
        subscription = self.subscriptions[connection] = Subscription(owner)
        self._by_owner.setdefault(owner, {})[connection] = None
        self._filter(connection, subscription, markets)

    def _later(
        self, connection: Connection, subscription: Subscription, frame: Json | None
    ) -> None:
        """A change of what is subscribed."""
        operation = frame.get("operation") if frame else None
        markets = strings(frame, "markets") if frame else None
        if frame is None or markets is None or operation not in ("subscribe", "unsubscribe"):
            connection.put(as_text(INVALID_OPERATION))
        elif operation == "subscribe":
            self._filter(connection, subscription, markets)
        else:
            # An empty filter lets everything through: polymarket-client unsubscribes from its
            # markets when it wants them all.
            subscription.markets.difference_update(each.lower() for each in markets)

    def _filter(
        self, connection: Connection, subscription: Subscription, markets: list[str]
    ) -> None:
        known = self.hub.venue.engine.markets
        self.hub.unknown_ids.update(each for each in markets if each not in known)
        subscription.markets.update(each.lower() for each in markets)
        if len(subscription.markets) > MAX_MARKETS:
            self.hub.end(connection, 1008, "too many markets")

    # What the venue says

    def publish(self, events: Sequence[Event]) -> None:
        if not self.subscriptions:
            return
        for event in events:
            if isinstance(event, OrderChanged):
                order = event.order
                if watchers := self._watchers(order.owner, order.market):
                    self.say(watchers, user_events.order(event))
            elif isinstance(event, TradeChanged):
                self._trade(event)

    def _trade(self, event: TradeChanged) -> None:
        """The taker's owner and each maker's, each once, as they see the trade."""
        trade = event.trade
        owners = [trade.taker.owner, *(fill.order.owner for fill in trade.fills)]
        for owner in dict.fromkeys(owners):
            if watchers := self._watchers(owner, trade.taker.market):
                self.say(watchers, user_events.trade(event, owner))

    def _watchers(self, owner: str, market: Market) -> list[Connection]:
        condition_id = market.condition_id.lower()
        found = []
        for connection in self._by_owner.get(owner, ()):
            markets = self.subscriptions[connection].markets
            if not markets or condition_id in markets:
                found.append(connection)
        return found
