"""A bot of 2026-03 on py-clob-client, whole: read the book, rest a bid, look at it, cancel it."""

import os

from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, OrderType
from py_clob_client.order_builder.constants import BUY

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def old_bot() -> None:
    client = ClobClient(
        "https://clob.polymarket.com", chain_id=137, key=os.environ["POLYMARKET_PRIVATE_KEY"]
    )
    client.set_api_creds(client.create_or_derive_api_creds())

    book = client.get_order_book(YES)
    print("best bid", book.bids[-1].price)

    order = client.create_order(OrderArgs(YES, price=0.40, size=10, side=BUY))
    reply = client.post_order(order, OrderType.GTC)
    print(reply["status"], len(client.get_orders()), "open")

    print("canceled:", client.cancel(reply["orderID"])["canceled"] == [reply["orderID"]])


if __name__ == "__main__":
    old_bot()
