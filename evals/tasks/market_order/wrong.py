# A limit order at the worst price: what is not offered rests.
from decimal import Decimal

from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    size = (Decimal(60) / Decimal("0.52")).quantize(Decimal("0.01"))
    client.place_limit_order(token_id=YES, side="BUY", price=Decimal("0.52"), size=size)
