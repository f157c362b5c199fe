"""Check an order in Decimal before it is signed, and compare what was signed before it is sent."""

from __future__ import annotations

from decimal import Decimal

from py_clob_client.clob_types import OrderArgs
from py_clob_client.order_builder.constants import BUY
from py_order_utils.model import SignedOrder
from trading_client import trading_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
UNIT = 1_000_000


def amounts(
    side: str, price: Decimal, size: Decimal, *, tick: Decimal, minimum: Decimal, immediate: bool
) -> tuple[int, int]:
    """(makerAmount, takerAmount) in base units that the order must carry.

    `tick` and `minimum` are the book's tick_size and min_order_size; `immediate`: FOK or FAK.
    Raises ValueError with what to change.
    """
    if price % tick or not tick <= price <= 1 - tick:
        raise ValueError(f"price {price} is not a multiple of {tick} from {tick} to {1 - tick}")
    if size % Decimal("0.01"):
        raise ValueError(f"size {size} has more than 2 decimals, the client cuts them off")
    if not immediate and size < minimum:
        raise ValueError(f"size {size} is below the market's minimum {minimum}")
    collateral = price * size
    if immediate and side == BUY and collateral % Decimal("0.01"):
        raise ValueError(f"price x size is {collateral}; FOK and FAK spend whole cents")
    if immediate and side == BUY and collateral < 1:
        raise ValueError(f"${collateral} is below the minimum of $1 for a purchase that trades now")
    given, got = (collateral, size) if side == BUY else (size, collateral)
    return int(given * UNIT), int(got * UNIT)


def client_size(size: Decimal) -> float:
    """The float from which the client's floor(size * 100) gives `size` back: 8.37 gives 836."""
    return float(size) + 1e-6


def signed_amounts(signed_order: SignedOrder) -> tuple[int, int]:
    order = signed_order.order
    return order["makerAmount"], order["takerAmount"]


if __name__ == "__main__":
    client = trading_client()
    price, size = Decimal("0.40"), Decimal("8.37")
    expected = amounts(BUY, price, size, tick=Decimal("0.01"), minimum=Decimal(5), immediate=False)
    for given in (float(size), client_size(size)):
        signed = client.create_order(OrderArgs(YES, float(price), given, BUY))
        print(f"asked {expected}, signed {signed_amounts(signed)}")
