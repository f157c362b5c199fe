"""The messages of the user channel, made from the engine's events."""

from __future__ import annotations

from mock_clob import wire
from mock_clob.model import OrderChanged, TradeChanged
from mock_clob.wire import Json

# Why an order was canceled -> the status it is told with. The names are those that
# polymarket-client knows (KnownUserOrderStatus); that they go with these reasons is read from the
# names. Any other cancellation is told with the order's own status.
CANCELED = {
    "expired": "CANCELED_EXPIRED_ORDER",
    "market resolved": "CANCELED_MARKET_RESOLVED",
    "not enough balance": "CANCELED_NOT_ENOUGH_BALANCE",
}


def order(event: OrderChanged) -> Json:
    told = wire.order_event(event.order, event.kind, event.at_ms)
    if event.kind == "CANCELLATION":
        told["status"] = CANCELED.get(event.reason, event.order.status)
    return told


def trade(event: TradeChanged, owner: str) -> Json:
    """A trade at one of its statuses, as `owner` sees it."""
    return wire.trade_event(event.trade, owner, event.status, event.at_ms)
