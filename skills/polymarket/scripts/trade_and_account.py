"""Trade a little and account for it. SPENDS: buys 20 shares, sells 5, and keeps 15."""

from decimal import Decimal

from own_fills import read_fills
from profit_and_loss import average_cost
from py_clob_client.clob_types import OrderArgs, OrderType, TradeParams
from settled_trade import settled_trade
from trading_client import trading_client

TOKEN_ID = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

if __name__ == "__main__":
    client = trading_client()
    start = client.get_server_time()
    for side, price, size in (("BUY", 0.52, 20), ("SELL", 0.48, 5)):
        order = client.create_order(OrderArgs(TOKEN_ID, price=price, size=size, side=side))
        for trade_id in client.post_order(order, OrderType.FOK)["tradeIDs"]:
            settled_trade(client, trade_id)

    fills = read_fills(client, TradeParams(asset_id=TOKEN_ID, after=start))
    for fill in fills:
        print(fill.role, fill.side, fill.size, fill.outcome, "at", fill.price)
    held = average_cost(fills)[TOKEN_ID]
    middle = Decimal(client.get_midpoint(TOKEN_ID)["mid"])
    print("holds", held.shares, "that cost", held.cost)
    print("realized", held.realized, "unrealized", held.unrealized(middle))
