"""Stop on SIGTERM or Ctrl-C: place nothing more, cancel, make sure, and only then end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cancel_orders import Cancels, cancel_for_sure
from journaled_orders import JournaledOrders
from order_journal import OrderJournal
from secure_client import secure_client
from secure_gateway import YES, SecureGateway


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set; at the end they do again what they did. Main thread."""
    stop = threading.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def shut_down(
    venue: Cancels, orders: JournaledOrders, cancel: Callable[[Cancels], None] = cancel_for_sure
) -> None:
    """When nothing places any more: leave no order open and no question either.

    Cancels first, because that is urgent; then what was never answered is looked up, not sent
    again, and since it may have shown up only now, everything is canceled once more. Raises
    StillOpen when the venue does not answer in time: the heartbeat then does it.
    """
    cancel(venue)
    if orders.settle(resend=False):
        cancel(venue)


if __name__ == "__main__":
    with secure_client() as client, stop_on_signals() as stop:
        gateway = SecureGateway(client)
        orders = JournaledOrders(gateway, OrderJournal("orders.sqlite"))
        bid = client.create_limit_order(token_id=YES, side="BUY", price="0.10", size=10)
        while not stop.is_set():
            orders.place(bid)
            signal.raise_signal(signal.SIGTERM)  # what a service manager sends
            stop.wait(1.0)
        shut_down(gateway, orders)
        print("open:", len(gateway.open_orders()))
