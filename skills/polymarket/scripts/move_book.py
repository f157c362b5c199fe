"""A wallet's moves kept in SQLite: exact, across restarts, and through reorgs."""

from __future__ import annotations

import os
import sqlite3
import sys
from dataclasses import astuple
from pathlib import Path

from polygon_rpc import Block, ChainUnreadable, checked_address, named_block, polygon
from transfer_log import Move, moves
from usdc_balance import read_balance
from web3 import Web3

DEPTH = 256  # reads: how far back a block that still stands is looked for
SCHEMA = """
CREATE TABLE IF NOT EXISTS begin (wallet TEXT, block INTEGER);
CREATE TABLE IF NOT EXISTS read (block INTEGER PRIMARY KEY, hash TEXT);
CREATE TABLE IF NOT EXISTS moves (
    asset TEXT, base_units TEXT, other TEXT, tx TEXT, block INTEGER, hash TEXT, log INTEGER,
    PRIMARY KEY (hash, log, asset)
);
"""


class MoveBook:
    """Every move of one wallet since `first_block`. A failure leaves the book as it was."""

    def __init__(self, path: Path | str, wallet: str, first_block: int) -> None:
        """Open or begin a book. ValueError: it is another wallet's, or begins elsewhere."""
        wallet = checked_address(wallet).lower()
        self._db = sqlite3.connect(path)
        self._db.executescript(SCHEMA)
        if not self._db.execute("SELECT 1 FROM begin").fetchone():
            with self._db:
                self._db.execute("INSERT INTO begin VALUES (?, ?)", (wallet, first_block))
        begun = self._db.execute("SELECT wallet, block FROM begin").fetchone()
        if begun != (wallet, first_block):
            raise ValueError(f"{path} is the book of {begun[0]} from block {begun[1]}")
        self.wallet, self.first_block = wallet, first_block

    def sync(self, w3: Web3) -> Block:
        """Read on to the newest block; what a reorg took back goes. Raises ChainUnreadable."""
        head = named_block(w3)
        standing = self._last_standing(w3, head)
        new = moves(w3, self.wallet, standing + 1, head.number)
        if named_block(w3, head.number) != head:
            raise ChainUnreadable(f"block {head.number} was replaced while it was read")
        with self._db:  # all of it or nothing
            for table in ("moves", "read"):
                self._db.execute(f"DELETE FROM {table} WHERE block > ?", (standing,))
            rows = [(m.asset, str(m.base_units), *astuple(m)[2:]) for m in new]
            self._db.executemany("INSERT INTO moves VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            self._db.execute("INSERT OR REPLACE INTO read VALUES (?, ?)", (head.number, head.hash))
        return head

    def moves(self, asset: str | None = None) -> list[Move]:
        """All, or one asset's, in the order of the chain."""
        rows = self._db.execute(
            "SELECT * FROM moves WHERE asset = ifnull(?, asset) ORDER BY block, log, asset",
            (asset,),
        )
        return [Move(asset, int(units), *rest) for asset, units, *rest in rows]

    def total(self, asset: str) -> int:
        """Base units that came less those that went, since the first block."""
        return sum(move.base_units for move in self.moves(asset))

    def close(self) -> None:
        self._db.close()

    def _last_standing(self, w3: Web3, head: Block) -> int:
        """The newest block that was read and still is what it was."""
        read = self._db.execute(
            "SELECT block, hash FROM read ORDER BY block DESC LIMIT ?", (DEPTH,)
        )
        for number, block_hash in read.fetchall():
            if number <= head.number and named_block(w3, number).hash == block_hash:
                return int(number)
        return self.first_block - 1


if __name__ == "__main__":
    owner = os.environ.get("POLYMARKET_FUNDER") or sys.exit("POLYMARKET_FUNDER is not set")
    try:
        w3 = polygon()
        book = MoveBook("moves.sqlite", owner, first_block=named_block(w3).number)
        before = read_balance(w3, owner, "pUSD", book.first_block)
        after = read_balance(w3, owner, "pUSD", book.sync(w3).number)
        print("adds up:", before.base_units + book.total("pUSD") == after.base_units)
    except ChainUnreadable as error:
        sys.exit(str(error))
