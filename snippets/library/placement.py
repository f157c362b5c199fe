"""What became of one order that was to be placed: exactly one of three answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from errors import kind_of
from failure import Failure, Kind
from order_outcome import Outcome


@dataclass(frozen=True)
class Placed:
    """The venue has the order: it said so in `reply`, or a look-up found it (`outcome`)."""

    order_id: str
    reply: dict[str, Any] | None = None
    outcome: Outcome | None = None


class _Unplaced(Exception):
    def __init__(self, order_id: str, failure: Failure) -> None:
        super().__init__(f"{failure.kind}: {failure.text} (order {order_id})")
        self.order_id = order_id
        self.failure = failure


class NotPlaced(_Unplaced):
    """The venue does not have the order."""


class OutcomeUnknown(_Unplaced):
    """The venue may have the order. Resolve `order_id` before sending anything in its place."""


def failure_in(reply: Any) -> Failure | None:
    """None when the reply to POST /order, or one of POST /orders, says that the order was accepted.

    A refusal can come with HTTP 200 and `success` true: `errorMsg` and `orderID` tell it.
    """
    if not isinstance(reply, dict):
        return Failure(Kind.UNKNOWN, f"not a reply of the venue: {str(reply)[:40]!r}")
    if text := str(reply.get("errorMsg") or ""):
        return Failure(kind_of(text), text)
    if not reply.get("orderID") or not reply.get("success"):
        return Failure(Kind.UNKNOWN, "neither accepted nor refused")
    return None
