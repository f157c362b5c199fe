from limit_order import rest_order
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    print(rest_order(client, YES, "BUY", "0.40", "20"))
