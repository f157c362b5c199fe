# One request for each order.
from limit_order import rest_order
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    for price in ("0.30", "0.31", "0.32", "0.33", "0.34"):
        rest_order(client, YES, "BUY", price, "10")
