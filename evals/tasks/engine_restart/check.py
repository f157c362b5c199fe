"""425 at first; the restart is over once the solution has met it."""

from collections.abc import Iterator

from evals.stage import Stage

GUIDE = "library/order-journal.md"
OPTIONS = {"exchange": 2, "chain": False}
SECONDS = 60.0


def prepare(stage: Stage) -> None:
    stage.venue.mode(restart=True)


def meanwhile(stage: Stage) -> None:
    stage.until(lambda: stage.replies("POST", "/order"))
    stage.venue.advance(240)  # past the restart and the time of post-only orders


def grade(stage: Stage) -> Iterator[str]:
    prices = [order.price for order in stage.open_orders()]
    if prices != [400_000] or len(stage.all_orders()) != 1:
        yield f"these prices rest: {prices}, of {len(stage.all_orders())} accepted"
