# 10 / 0.52 shares: what they cost has more than two decimals.
from py_clob_client.clob_types import OrderArgs, OrderType
from trading_client import trading_client

client = trading_client()
order = OrderArgs(
    token_id="71321045679252212594626385532706912750332728571942532289631379312455583992563",
    price=0.52,
    size=round(10 / 0.52, 2),
    side="BUY",
)
print(client.post_order(client.create_order(order), OrderType.FOK))
