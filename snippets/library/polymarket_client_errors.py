"""The same reading for polymarket-client 0.14, the client that trades today."""

from __future__ import annotations

import httpx
from failure import Failure, Kind, kind_of
from polymarket import PublicClient
from polymarket.errors import (
    InsufficientLiquidityError,
    RateLimitError,
    RequestRejectedError,
    SigningError,
    TransportError,
    UserInputError,
)
from polymarket.models.clob.order_response import AcceptedOrder, OrderResponse

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def classify(error: Exception) -> Failure:
    """What an exception of a read, of post_order or of a cancel means."""
    text, wait, kind = str(error), 0.0, Kind.UNKNOWN
    if isinstance(error, RateLimitError):
        kind, wait = Kind.RATE_LIMITED, error.retry_after or 0.0
    elif isinstance(error, RequestRejectedError):
        wait = error.retry_after or 0.0
        kind = Kind.UNAVAILABLE if error.restriction else kind_of(text, error.status)
    elif isinstance(error, (UserInputError, SigningError, InsufficientLiquidityError)):
        kind = Kind.NOT_SENT
    elif isinstance(error, TransportError) and isinstance(error.__cause__, _NEVER_SENT):
        kind = Kind.UNAVAILABLE
    return Failure(kind, text, wait, error)


def failure_of(order: OrderResponse) -> Failure | None:
    """What a reply to an order says; None: accepted. A refusal may come with HTTP 200."""
    if isinstance(order, AcceptedOrder):
        return None
    # "unmatched": taken, delayed, and not matched. Whether it then rests is to be looked up.
    open_ended = order.code == "unmatched"
    return Failure(Kind.UNKNOWN if open_ended else kind_of(order.message), order.message)


if __name__ == "__main__":
    with PublicClient() as client:
        try:
            client.get_order_book(token_id="1")
        except Exception as error:
            failure = classify(error)
            print(f"{failure.kind}: {failure.text}")
