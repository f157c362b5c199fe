"""One fill as taker over two levels, one as maker beside somebody else's order."""

from collections.abc import Iterator
from decimal import Decimal

from evals.stage import YES, Stage

GUIDE = "data-analytics/positions-and-history.md"
OPTIONS = {"exchange": 1}


def prepare(stage: Stage) -> None:
    from py_clob_client.client import ClobClient
    from py_clob_client.clob_types import OrderArgs, OrderType

    def client(index: int) -> ClobClient:
        key = stage.venue.account(index).key
        made = ClobClient("https://clob.polymarket.com", chain_id=137, key=key)
        made.set_api_creds(made.create_or_derive_api_creds())
        return made

    def post(of: ClobClient, side: str, price: float, size: float, kind: OrderType) -> None:
        of.post_order(of.create_order(OrderArgs(YES, price, size, side)), kind)

    mine, theirs = client(0), client(1)
    post(mine, "BUY", 0.53, 150, OrderType.GTC)  # 100 at 0.52, 50 at 0.53
    post(theirs, "BUY", 0.50, 40, OrderType.GTC)
    post(mine, "BUY", 0.50, 30, OrderType.GTC)
    # A third one buys No at 0.50: it meets both orders that rest for Yes, the older one first.
    other, no = client(2), stage.venue.venue.engine.by_token[YES].other(YES)
    other.post_order(other.create_order(OrderArgs(no, 0.50, 60, "BUY")), OrderType.FOK)
    stage.venue.settle()
    stage.venue.advance(120)


def grade(stage: Stage) -> Iterator[str]:
    answer = {key: Decimal(str(value)) for key, value in stage.answer().items()}
    # 100 x 0.52 + 50 x 0.53 as taker; 20 x 0.50 as maker, after the other one's 40
    if answer != {"bought": Decimal(170), "paid": Decimal("88.50")}:
        yield f"answer.json: {stage.answer()}"
