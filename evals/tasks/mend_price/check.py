"""get_price(side="BUY") is the best bid: such an order rests."""

from collections.abc import Iterator

from evals.stage import YES, Stage

GUIDE = "edge-cases/prices.md"
FILES = {
    "broken.py": f"""from secure_client import secure_client

with secure_client() as client:
    price = client.get_price(token_id={YES!r}, side="BUY")
    client.place_limit_order(token_id={YES!r}, side="BUY", price=price, size=10)
"""
}


def grade(stage: Stage) -> Iterator[str]:
    bought, spent = (
        sum(getattr(o, what) for o in stage.all_orders()) for what in ("matched", "spent")
    )
    if (bought, spent) != (10_000_000, 5_200_000):
        yield f"{bought} shares for {spent}, in units of 1e-6"
    if stage.open_orders():
        yield "something rests"
