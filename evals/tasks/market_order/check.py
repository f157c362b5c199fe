"""What was offered at 0.52 is bought, for no more; nothing rests."""

from collections.abc import Iterator

from evals.stage import Stage

GUIDE = "trading/placing-orders.md"


def grade(stage: Stage) -> Iterator[str]:
    orders = stage.all_orders()
    bought, paid = sum(o.matched for o in orders), sum(o.spent for o in orders)
    if bought != 100_000_000 or paid != 52_000_000:
        yield f"{bought} shares for {paid}, in units of 1e-6"
    if rest := stage.open_orders():
        yield f"{len(rest)} orders rest"
