"""Write an order down before it is sent: after a crash the file says what may be at the venue."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY, signed TEXT NOT NULL, written REAL NOT NULL,
    state TEXT NOT NULL, detail TEXT NOT NULL
)
"""


class Written(StrEnum):
    OPEN = "open question"  # it may have been sent: ask the venue before anything else
    PLACED = "placed"  # the venue has or had it
    REFUSED = "refused"  # the venue does not have it and said so
    DROPPED = "dropped"  # it was never seen at the venue, and is not to be sent any more


@dataclass(frozen=True)
class Entry:
    """`order_id` is the order's hash; `signed` what was signed, to be sent again as it is."""

    order_id: str
    signed: str
    written: float  # Unix time
    state: Written
    detail: str  # the venue's words


class OrderJournal:
    """One file, one process. Every call is on the disk when it returns."""

    def __init__(self, path: Path | str) -> None:
        # Any thread may call; sqlite3 itself takes one call after the other.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(SCHEMA)

    def write(self, order_id: str, signed: str) -> bool:
        """Before the first sending. False: it is written already, and stays as it was."""
        query = "INSERT OR IGNORE INTO orders VALUES (?, ?, ?, ?, '')"
        return self._db.execute(query, (order_id, signed, time.time(), Written.OPEN)).rowcount == 1

    def close_question(self, order_id: str, state: Written, detail: str = "") -> None:
        """Say what became of it. An answer is never changed: only an open question takes one."""
        query = "UPDATE orders SET state = ?, detail = ? WHERE id = ? AND state = ?"
        self._db.execute(query, (state, detail, order_id, Written.OPEN))

    def entry(self, order_id: str) -> Entry:
        """KeyError: it was never written."""
        for entry in self._select("WHERE id = ?", order_id):
            return entry
        raise KeyError(order_id)

    def open_questions(self) -> list[Entry]:
        """What has to be asked for at every start, oldest first."""
        return self._select("WHERE state = ? ORDER BY written, rowid", Written.OPEN)

    def entries(self) -> list[Entry]:
        return self._select("ORDER BY written, rowid")

    def close(self) -> None:
        self._db.close()

    def _select(self, rest: str, *values: str) -> list[Entry]:
        query = f"SELECT id, signed, written, state, detail FROM orders {rest}"
        rows = self._db.execute(query, values).fetchall()
        return [Entry(key, signed, at, Written(state), why) for key, signed, at, state, why in rows]


if __name__ == "__main__":
    journal = OrderJournal("orders.sqlite")
    journal.write("0xa1", '{"salt": 1}')
    journal.close()  # or the program dies here

    journal = OrderJournal("orders.sqlite")
    print("to be asked:", [entry.order_id for entry in journal.open_questions()])
    journal.close_question("0xa1", Written.PLACED)
    print("to be asked:", journal.open_questions())
