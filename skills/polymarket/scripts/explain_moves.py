"""Hold a wallet's moves against its fills, by transaction, and name what differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from fill import Fill
from transfer_log import Move

COLLATERAL = ("pUSD", "USDC.e")


@dataclass(frozen=True)
class Finding:
    """One thing that does not add up. Amounts in dollars or shares."""

    kind: str  # missing | differs | no fill
    transaction_hash: str
    asset: str  # "collateral" or a token id
    expected: Decimal
    actual: Decimal

    def __str__(self) -> str:
        apart = self.actual - self.expected
        return f"{self.kind}: {self.asset} {apart:+f} in {self.transaction_hash}"


def findings(fills: Iterable[Fill], moves: Iterable[Move]) -> list[Finding]:
    """None: every fill moved what it says, and nothing else moved.

    "missing": a fill whose transaction moved nothing: it has not settled, or a reorg took it back.
    "differs": a fee, a better price, or a fill of the same transaction that is not known.
    "no fill": a deposit, a withdrawal, a split, merge or redemption, or a fill that was missed.
    """
    expected: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(_zeros)
    actual: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(_zeros)
    for fill in fills:
        sign = 1 if fill.side == "BUY" else -1
        expected[fill.transaction_hash][fill.token_id] += sign * fill.size
        expected[fill.transaction_hash]["collateral"] -= sign * fill.size * fill.price
    for move in moves:
        asset = "collateral" if move.asset in COLLATERAL else move.asset
        actual[move.transaction_hash][asset] += Decimal(move.base_units).scaleb(-6)
    found = []
    for tx in dict.fromkeys([*expected, *actual]):
        kind = "differs" if tx in expected and tx in actual else "missing"
        kind = kind if tx in expected else "no fill"
        for asset in dict.fromkeys([*expected[tx], *actual[tx]]):
            wanted, moved = expected[tx][asset], actual[tx][asset]
            if wanted != moved:
                found.append(Finding(kind, tx, asset, wanted, moved))
    return found


def _zeros() -> defaultdict[str, Decimal]:
    return defaultdict(Decimal)


if __name__ == "__main__":
    bought = Fill("7132", "BUY", Decimal(10), Decimal("0.52"), transaction_hash="0xa1")
    lost = Fill("7132", "SELL", Decimal(4), Decimal("0.60"), transaction_hash="0xa2")

    def moved(asset: str, base_units: int, transaction: str, log: int) -> Move:
        return Move(asset, base_units, "0x00", transaction, 1, "0xb1", log)

    seen = [
        moved("pUSD", -5_250_000, "0xa1", 0),
        moved("7132", 10_000_000, "0xa1", 1),
        moved("pUSD", 100_000_000, "0xa3", 2),
    ]
    for finding in findings([bought, lost], seen):
        print(finding)
