# Cancels the market, not the order.
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    for order in client.list_open_orders(token_id=YES).first_page().items:
        if str(order.price) == "0.3" or str(order.price) == "0.30":
            client.cancel_market_orders(token_id=order.asset_id)
