"""Sign an order, post it, read it back and cancel it. Post-only, far from the market: no fill."""

from py_clob_client.clob_types import OpenOrderParams, OrderArgs, OrderType
from py_clob_client.order_builder.constants import BUY
from trading_client import trading_client

TOKEN_ID = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

if __name__ == "__main__":
    client = trading_client()

    book = client.get_order_book(TOKEN_ID)
    print("best bid", book.bids[-1].price, "best ask", book.asks[-1].price)
    print("tick size", client.get_tick_size(TOKEN_ID))
    print("midpoint", client.get_midpoint(TOKEN_ID)["mid"])
    print("price to BUY at rest", client.get_price(TOKEN_ID, BUY)["price"])

    signed = client.create_order(OrderArgs(TOKEN_ID, price=0.05, size=20, side=BUY))
    reply = client.post_order(signed, OrderType.GTC, post_only=True)
    print("posted:", reply["status"])

    order = client.get_order(reply["orderID"])
    print(
        order["side"],
        order["original_size"],
        "at",
        order["price"],
        "matched",
        order["size_matched"],
    )
    print("open orders:", len(client.get_orders(OpenOrderParams(asset_id=TOKEN_ID))))

    print("canceled:", client.cancel(reply["orderID"])["canceled"] == [reply["orderID"]])
    print("after it:", client.get_order(reply["orderID"]))
    print("left to cancel:", len(client.cancel_all()["canceled"]))
