"""Five orders rest, and one request brought them."""

from collections.abc import Iterator

from evals.stage import Stage

GUIDE = "trading/placing-orders.md"


def grade(stage: Stage) -> Iterator[str]:
    prices = sorted(order.price for order in stage.open_orders())
    if prices != [300_000, 310_000, 320_000, 330_000, 340_000]:
        yield f"these prices rest: {prices}"
    single, batches = stage.requests("POST", "/order"), stage.requests("POST", "/orders")
    if (single, batches) != (0, 1):
        yield f"{single} requests to /order, {batches} to /orders"
