"""The order at 0.30 is gone, the others rest."""

from collections.abc import Iterator

from evals.stage import YES, Stage

GUIDE = "trading/managing-orders.md"
PRICES = ("0.28", "0.30", "0.32")


def prepare(stage: Stage) -> None:
    from polymarket import SecureClient

    account = stage.venue.account(0)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        for price in PRICES:
            assert client.place_limit_order(token_id=YES, side="BUY", price=price, size=10).ok


def grade(stage: Stage) -> Iterator[str]:
    left = sorted(order.price for order in stage.open_orders())
    if left != [280_000, 320_000]:
        yield f"these prices rest: {left}"
