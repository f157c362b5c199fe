"""Write what a wallet holds and all that moved it, as CSV and as Parquet. Needs no key."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet
from polymarket import PublicClient

EXACT = pa.decimal128(38, 6)  # dollars and shares have 6 decimals; never a float
POSITIONS = {
    "title": pa.string(),
    "outcome": pa.string(),
    "asset_id": pa.string(),  # a number of 77 digits: text, or spreadsheets round it
    "condition_id": pa.string(),
    "status": pa.string(),
    "current_size": EXACT,
    "avg_price": EXACT,
    "total_cost_usdc": EXACT,
    "current_value": EXACT,
    "realized_pnl": EXACT,
    "unrealized_pnl": EXACT,
}
ACTIVITY = {
    "timestamp": pa.timestamp("ms", tz="UTC"),
    "type": pa.string(),
    "side": pa.string(),
    "title": pa.string(),
    "outcome": pa.string(),
    "asset_id": pa.string(),
    "condition_id": pa.string(),
    "shares": EXACT,
    "price": EXACT,
    "amount": EXACT,  # dollars
    "transaction_hash": pa.string(),
}


def table(items: Iterable[object], columns: dict[str, pa.DataType]) -> pa.Table:
    """A row for each item; what an item does not have is null. Without items: no rows."""
    rows = [{name: _value(getattr(item, name, None)) for name in columns} for item in items]
    return pa.Table.from_pylist(rows, pa.schema(columns.items()))


def _value(value: Any) -> Any:
    return round(value, 6) if isinstance(value, Decimal) else value


def export(client: PublicClient, wallet: str, folder: Path) -> dict[str, int]:
    """Writes NAME.csv and NAME.parquet; gives the rows of each table.

    Raises PolymarketError when a page cannot be read: then nothing is written.
    """
    held = client.list_positions(user=wallet).iter_items()
    sold = client.list_positions(user=wallet, status="CLOSED").iter_items()
    moved = client.list_activity(user=wallet, full_history=True, sort_direction="ASC").iter_items()
    positions = table(chain(held, sold), POSITIONS)
    tables = {"positions": positions, "activity": table(moved, ACTIVITY)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        csv.write_csv(rows, folder / f"{name}.csv")
        parquet.write_table(rows, folder / f"{name}.parquet")
    return {name: rows.num_rows for name, rows in tables.items()}


if __name__ == "__main__":
    wallet = os.environ.get("POLYMARKET_FUNDER") or sys.exit("POLYMARKET_FUNDER is not set")
    with PublicClient() as client:
        print(export(client, wallet, Path("portfolio")))
    for row in parquet.read_table("portfolio/positions.parquet").to_pylist():
        print(row["outcome"], f"{row['current_size'].normalize():f}", "shares")
