"""The order's maker is the account's deposit wallet."""

from collections.abc import Iterator

from evals.stage import Stage
from mock_clob.derivation import deposit_wallet

GUIDE = "auth/client-initialization.md"


def prepare(stage: Stage) -> None:
    wallet = deposit_wallet(stage.venue.account(0).address)
    stage.venue.fund(wallet, "100")
    stage.environment["POLYMARKET_FUNDER"] = wallet


def grade(stage: Stage) -> Iterator[str]:
    wallet = stage.environment["POLYMARKET_FUNDER"].lower()
    found = [(order.maker.lower() == wallet, order.price) for order in stage.all_orders()]
    if found != [(True, 400_000)] or len(stage.open_orders()) != 1:
        yield f"orders of the wallet, at: {found}"
