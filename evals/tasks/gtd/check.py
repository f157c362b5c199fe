"""The venue's clock says how long it rests."""

from collections.abc import Iterator

from evals.stage import Stage

GUIDE = "trading/placing-orders.md"


def grade(stage: Stage) -> Iterator[str]:
    if len(stage.all_orders()) != 1:
        yield f"{len(stage.all_orders())} orders were accepted"
        return
    placed = stage.all_orders()[0].created_ms
    stage.venue.advance((placed + 599_000 - stage.venue.venue.clock.now_ms()) / 1000)
    if len(stage.open_orders()) != 1:
        yield "it does not rest for ten minutes"
    stage.venue.advance(121)
    if stage.open_orders():
        yield "it rests after twelve minutes"
