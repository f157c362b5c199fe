"""List the open orders, cancel some or all of them, and be sure that they are gone."""

from collections.abc import Iterable
from decimal import Decimal

from batch_orders import ladder, post
from polymarket import SecureClient
from polymarket.models.clob.account import OpenOrder
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def open_orders(client: SecureClient, token_id: str | None = None) -> list[OpenOrder]:
    """Every page of them; one token's if it is given."""
    return list(client.list_open_orders(token_id=token_id).iter_items())


def reserved(orders: Iterable[OpenOrder]) -> Decimal:
    """Collateral that the bids among them hold back, before fees."""
    return sum(
        ((o.original_size - o.size_matched) * o.price for o in orders if o.side == "BUY"),
        Decimal(0),
    )


def cancel(client: SecureClient, order_ids: Iterable[str]) -> dict[str, str]:
    """The reasons of those that could not be canceled: they have filled, or were gone already."""
    refused = client.cancel_orders(order_ids=list(order_ids)).not_canceled
    return {str(order_id): reason for order_id, reason in refused.items()}


if __name__ == "__main__":
    with secure_client() as client:
        post(client, ladder(client, YES, ["0.45", "0.44", "0.43"], "10"))
        orders = open_orders(client, YES)
        print(len(orders), "open, reserving", reserved(orders))
        gone = [orders[0].id, "0x" + "00" * 32]
        print(list(cancel(client, gone).values()))
        client.cancel_market_orders(token_id=YES)  # also: market=, a condition id
        client.cancel_all()
        print(len(open_orders(client)), "open")
