"""One FOK filled, for whole cents."""

from collections.abc import Iterator

from evals.stage import Stage

GUIDE = "edge-cases/order-constraints.md"
OPTIONS = {"exchange": 1}


def grade(stage: Stage) -> Iterator[str]:
    filled = [order for order in stage.all_orders() if order.matched]
    if len(filled) != 1 or filled[0].type != "FOK":
        yield f"{[str(order.type) for order in filled]} filled"
        return
    if not 9_800_000 <= filled[0].spent <= 10_000_000:
        yield f"{filled[0].spent} base units were spent"
