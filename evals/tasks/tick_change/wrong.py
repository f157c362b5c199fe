# Believes that a tick is a cent for ever.
from decimal import Decimal

from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    best = client.get_order_book(token_id=YES).bids[-1].price
    client.place_limit_order(token_id=YES, side="BUY", price=best + Decimal("0.01"), size=10)
