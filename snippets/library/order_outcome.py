"""Look an order up by its id: among the open orders, then among the trades."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from py_clob_client.client import ClobClient
from py_clob_client.clob_types import TradeParams
from py_clob_client.exceptions import PolyApiException

CLOCK_SKEW_SECONDS = 60
_OPEN = ("LIVE", "DELAYED", "UNMATCHED")


class State(StrEnum):
    OPEN = "open"  # it rests, perhaps filled in part
    CLOSED = "closed"  # it was accepted and rests no longer
    ABSENT = "absent"  # nothing names it: not accepted, closed without a fill, or not visible yet


@dataclass(frozen=True)
class Outcome:
    state: State
    matched: Decimal = Decimal(0)  # shares, as far as the venue shows them


def look_up(client: ClobClient, order_id: str, *, since: float) -> Outcome:
    """Look once. `since` is a Unix time before the order was first sent; older trades are not read.

    The order is asked for first, so that one which fills between the two reads is not missed.
    """
    order = _order(client, order_id)
    matched = Decimal(order["size_matched"]) if order else Decimal(0)
    if order and order["status"].removeprefix("ORDER_STATUS_") in _OPEN:
        return Outcome(State.OPEN, matched)
    trades = client.get_trades(TradeParams(after=int(since) - CLOCK_SKEW_SECONDS))
    parts = [part for trade in trades if (part := _part(trade, order_id)) is not None]
    if order is None and not parts:
        return Outcome(State.ABSENT)
    return Outcome(State.CLOSED, max(matched, sum(parts, Decimal(0))))


def _order(client: ClobClient, order_id: str) -> dict[str, Any] | None:
    """The open order; for a closed or an unknown one the venue answers null, or 404."""
    try:
        order: dict[str, Any] | None = client.get_order(order_id)
    except PolyApiException as error:
        if error.status_code != 404:
            raise
        return None
    return order


def _part(trade: dict[str, Any], order_id: str) -> Decimal | None:
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
