"""What a bot holds: what it began with, and its own fills since, each counted once."""

from __future__ import annotations

from collections.abc import Container, Mapping
from decimal import Decimal
from typing import Any

BASE_UNIT = Decimal("0.000001")


class Inventory:
    """Shares of one token, and dollars. `take` every trade event of a UserStream.

    For orders that rest (post-only): the maker's part has its own price and pays no fee.
    """

    def __init__(self, shares: Decimal, dollars: Decimal) -> None:
        self.settled = (shares, dollars)
        self.fills = 0  # settled ones
        self._pending: dict[str, tuple[Decimal, Decimal]] = {}  # by trade: matched, not settled

    @property
    def shares(self) -> Decimal:
        """Those that matched count from then on: what they are worth is already at risk."""
        return self.settled[0] + sum((moved for moved, _ in self._pending.values()), Decimal(0))

    @property
    def is_settled(self) -> bool:
        return not self._pending

    def take(self, trade: Mapping[str, Any], mine: Container[str]) -> Decimal:
        """Count the parts of the orders in `mine`; the shares that are new, negative when sold."""
        before = self.shares
        moved = _moved(trade, mine)
        if not any(moved):
            return Decimal(0)
        self._pending[trade["id"]] = moved
        if is_final(trade):
            del self._pending[trade["id"]]
        if trade["status"].endswith("CONFIRMED"):
            self.settled = self.settled[0] + moved[0], self.settled[1] + moved[1]
            self.fills += 1
        return self.shares - before

    def differs(self, shares: Decimal, dollars: Decimal) -> str:
        """How the venue's balances differ from the settled ones; "" when they agree.

        Each fill may be rounded by a base unit of a dollar; shares are exact.
        """
        apart = shares - self.settled[0], dollars - self.settled[1]
        if apart[0] or abs(apart[1]) > self.fills * BASE_UNIT:
            return f"{apart[0]:+f} shares, {apart[1]:+f} dollars beyond the fills"
        return ""


def is_final(trade: Mapping[str, Any]) -> bool:
    """Whether its settlement is over: the balances have it, or never will."""
    return str(trade["status"]).endswith(("CONFIRMED", "FAILED"))


def _moved(trade: Mapping[str, Any], mine: Container[str]) -> tuple[Decimal, Decimal]:
    shares = dollars = Decimal(0)
    for part in trade["maker_orders"]:
        if part["order_id"] in mine:
            sign = 1 if part["side"] == "BUY" else -1
            size = Decimal(part["matched_amount"])
            shares += sign * size
            dollars -= sign * size * Decimal(part["price"])
    return shares, dollars


if __name__ == "__main__":
    inventory = Inventory(Decimal(20), Decimal(1_000))
    part = {"order_id": "0xa1", "side": "BUY", "matched_amount": "4", "price": "0.47"}
    trade = {"id": "t1", "status": "MATCHED", "maker_orders": [part]}
    inventory.take(trade, {"0xa1"})
    inventory.take(trade, {"0xa1"})  # told twice
    print("held", inventory.shares, "settled", inventory.settled[0])
    inventory.take(trade | {"status": "CONFIRMED"}, {"0xa1"})
    print("held", inventory.shares, "dollars", inventory.settled[1])
    print(inventory.differs(Decimal(24), Decimal("998.12")) or "agrees")
    print(inventory.differs(Decimal(24), Decimal("988.12")))
