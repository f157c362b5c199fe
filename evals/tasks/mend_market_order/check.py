"""The script sends a market order as GTC, whose price must be on the tick."""

from collections.abc import Iterator

from evals.stage import YES, Stage

GUIDE = "edge-cases/errors.md"
OPTIONS = {"exchange": 1}
FILES = {
    "broken.py": f"""from py_clob_client.clob_types import MarketOrderArgs
from trading_client import trading_client

client = trading_client()
signed = client.create_market_order(MarketOrderArgs({YES!r}, amount=5, side="BUY", price=0.525))
print(client.post_order(signed))
"""
}


def grade(stage: Stage) -> Iterator[str]:
    orders = stage.all_orders()
    if sum(order.spent for order in orders) != 5_000_000:
        yield f"{sum(order.spent for order in orders)} base units were spent"
    if stage.open_orders():
        yield "something rests"
