"""Cancel until it is known that nothing is open any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from failure import Failure
from secure_client import secure_client
from secure_gateway import YES, SecureGateway

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
MAX_IDS = 1_000  # of one request


class Cancels(Protocol):
    """SecureGateway and ClobGateway have these."""

    def cancel(self, order_ids: Sequence[str] | None) -> Failure | None: ...
    def open_orders(self) -> set[str]: ...


class StillOpen(Exception):
    """`order_ids` are open; None: what is open could not be read."""

    def __init__(self, order_ids: set[str] | None, failure: Failure | None) -> None:
        super().__init__(
            f"{order_ids}: {failure.text if failure else 'canceled, and still listed'}"
        )
        self.order_ids, self.failure = order_ids, failure


def cancel_for_sure(
    venue: Cancels,
    order_ids: Iterable[str] | None = None,
    *,
    seconds: float = 30.0,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Return once a cancel was answered and none is open: canceled, filled, or closed before.

    None: every order, but not a delayed one: name its id. A cancel may be sent again whatever
    became of it; the list of open orders says what it did. Raises StillOpen after `seconds`, or
    at a final refusal.
    """
    wanted = None if order_ids is None else set(order_ids)
    left, unanswered = wanted, {"every order"} if wanted is None else wanted
    deadline, pause = clock() + seconds, FIRST_PAUSE
    while left != set() or unanswered:
        ids = None if wanted is None else sorted(unanswered or left or wanted)[:MAX_IDS]
        failure = venue.cancel(ids)
        if failure is None:
            unanswered = unanswered.difference(ids or unanswered)
        try:
            listed = venue.open_orders()
            left = listed if wanted is None else listed & wanted
        except Exception:
            left = None
        if not unanswered and left == set():
            return
        pause = max(pause, failure.retry_after if failure else 0.0)
        if clock() + pause > deadline or (failure and not failure.may_repeat):
            raise StillOpen(left, failure)
        sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


if __name__ == "__main__":
    with secure_client() as client:
        prices = ("0.10", "0.11", "0.12")
        placed = [
            client.place_limit_order(token_id=YES, side="BUY", price=price, size=10)
            for price in prices
        ]
        gateway = SecureGateway(client)
        first, *_ = (order.order_id for order in placed if order.ok)
        cancel_for_sure(gateway, [first])
        print("open:", len(gateway.open_orders()))
        cancel_for_sure(gateway)
        print("open:", len(gateway.open_orders()))
