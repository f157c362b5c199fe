"""/ws/market: books, prices and trades of the assets that a connection names.

A connection that comes back gets fresh books and nothing of what it missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mock_clob import market_events, wire
from mock_clob.channel import Channel, as_json, as_text, parse, strings
from mock_clob.connection import Connection
from mock_clob.model import (
    Event,
    LevelsChanged,
    MarketAdded,
    MarketResolved,
    TickChanged,
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
MAX_SUBSCRIPTIONS = 10_000  # assets of one connection: the mock's own bound, the venue has none


@dataclass
class Subscription:
    assets: dict[str, None] = field(default_factory=dict)  # in order
    custom: bool = False  # custom_feature_enabled


class MarketChannel(Channel):
    name = "market"

    def reset(self) -> None:
        self.subscriptions: dict[Connection, Subscription] = {}
        self._by_asset: dict[str, dict[Connection, None]] = {}
        self._best: dict[str, market_events.Best] = {}
        self.arrays = False  # send the first books as one JSON array: the venue does either

    @property
    def watched(self) -> list[str]:
        """Assets that somebody watches."""
        return list(self._by_asset)

    def left(self, connection: Connection) -> None:
        if subscription := self.subscriptions.pop(connection, None):
            for asset in subscription.assets:
                self._unwatch(connection, asset)

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
        # An empty list of assets is good: it waits for news of all markets.
        assets = strings(frame, "assets_ids") if frame else None
        kind = frame.get("type") if frame else None
        if frame is None or assets is None or not isinstance(kind, str) or kind.lower() != "market":
            self.hub.end(connection, *NOT_A_SUBSCRIPTION)
            return
        custom = frame.get("custom_feature_enabled") is True
        subscription = self.subscriptions[connection] = Subscription(custom=custom)
        self._watch(connection, subscription, assets, dump=_wants_dump(frame))

    def _later(
        self, connection: Connection, subscription: Subscription, frame: Json | None
    ) -> None:
        """A change of what is subscribed."""
        operation = frame.get("operation") if frame else None
        assets = strings(frame, "assets_ids") if frame else None
        if frame is None or assets is None or operation not in ("subscribe", "unsubscribe"):
            connection.put(as_text(INVALID_OPERATION))
        elif operation == "unsubscribe":
            for asset in assets:
                if asset in subscription.assets:
                    del subscription.assets[asset]
                    self._unwatch(connection, asset)
        else:
            # polymarket-client's source: the flag is applied before duplicates are rejected. That
            # one duplicate rejects the whole frame is the stricter reading of it.
            if isinstance(flag := frame.get("custom_feature_enabled"), bool):
                subscription.custom = flag
            if any(asset in subscription.assets for asset in assets):
                connection.put(as_text(INVALID_OPERATION))
            else:
                self._watch(connection, subscription, assets, dump=_wants_dump(frame))

    def _watch(
        self, connection: Connection, subscription: Subscription, assets: list[str], *, dump: bool
    ) -> None:
        """Subscribe to assets and send their books. Unknown ids are taken, and never heard of."""
        if len(subscription.assets) + len(assets) > MAX_SUBSCRIPTIONS:
            self.hub.end(connection, 1008, "too many assets")
            return
        engine, now = self.hub.venue.engine, self.hub.venue.clock.now_ms()
        snapshots = []
        for asset in dict.fromkeys(assets):
            subscription.assets[asset] = None
            self._by_asset.setdefault(asset, {})[connection] = None
            if asset not in engine.by_token:
                self.hub.unknown_ids.add(asset)
                continue
            snapshots.append(market_events.book(engine, asset, now))
            self._best[asset] = wire.best(engine, asset)
        if not dump or len(subscription.assets) > SNAPSHOT_LIMIT:
            return
        if self.arrays:
            if snapshots:
                self.hub.push(connection, as_json(snapshots))
        else:
            for snapshot in snapshots:
                self.hub.push(connection, as_json(snapshot))

    def _unwatch(self, connection: Connection, asset: str) -> None:
        del self._by_asset[asset][connection]
        if not self._by_asset[asset]:
            del self._by_asset[asset]
            self._best.pop(asset, None)

    # What the venue says

    def publish(self, events: Sequence[Event]) -> None:
        """Books and best prices are told as they stand now. So that they fit together, all level
        changes of a market become one price_change, and a token gets one new book.
        """
        if not self.subscriptions:
            return
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
                    self.say(watchers, market_events.last_trade_price(event.trade, event.at_ms))
            elif isinstance(event, TickChanged):
                for token in event.market.token_ids:
                    if watchers := self._watchers(token):
                        self.say(watchers, market_events.tick_size_change(event, token))
            # Bots that watch a few assets record news of all markets, so those who ask for the
            # custom feature get both, whatever they watch.
            elif isinstance(event, MarketAdded):
                self.say(self._custom(), market_events.new_market(event))
            elif isinstance(event, MarketResolved):
                self.say(self._custom(), market_events.market_resolved(event))
        for token, at_ms in traded.items():
            if watchers := self._watchers(token):
                self.say(watchers, market_events.book(self.hub.venue.engine, token, at_ms))

    def _levels(self, events: list[LevelsChanged]) -> None:
        """A price_change for all who watch either token; best_bid_ask where the best is new."""
        market, at_ms = events[0].market, events[-1].at_ms
        watchers = self._watchers(*market.token_ids)
        if not watchers:
            return
        engine = self.hub.venue.engine
        self.say(watchers, market_events.price_change(engine, events))
        for token in market.token_ids:
            best = wire.best(engine, token)
            if self._best.get(token) != best:
                self._best[token] = best
                custom = [each for each in self._watchers(token) if self.subscriptions[each].custom]
                if custom:
                    self.say(custom, market_events.best_bid_ask(market, token, best, at_ms))

    def _watchers(self, *tokens: str) -> list[Connection]:
        """Connections that watch one of the tokens, each once."""
        found: dict[Connection, None] = {}
        for token in tokens:
            found |= self._by_asset.get(token, {})
        return list(found)

    def _custom(self) -> list[Connection]:
        return [connection for connection, each in self.subscriptions.items() if each.custom]


def _wants_dump(frame: Json) -> bool:
    return frame.get("initial_dump") is not False
