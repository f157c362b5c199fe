# Pays the midpoint: nobody offers at it.
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    price = client.get_midpoint(token_id=YES)
    client.place_limit_order(token_id=YES, side="BUY", price=price, size=10)
