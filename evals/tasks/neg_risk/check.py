"""The sum of the engine's best asks, and a fill on the neg-risk exchange."""

from collections.abc import Iterator
from decimal import Decimal

from evals.stage import Stage

GUIDE = "edge-cases/neg-risk.md"


def grade(stage: Stage) -> Iterator[str]:
    if Decimal(str(stage.answer().get("cost", "0"))) != Decimal("1.06"):
        yield f"answer.json: {stage.answer()}"
    filled = [order for order in stage.all_orders() if order.matched]
    if [(o.market.slug, o.side, o.matched) for o in filled] != [("winner-a", "BUY", 10_000_000)]:
        yield f"filled: {[(o.market.slug, str(o.side), o.matched) for o in filled]}"
