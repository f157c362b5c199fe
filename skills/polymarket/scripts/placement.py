"""Send an order, and read whether the venue has it; the three answers that `place_once` gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from errors import classify
from failure import Failure, Kind, kind_of
from outcome import Outcome
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderType
from py_order_utils.model import SignedOrder


@dataclass(frozen=True)
class Placed:
    """The venue has the order: it said so in `reply`, or a look-up found it (`outcome`)."""

    order_id: str
    reply: dict[str, Any] | None = None
    outcome: Outcome | None = None


class Unplaced(Exception):
    def __init__(self, order_id: str, failure: Failure) -> None:
        super().__init__(f"{failure.kind}: {failure.text} (order {order_id})")
        self.order_id = order_id
        self.failure = failure


class NotPlaced(Unplaced):
    """The venue does not have the order."""


class OutcomeUnknown(Unplaced):
    """The venue may have the order. Resolve `order_id` before sending anything in its place."""


def send(
    client: ClobClient, signed_order: SignedOrder, order_type: OrderType, post_only: bool
) -> dict[str, Any] | Failure:
    """Send once. The venue's reply when it has the order, else what went wrong."""
    try:
        reply = client.post_order(signed_order, order_type, post_only)
    except Exception as error:
        return classify(error)
    return failure_in(reply) or reply


def failure_in(reply: Any) -> Failure | None:
    """None when a reply to POST /order, or one of POST /orders, says that the order is accepted.

    A refusal can come with HTTP 200 and `success` true: `errorMsg` and `orderID` tell it.
    """
    if not isinstance(reply, dict):
        return Failure(Kind.UNKNOWN, f"not a reply of the venue: {str(reply)[:40]!r}")
    if text := str(reply.get("errorMsg") or ""):
        return Failure(kind_of(text), text)
    if not reply.get("orderID") or not reply.get("success"):
        return Failure(Kind.UNKNOWN, "neither accepted nor refused")
    return None
