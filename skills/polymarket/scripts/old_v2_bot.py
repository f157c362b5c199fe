"""The same bot on py-clob-client-v2, which trades today and calls itself deprecated."""

import os

from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import OrderArgs, OrderPayload, OrderType

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def old_v2_bot() -> None:
    client = ClobClient(
        "https://clob.polymarket.com", chain_id=137, key=os.environ["POLYMARKET_PRIVATE_KEY"]
    )
    client.set_api_creds(client.create_or_derive_api_key())

    book = client.get_order_book(YES)
    print("best bid", book["bids"][-1]["price"])

    order = client.create_order(OrderArgs(token_id=YES, price=0.40, size=10, side="BUY"))
    reply = client.post_order(order, order_type=OrderType.GTC)
    print(reply["status"], len(client.get_open_orders()), "open")

    gone = client.cancel_order(OrderPayload(orderID=reply["orderID"]))
    print("canceled:", gone["canceled"] == [reply["orderID"]])


if __name__ == "__main__":
    old_v2_bot()
