from py_clob_client.clob_types import MarketOrderArgs, OrderType
from trading_client import trading_client

client = trading_client()
order = MarketOrderArgs(
    "71321045679252212594626385532706912750332728571942532289631379312455583992563",
    amount=5,
    side="BUY",
    price=0.53,
    order_type=OrderType.FOK,
)
print(client.post_order(client.create_market_order(order), OrderType.FOK))
