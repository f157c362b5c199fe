"""A bot as small as can be: one bid that it keeps in the book. It knows of no mock."""

import os
from decimal import Decimal

from polymarket import SecureClient
from polymarket.models.clob.order_response import AcceptedOrder

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def keep_bid(client: SecureClient, token_id: str, price: str, size: str) -> str:
    """The id of the open bid; placed only if there is none. RuntimeError: the venue refused it.

    It looks before it places, so it may be called again whenever the outcome is unknown.
    """
    for order in client.list_open_orders(token_id=token_id).iter_items():
        if order.side == "BUY":
            return order.id
    placed = client.place_limit_order(
        token_id=token_id, side="BUY", price=Decimal(price), size=Decimal(size), post_only=True
    )
    if not isinstance(placed, AcceptedOrder):
        raise RuntimeError(f"refused, {placed.code}: {placed.message}")
    return placed.order_id


if __name__ == "__main__":
    key, wallet = os.environ["POLYMARKET_PRIVATE_KEY"], os.environ["POLYMARKET_FUNDER"]
    with SecureClient.create(private_key=key, wallet=wallet) as client:
        first = keep_bid(client, YES, "0.40", "10")
        print("kept:", keep_bid(client, YES, "0.40", "10") == first)
