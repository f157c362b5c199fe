from decimal import Decimal

from manage_orders import cancel, open_orders
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    wanted = [order.id for order in open_orders(client, YES) if order.price == Decimal("0.30")]
    print("not canceled:", cancel(client, wanted))
