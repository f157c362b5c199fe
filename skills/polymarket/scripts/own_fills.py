"""Your own fills out of get_trades: a trade is one taker order against one or more resting ones."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fill import Fill
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import TradeParams
from trading_client import trading_client


def read_fills(client: ClobClient, params: TradeParams | None = None) -> list[Fill]:
    """All final ones of this account, oldest first. Reads every page. Raises PolyApiException."""
    trades = reversed(client.get_trades(params))  # the newest comes first
    fills = [fill for trade in trades for fill in own_fills(trade, client.builder.funder)]
    return sorted((f for f in fills if f.status == "CONFIRMED"), key=lambda fill: fill.time)


def own_fills(trade: Mapping[str, Any], wallet: str) -> Iterator[Fill]:
    """The parts of one trade that are this wallet's."""
    common = {
        "status": trade["status"].removeprefix("TRADE_STATUS_"),
        "market": trade["market"],
        "trade_id": trade["id"],
        "transaction_hash": trade["transaction_hash"],
        "time": datetime.fromtimestamp(int(trade["match_time"]), UTC),
    }
    if trade["trader_side"] == "TAKER":
        what = trade["asset_id"], trade["side"]
        for size, price in taker_parts(trade):
            yield Fill(*what, size, price, trade["outcome"], "TAKER", **common)
    for part in trade["maker_orders"]:
        if part["maker_address"].lower() == wallet.lower():
            what = part["asset_id"], part["side"]
            size, price = Decimal(part["matched_amount"]), Decimal(part["price"])
            yield Fill(*what, size, price, part["outcome"], "MAKER", **common)


def taker_parts(trade: Mapping[str, Any]) -> list[tuple[Decimal, Decimal]]:
    """(size, price) at each resting order; the trade's own price is only their average.

    A resting order for the other outcome has the price of that outcome: 1 minus it is the taker's.
    """
    parts = []
    for part in trade["maker_orders"]:
        price = Decimal(part["price"])
        same = part["asset_id"] == trade["asset_id"]
        parts.append((Decimal(part["matched_amount"]), price if same else 1 - price))
    whole = Decimal(trade["size"])
    return parts if sum(s for s, _ in parts) == whole else [(whole, Decimal(trade["price"]))]


if __name__ == "__main__":
    fills = read_fills(trading_client())
    print("final fills:", len(fills))
