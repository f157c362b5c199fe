"""Follow a wallet's balance block by block, exactly, and reconcile it with what was expected."""

import os
import sys
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import takewhile

from polygon_rpc import ChainUnreadable, named_block, polygon
from usdc_balance import read_balance
from web3 import Web3

MAX_ENTRIES = 10_000


@dataclass(frozen=True)
class Entry:
    """The balance in one block. `timestamp` is the block's; `change` is since the entry before."""

    timestamp: datetime
    balance: Decimal
    change: Decimal
    block_number: int
    block_hash: str


@dataclass(frozen=True)
class Reconciliation:
    """`discrepancy` is what moved beyond `expected`; 0 when the books agree."""

    expected: Decimal
    actual: Decimal

    @property
    def discrepancy(self) -> Decimal:
        return self.actual - self.expected


class BalanceTracker:
    """One wallet's balance of one token. When the chain cannot be read, nothing here changes."""

    def __init__(self, wallet_address: str, token: str = "USDC.e") -> None:
        self.wallet_address, self.token = wallet_address, token
        self.last_balance: Decimal | None = None
        self.history: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self.orphaned: list[Entry] = []  # their blocks were taken back by a reorg
        self._agreed: Decimal | None = None  # the balance when the books last agreed
        self._w3: Web3 | None = None
        self._lock = threading.RLock()

    def update(self) -> Entry:
        """Read the newest block into the history. Raises ValueError and ChainUnreadable."""
        with self._lock:
            self._w3 = w3 = self._w3 or polygon()
            read = read_balance(w3, self.wallet_address, self.token)
            block, balance = read.block, read.amount
            if self.history and block.number < self.history[-1].block_number:
                raise ChainUnreadable(f"the RPC is behind: its newest block is {block.number}")

            def taken_back(entry: Entry) -> bool:
                return named_block(w3, entry.block_number).hash != entry.block_hash

            orphans = list(takewhile(taken_back, reversed(self.history)))
            # All that can fail is done.
            for _ in orphans:
                self.orphaned.append(self.history.pop())
            before = self.history[-1] if self.history else None
            if before is None or before.block_hash != block.hash:
                change = balance - before.balance if before else Decimal(0)
                self.history.append(Entry(block.time, balance, change, block.number, block.hash))
            self.last_balance = balance
            if self._agreed is None:
                self._agreed = balance
            return self.history[-1]

    def reconcile(self, expected_change: Decimal) -> Reconciliation:
        """Update, and compare with what changed since the books last agreed or the first update.

        Books that do not agree stay open: call again once the rest has settled. ValueError: there
        was no update before the change.
        """
        with self._lock:
            if self._agreed is None:
                raise ValueError("update() once before the change that you expect")
            result = Reconciliation(expected_change, self.update().balance - self._agreed)
            if not result.discrepancy:
                self._agreed += result.actual
            return result


if __name__ == "__main__":
    wallet = os.environ.get("POLYMARKET_FUNDER") or sys.exit("POLYMARKET_FUNDER is not set")
    tracker = BalanceTracker(wallet)
    try:
        tracker.update()
        print("balance", tracker.last_balance)
        print("discrepancy", tracker.reconcile(expected_change=Decimal(0)).discrepancy)
    except ChainUnreadable as error:
        sys.exit(str(error))
