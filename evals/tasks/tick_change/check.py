"""The tick changes once the solution listens; the bid has a price that the old tick forbids."""

from collections.abc import Iterator

from evals.stage import YES, Stage

GUIDE = "real-time/market-channel.md"
SECONDS = 30.0


def meanwhile(stage: Stage) -> None:
    stage.until(lambda: stage.venue.state()["streams"]["open"])
    stage.venue.advance(1)
    stage.venue.change_tick(YES, "0.001")


def grade(stage: Stage) -> Iterator[str]:
    prices = [order.price for order in stage.all_orders()]
    if prices != [481_000]:
        yield f"orders at {prices}"
