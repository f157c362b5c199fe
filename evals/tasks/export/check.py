"""Read back from the files, compared with the ledger."""

import csv
from collections.abc import Iterator
from decimal import Decimal

from evals.stage import NO, YES, Stage, Wrong

GUIDE = "data-analytics/export.md"


def prepare(stage: Stage) -> None:
    from polymarket import SecureClient

    account = stage.venue.account(0)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        order = client.place_market_order(token_id=YES, side="BUY", amount=Decimal("7"))
        assert order.ok
        client.wait_for_order_fill_settlement(order)


def grade(stage: Stage) -> Iterator[str]:
    import pyarrow.parquet as parquet

    try:
        with (stage.folder / "portfolio/positions.csv").open(newline="") as file:
            held = {row["asset_id"]: Decimal(row["current_size"]) for row in csv.DictReader(file)}
        moved = parquet.read_table(stage.folder / "portfolio/activity.parquet").to_pylist()
        kinds = {row["type"]: Decimal(row["amount"]) for row in moved if row["transaction_hash"]}
    except (OSError, KeyError, ArithmeticError, TypeError, ValueError) as error:
        raise Wrong(f"the files: {error!r}") from None
    if held != {YES: Decimal("113.461538"), NO: Decimal(100)}:
        yield f"positions.csv says {held}"
    if kinds != {"SPLIT": Decimal(100), "TRADE": Decimal(7)}:
        yield f"activity.parquet says {kinds}"
