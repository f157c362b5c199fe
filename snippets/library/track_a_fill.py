"""Buy 10 shares and reconcile the wallet to the last base unit. SPENDS about 5 USDC.e."""

import time
from decimal import Decimal
from typing import Any

from balance_tracker import BalanceTracker
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, TradeParams
from trading_client import trading_client

TOKEN_ID = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def settled_trade(client: ClobClient, trade_id: str, timeout: float = 60) -> dict[str, Any]:
    """The trade, once it is final. Raises RuntimeError when it failed, TimeoutError in the end."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        for trade in client.get_trades(TradeParams(id=trade_id)):
            status = trade["status"].removeprefix("TRADE_STATUS_")
            if status == "CONFIRMED":
                return dict(trade)
            if status == "FAILED":
                raise RuntimeError(f"trade {trade_id} failed to settle: no money has moved")
        time.sleep(1)
    raise TimeoutError(f"trade {trade_id} is not final after {timeout:g} s")


if __name__ == "__main__":
    client = trading_client()
    tracker = BalanceTracker(client.builder.funder)
    tracker.update()
    order = client.create_order(OrderArgs(TOKEN_ID, price=0.52, size=10, side="BUY"))
    reply = client.post_order(order)
    for trade_id in reply["tradeIDs"]:
        settled_trade(client, trade_id)
    result = tracker.reconcile(expected_change=-Decimal(reply["makingAmount"]))
    print("balance", tracker.last_balance)
    print("expected", result.expected, "actual", result.actual)
    print("discrepancy", result.discrepancy)
