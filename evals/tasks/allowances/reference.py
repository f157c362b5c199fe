from decimal import Decimal

from needed_approvals import approve
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    approve(client, Decimal(500))
    print(client.place_limit_order(token_id=YES, side="BUY", price="0.40", size="10").ok)
