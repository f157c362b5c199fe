"""An account's orders and trades, from events and REST reads that may repeat and overtake others.

A trade only moves forward through its statuses, an order only towards more filled and closed:
whatever is late or known already changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

RANKS = {"MATCHED": 1, "RETRYING": 2, "MINED": 3, "CONFIRMED": 4, "FAILED": 4}
FINAL = RANKS["CONFIRMED"]
REMEMBERED = 10_000  # orders and trades; the oldest that are over are forgotten first


@dataclass(frozen=True)
class AccountSnapshot:
    """Two REST reads, orders first: of an order that is gone by then, the trades are all there."""

    open_orders: list[Json]
    trades: list[Json]


@dataclass
class AccountState:
    """Orders and trades by id, as the venue's JSON. What is no such JSON raises."""

    orders: dict[str, Json] = field(default_factory=dict)
    trades: dict[str, Json] = field(default_factory=dict)

    def take_trade(self, trade: Json) -> bool:
        """Whether it was news: unknown so far, or further on its way to CONFIRMED or FAILED."""
        _matched_at(trade), _shares(trade, "")  # nothing unreadable is kept
        known = self.trades.get(trade["id"])
        if known and _rank(known) >= _rank(trade):
            return False
        _keep(self.trades, trade, lambda each: _rank(each) == FINAL)
        return True

    def take_order(self, order: Json) -> bool:
        """Whether it was news: unknown so far, filled further, or closed."""
        known, progress = self.orders.get(order["id"]), _progress(order)
        if known and _progress(known) >= progress:
            return False
        _keep(self.orders, order, _is_closed)
        return True

    def merge(self, snapshot: AccountSnapshot, expected: set[str]) -> Iterator[Json]:
        """Take a snapshot and yield what is news in it, as events.

        `expected`: ids of the orders that were open before it was read. Those it does not have
        were closed unseen; their events have the type CLOSED_UNSEEN and what their trades filled.
        """
        for each in snapshot.trades:
            trade = {**each, "event_type": "trade", "status": _status(each)}
            if self.take_trade(trade):
                yield trade
        orders = [{**each, "event_type": "order"} for each in snapshot.open_orders]
        for order_id in sorted(expected - {order["id"] for order in orders}):
            filled = str(self.filled(order_id))
            closed = {"event_type": "order", "type": "CLOSED_UNSEEN", "size_matched": filled}
            orders.append({**self.orders[order_id], **closed})
        for order in orders:
            if self.take_order(order):
                yield order

    def open_orders(self) -> set[str]:
        return {order_id for order_id, order in self.orders.items() if not _is_closed(order)}

    def filled(self, order_id: str) -> Decimal:
        """Shares of one order in all its trades that did not fail."""
        trades = [each for each in self.trades.values() if _status(each) != "FAILED"]
        return sum((_shares(each, order_id) for each in trades), Decimal(0))

    def read_from(self, otherwise: int) -> int:
        """Unix seconds from which trades have to be read again: what is settled stays as it is."""
        unsettled = [_matched_at(t) for t in self.trades.values() if _rank(t) < FINAL]
        newest = max(map(_matched_at, self.trades.values()), default=otherwise)
        return min(unsettled, default=newest)


def _status(trade: Json) -> str:
    return str(trade["status"]).removeprefix("TRADE_STATUS_")  # REST may write the prefix


def _rank(trade: Json) -> int:
    return RANKS.get(_status(trade), 0)


def _matched_at(trade: Json) -> int:
    return int(trade.get("match_time") or trade["matchtime"])  # both spellings were seen


def _shares(trade: Json, order_id: str) -> Decimal:
    filled = [(each["order_id"], each["matched_amount"]) for each in trade["maker_orders"]]
    filled.append((trade["taker_order_id"], trade["size"]))
    return sum((Decimal(shares) for each, shares in filled if each == order_id), Decimal(0))


def _is_closed(order: Json) -> bool:
    return (
        order.get("type") in ("CANCELLATION", "CLOSED_UNSEEN")
        or str(order["status"]).removeprefix("ORDER_STATUS_").startswith(("CANCELED", "INVALID"))
        or Decimal(order["size_matched"]) >= Decimal(order["original_size"])
    )


def _progress(order: Json) -> tuple[bool, Decimal]:
    return _is_closed(order), Decimal(order["size_matched"])


def _keep(table: dict[str, Json], item: Json, is_over: Callable[[Json], bool]) -> None:
    table[item["id"]] = item
    if len(table) > REMEMBERED:
        for key in [key for key, each in table.items() if is_over(each)][:1]:
            del table[key]
