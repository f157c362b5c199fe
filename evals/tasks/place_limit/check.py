"""One order rests, as it was asked for, and nothing else was accepted."""

from collections.abc import Iterator

from evals.stage import YES, Stage

GUIDE = "trading/placing-orders.md"


def grade(stage: Stage) -> Iterator[str]:
    orders = stage.all_orders()
    if len(orders) != 1 or stage.open_orders() != orders:
        yield f"{len(orders)} orders were accepted, {len(stage.open_orders())} rest"
        return
    (order,) = orders
    terms = (order.token_id, order.side, order.price, order.size)
    if terms != (YES, "BUY", 400_000, 20_000_000):
        yield f"the order is {terms}"
