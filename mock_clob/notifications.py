"""What an account is told besides the streams: orders canceled and filled, markets resolved.

Made from the engine's events; kept until they are dropped. Kinds and payloads are those that
polymarket-client 0.14 parses. When the venue writes each of them is not established: here a fill
is told when it is matched, and its transaction hash is filled in once there is one.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial

from mock_clob import wire
from mock_clob.engine import Engine
from mock_clob.model import Event, MarketResolved, Order, OrderChanged, Trade, TradeChanged
from mock_clob.model import TradeStatus as Status
from mock_clob.wire import Json

KEPT = 1_000  # the newest of each wallet; how many the venue keeps is not established


class Kind(IntEnum):
    ORDER_CANCELLATION = 1
    ORDER_FILL = 2
    MARKET_RESOLVED = 4
    ORDER_FILL_FAILED = 8


@dataclass(frozen=True)
class Notification:
    """One note to one wallet. `trade` is what a fill's transaction hash is read from."""

    id: int
    kind: Kind
    at_ms: int
    payload: Json
    trade: Trade | None = None

    def wire(self, owner: str) -> Json:
        """As its reader sees it; `owner` is the reader's API key."""
        payload = self.payload
        if self.trade:
            payload = payload | {
                "trade_id": self.trade.id,
                "transaction_hash": self.trade.transaction_hash,
            }
        return {
            "id": self.id,
            "owner": owner,
            "type": int(self.kind),
            "timestamp": self.at_ms // 1000,
            "payload": payload,
        }


@dataclass
class Notifications:
    engine: Engine
    _of: defaultdict[str, deque[Notification]] = field(
        default_factory=lambda: defaultdict(partial(deque, maxlen=KEPT))
    )
    _count: int = 0

    def of(self, wallet: str) -> list[Notification]:
        """A wallet's notes, the newest first (their order at the venue is not established)."""
        return list(reversed(self._of[wallet])) if wallet in self._of else []

    def drop(self, wallets: Iterable[str], ids: Iterable[int]) -> None:
        """Forget these notes. Ids of others, and unknown ones, are passed over."""
        dropped = set(ids)
        for wallet in wallets:
            if wallet in self._of:
                kept = [note for note in self._of[wallet] if note.id not in dropped]
                self._of[wallet] = deque(kept, KEPT)

    def take(self, events: Iterable[Event]) -> None:
        """Note what these events mean to the accounts."""
        for event in events:
            if isinstance(event, OrderChanged) and event.kind == "CANCELLATION":
                self._order(event.order, Kind.ORDER_CANCELLATION, event.at_ms)
            elif isinstance(event, TradeChanged) and event.status is Status.MATCHED:
                for order in _orders(event.trade):
                    self._order(order, Kind.ORDER_FILL, event.at_ms, event.trade)
            elif isinstance(event, TradeChanged) and event.status is Status.FAILED:
                for order in _orders(event.trade):
                    self._order(order, Kind.ORDER_FILL_FAILED, event.at_ms)
            elif isinstance(event, MarketResolved):
                self._resolved(event)

    def _order(self, order: Order, kind: Kind, at_ms: int, trade: Trade | None = None) -> None:
        market = order.market
        payload: Json = {
            "asset_id": order.token_id,
            "market": market.condition_id,
            "condition_id": market.condition_id,
            "order_id": order.id,
            "owner": order.owner,
            "side": order.side,
            "type": order.type,
            "price": wire.price(order.price),
            "original_size": wire.amount(order.size),
            "matched_size": wire.amount(order.matched),
            "remaining_size": wire.amount(order.remaining),
            "outcome": market.outcome(order.token_id),
            "outcome_index": market.token_ids.index(order.token_id),
            "transaction_hash": "",
            "trade_id": "",
            "question": market.question,
            "market_slug": market.slug,
            "eventSlug": "",
            "seriesSlug": "",
            "icon": "",
            "image": "",
        }
        self._note(order.maker, kind, at_ms, payload, trade)

    def _resolved(self, event: MarketResolved) -> None:
        """To whoever holds shares of either outcome."""
        payload = wire.market(event.market, self.engine) | {"fpmm": "", "eventSlug": ""}
        balances = self.engine.ledger.balances
        tokens = event.market.token_ids
        holders = sorted({owner for (owner, asset), n in balances.items() if asset in tokens and n})
        for wallet in holders:
            self._note(wallet, Kind.MARKET_RESOLVED, event.at_ms, payload)

    def _note(
        self, wallet: str, kind: Kind, at_ms: int, payload: Json, trade: Trade | None = None
    ) -> None:
        self._count += 1
        self._of[wallet].append(Notification(self._count, kind, at_ms, payload, trade))


def _orders(trade: Trade) -> Iterator[Order]:
    yield trade.taker
    for fill in trade.fills:
        yield fill.order
