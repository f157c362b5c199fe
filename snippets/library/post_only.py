"""Place a post-only order, one tick further back each time that it would cross the book."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from journaled_orders import JournaledOrders
from order_journal import Entry, OrderJournal, Written
from polymarket import OrderSide, SecureClient
from secure_client import secure_client
from secure_gateway import YES, SecureGateway

CROSSES = "order crosses book"


def place_post_only(
    orders: JournaledOrders,
    sign: Callable[[Decimal], Any],
    price: Decimal,
    closest: Callable[[], Decimal | None],
    tries: int = 5,
) -> Entry:
    """`sign(price)` gives a post-only order; `closest()` the best price that does not cross now.

    Each price is an order of its own, and the refused ones stand in the journal as refused. Ends
    with the first answer that is not a crossing, after `tries`, or when no price is left.
    """
    while True:
        entry = orders.place(sign(price))
        tries -= 1
        if entry.state is not Written.REFUSED or CROSSES not in entry.detail or not tries:
            return entry
        if (nearest := closest()) is None:
            return entry
        price = nearest


def closest_price(client: SecureClient, token_id: str, side: OrderSide) -> Decimal | None:
    """One tick before the other side's best price; None beyond 0 and 1."""
    book = client.get_order_book(token_id=token_id)
    tick = Decimal(str(book.tick_size))
    if side == "BUY":
        price = min(level.price for level in book.asks) - tick if book.asks else 1 - tick
    else:
        price = max(level.price for level in book.bids) + tick if book.bids else tick
    return price if 0 < price < 1 else None


if __name__ == "__main__":
    with secure_client() as client:
        orders = JournaledOrders(SecureGateway(client), OrderJournal("orders.sqlite"))

        def bid(price: Decimal) -> Any:
            return client.create_limit_order(
                token_id=YES, side="BUY", price=price, size=10, post_only=True
            )

        entry = place_post_only(
            orders, bid, Decimal("0.55"), lambda: closest_price(client, YES, "BUY")
        )
        print(entry.state, client.get_order(order_id=entry.order_id).price)
        client.cancel_all()
