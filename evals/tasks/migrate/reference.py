from decimal import Decimal

from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    print("best bid", client.get_order_book(token_id=YES).bids[-1].price)
    reply = client.place_limit_order(
        token_id=YES, price=Decimal("0.40"), size=Decimal(10), side="BUY"
    )
    print(reply.ok, len(list(client.list_open_orders().iter_items())), "open")
