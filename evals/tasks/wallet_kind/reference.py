from decimal import Decimal

from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    placed = client.place_limit_order(
        token_id=YES, side="BUY", price=Decimal("0.40"), size=Decimal(10)
    )
    print(client.wallet_type, placed.ok)
