"""SIGTERM comes once the order rests."""

import signal
from collections.abc import Iterator

from evals.stage import Stage

GUIDE = "library/order-lifecycle.md"
OPTIONS = {"exchange": 2, "chain": False}
SECONDS = 40.0


def meanwhile(stage: Stage) -> None:
    stage.until(stage.open_orders)
    # The first cancel is lost on the way.
    stage.venue.fault("reset", method="DELETE", path="/*", times=1)
    assert stage.process
    stage.process.send_signal(signal.SIGTERM)


def grade(stage: Stage) -> Iterator[str]:
    if rest := len(stage.open_orders()):
        yield f"{rest} orders rest"
    if not stage.all_orders():
        yield "no order was placed"
    if stage.code:
        yield f"it exits with {stage.code}"
