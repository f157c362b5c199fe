"""What became of an order, read from the venue's JSON: its open orders, then its trades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

_OPEN = ("LIVE", "DELAYED", "UNMATCHED")


class State(StrEnum):
    OPEN = "open"  # it rests, perhaps filled in part
    CLOSED = "closed"  # it was accepted and rests no longer
    ABSENT = "absent"  # nothing names it: not accepted, closed without a fill, or not visible yet


@dataclass(frozen=True)
class Outcome:
    state: State
    matched: Decimal = Decimal(0)  # shares, as far as the venue shows them


def is_open(order: Mapping[str, Any] | None) -> bool:
    return order is not None and order["status"].removeprefix("ORDER_STATUS_") in _OPEN


def outcome_of(
    order_id: str, order: Mapping[str, Any] | None, trades: Iterable[Mapping[str, Any]]
) -> Outcome:
    """`order`: the reply to GET /data/order/{id}, null if there is none; read it before `trades`,

    so that one which fills between the two reads is not missed.
    """
    matched = Decimal(order["size_matched"]) if order else Decimal(0)
    if is_open(order):
        return Outcome(State.OPEN, matched)
    parts = [part for trade in trades if (part := _part(trade, order_id)) is not None]
    if order is None and not parts:
        return Outcome(State.ABSENT)
    return Outcome(State.CLOSED, max(matched, sum(parts, Decimal(0))))


def _part(trade: Mapping[str, Any], order_id: str) -> Decimal | None:
    """The order's shares in a trade, 0 if the trade failed; None if it does not name the order."""
    if trade["taker_order_id"] == order_id:
        fills = [trade["size"]]
    else:
        makers = trade["maker_orders"]
        fills = [maker["matched_amount"] for maker in makers if maker["order_id"] == order_id]
    if not fills:
        return None
    failed = trade["status"].endswith("FAILED")
    return Decimal(0) if failed else sum(map(Decimal, fills), Decimal(0))
