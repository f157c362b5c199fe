"""The venue takes the order, and its reply never arrives, twice."""

from collections.abc import Iterator

from evals.stage import Stage

GUIDE = "library/order-journal.md"
OPTIONS = {"exchange": 2, "chain": False}
SECONDS = 60.0


def prepare(stage: Stage) -> None:
    stage.venue.fault("lose_reply", method="POST", path="/order", times=2)


def grade(stage: Stage) -> Iterator[str]:
    prices = [order.price for order in stage.open_orders()]
    if prices != [400_000]:
        yield f"these prices rest: {prices}"
    if len(stage.all_orders()) != 1:
        yield f"{len(stage.all_orders())} orders were accepted"
    if stage.code:
        yield f"it exits with {stage.code}"
