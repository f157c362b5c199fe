"""The engine's own book."""

from collections.abc import Iterator
from decimal import Decimal

from evals.stage import Stage

GUIDE = "edge-cases/prices.md"


def grade(stage: Stage) -> Iterator[str]:
    answer = {key: Decimal(str(value)) for key, value in stage.answer().items()}
    # 100 at 0.52 and 150 of the 200 at 0.53
    right = {"bid": Decimal("0.48"), "ask": Decimal("0.52"), "cost": Decimal("131.50")}
    if answer != right:
        yield f"answer.json: {stage.answer()}"
