"""Write fills as CSV."""

import csv
import sys
from collections.abc import Iterable
from dataclasses import asdict, fields
from decimal import Decimal
from typing import TextIO

from fill import Fill


def write_csv(fills: Iterable[Fill], stream: TextIO) -> None:
    """One line a fill. Open a file for it with newline="" and encoding="utf-8"."""
    columns = [field.name for field in fields(Fill)]
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    for fill in fills:
        row = asdict(fill) | {
            "size": f"{fill.size:f}",  # never 1E+2
            "price": f"{fill.price:f}",
            "time": fill.time.isoformat(),
        }
        writer.writerow(row)


if __name__ == "__main__":
    write_csv([Fill("1", "BUY", Decimal(100), Decimal("0.40"), "Yes", "TAKER")], sys.stdout)
