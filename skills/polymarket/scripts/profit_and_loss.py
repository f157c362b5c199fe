"""Profit and loss of fills by average cost, in exact decimals."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from fill import Fill


@dataclass
class Holding:
    """Shares of one token, what the shares that are left have cost, and what sales have gained."""

    shares: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    realized: Decimal = Decimal(0)

    def unrealized(self, price: Decimal) -> Decimal:
        return self.shares * price - self.cost


def average_cost(
    fills: Iterable[Fill], opening: dict[str, Holding] | None = None
) -> dict[str, Holding]:
    """By token id; `fills` oldest first. `opening` is what was held before: it is added to.

    ValueError for a sale of shares that were never bought here: they came by a split, a transfer
    or an earlier fill, and their cost belongs into `opening`.
    """
    holdings = {} if opening is None else opening
    for fill in fills:
        held = holdings.setdefault(fill.token_id, Holding())
        amount = fill.size * fill.price
        if fill.side == "BUY":
            held.shares += fill.size
            held.cost += amount
            continue
        if fill.size > held.shares:
            raise ValueError(f"sells {fill.size} of {held.shares} shares: {fill.token_id}")
        cost = held.cost * fill.size / held.shares
        held.shares -= fill.size
        held.cost -= cost
        held.realized += amount - cost
    return holdings


if __name__ == "__main__":
    rows = [("BUY", "100", "0.40"), ("BUY", "50", "0.55"), ("SELL", "120", "0.60")]
    fills = [Fill("1", side, Decimal(size), Decimal(price)) for side, size, price in rows]
    held = average_cost(fills)["1"]
    print("left:", held.shares, "shares that cost", held.cost)
    print("realized", held.realized)
    print("unrealized at 0.58:", held.unrealized(Decimal("0.58")))
