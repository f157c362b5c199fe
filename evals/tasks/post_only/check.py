"""It rests one tick below the best ask, though the book moves before it arrives."""

from collections.abc import Iterator

from evals.stage import NO, Stage
from mock_clob.faults import Effect

GUIDE = "library/order-lifecycle.md"


def prepare(stage: Stage) -> None:
    # The first order that is sent arrives late: a bid for No makes an ask of 0.50 meanwhile.
    stage.venue.fault(Effect(delay=5.0), method="POST", path="/order", times=1)


def meanwhile(stage: Stage) -> None:
    from polymarket import SecureClient

    account = stage.venue.account(1)
    with SecureClient.create(private_key=account.key, wallet=account.address) as other:
        signed = other.create_limit_order(token_id=NO, side="BUY", price="0.50", size=20)
        stage.until(lambda: stage.requests("POST", "/order"))
        assert other.post_order(signed).ok
    stage.venue.advance(5)


def grade(stage: Stage) -> Iterator[str]:
    if any(order.matched for order in stage.all_orders()):
        yield "it traded"
    prices = [order.price for order in stage.open_orders()]
    if prices != [490_000]:
        yield f"these prices rest: {prices}"
