"""Look an order up by its id: among the open orders, then among the trades."""

from __future__ import annotations

from typing import Any

from outcome import Outcome, is_open, outcome_of
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import TradeParams
from py_clob_client.exceptions import PolyApiException

CLOCK_SKEW_SECONDS = 60


def look_up(client: ClobClient, order_id: str, *, since: float) -> Outcome:
    """Look once. `since` is a Unix time before the order was first sent; older trades are not read.

    The order is asked for first, so that one which fills between the two reads is not missed.
    """
    order = _order(client, order_id)
    if is_open(order):
        return outcome_of(order_id, order, [])
    trades = client.get_trades(TradeParams(after=int(since) - CLOCK_SKEW_SECONDS))
    return outcome_of(order_id, order, trades)


def _order(client: ClobClient, order_id: str) -> dict[str, Any] | None:
    """The open order; for a closed or an unknown one the venue answers null, or 404."""
    try:
        order: dict[str, Any] | None = client.get_order(order_id)
    except PolyApiException as error:
        if error.status_code != 404:
            raise
        return None
    return order
