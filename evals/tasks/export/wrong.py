# Through floats: a token id keeps 17 of its 77 digits.
import csv
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
from polymarket import PublicClient

Path("portfolio").mkdir()
wallet = os.environ["POLYMARKET_FUNDER"]
with PublicClient() as client, Path("portfolio/positions.csv").open("w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["asset_id", "current_size"])
    for held in client.list_positions(user=wallet).iter_items():
        writer.writerow([float(held.asset_id), float(held.current_size)])
    moved = [
        {"type": str(each.type), "amount": float(each.amount), "transaction_hash": "0x"}
        for each in client.list_activity(user=wallet).iter_items()
    ]
parquet.write_table(pa.Table.from_pylist(moved), "portfolio/activity.parquet")
