"""Wait until a trade is final: money and shares have moved, or they never will."""

import time
from typing import Any

from py_clob_client.client import ClobClient
from py_clob_client.clob_types import TradeParams


def settled_trade(client: ClobClient, trade_id: str, timeout: float = 60) -> dict[str, Any]:
    """The CONFIRMED trade. RuntimeError: it FAILED. TimeoutError: neither within `timeout` s."""
    deadline = time.monotonic() + timeout
    while True:
        for trade in client.get_trades(TradeParams(id=trade_id)):
            status = trade["status"].removeprefix("TRADE_STATUS_")
            if status == "CONFIRMED":
                return dict(trade)
            if status == "FAILED":
                raise RuntimeError(f"trade {trade_id} failed to settle: nothing has moved")
        if time.monotonic() >= deadline:
            raise TimeoutError(f"trade {trade_id} is not final after {timeout:g} s")
        time.sleep(1)
