from decimal import Decimal

from journaled_orders import JournaledOrders
from order_journal import OrderJournal
from post_only import closest_price, place_post_only
from secure_client import secure_client
from secure_gateway import SecureGateway

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    orders = JournaledOrders(SecureGateway(client), OrderJournal("orders.sqlite"))
    entry = place_post_only(
        orders,
        lambda price: client.create_limit_order(
            token_id=YES, side="BUY", price=price, size=10, post_only=True
        ),
        closest_price(client, YES, "BUY") or Decimal("0.01"),
        lambda: closest_price(client, YES, "BUY"),
    )
    print(entry.state)
