"""The same bot on polymarket-client: read the book, rest a bid, look at it, cancel it."""

import os
from decimal import Decimal

from polymarket import SecureClient
from polymarket.models.clob.order_response import AcceptedOrder

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def new_bot() -> None:
    key, wallet = os.environ["POLYMARKET_PRIVATE_KEY"], os.environ.get("POLYMARKET_FUNDER")
    with SecureClient.create(private_key=key, wallet=wallet) as client:
        book = client.get_order_book(token_id=YES)
        print("best bid", book.bids[-1].price)

        reply = client.place_limit_order(
            token_id=YES, price=Decimal("0.40"), size=Decimal(10), side="BUY"
        )
        if not isinstance(reply, AcceptedOrder):
            raise SystemExit(f"refused, {reply.code}: {reply.message}")
        print(reply.status, len(list(client.list_open_orders().iter_items())), "open")

        canceled = client.cancel_order(order_id=reply.order_id).canceled
        print("canceled:", canceled == (reply.order_id,))


if __name__ == "__main__":
    new_bot()
