"""Buy 10 shares and reconcile the wallet to the last base unit. SPENDS about 5 USDC.e."""

from decimal import Decimal

from balance_tracker import BalanceTracker
from py_clob_client.clob_types import OrderArgs, OrderType
from settled_trade import settled_trade
from trading_client import trading_client

TOKEN_ID = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

if __name__ == "__main__":
    client = trading_client()
    tracker = BalanceTracker(client.builder.funder)
    tracker.update()

    order = client.create_order(OrderArgs(TOKEN_ID, price=0.52, size=10, side="BUY"))
    reply = client.post_order(order, OrderType.FOK)  # all of it, or refused
    for trade_id in reply["tradeIDs"]:
        settled_trade(client, trade_id)

    result = tracker.reconcile(expected_change=-Decimal(reply["makingAmount"]))
    print("expected", result.expected, "actual", result.actual)
    print("discrepancy", result.discrepancy)
    print("balance", tracker.last_balance)
