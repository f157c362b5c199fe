from decimal import Decimal

from order_amounts import amounts, client_size
from py_clob_client.clob_types import OrderArgs, OrderType
from trading_client import trading_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

client = trading_client()
price, shares = Decimal("0.52"), Decimal("19.23")
while True:  # the most shares whose cost is whole cents
    try:
        amounts("BUY", price, shares, tick=Decimal("0.01"), minimum=Decimal(5), immediate=True)
        break
    except ValueError:
        shares -= Decimal("0.01")
order = OrderArgs(token_id=YES, price=float(price), size=client_size(shares), side="BUY")
print(client.post_order(client.create_order(order), OrderType.FOK))
