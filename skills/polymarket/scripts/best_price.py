"""Best bid and ask, and what an order of your size really costs: none of it is the midpoint."""

from __future__ import annotations

from decimal import Decimal

from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderBookSummary

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def best(book: OrderBookSummary) -> tuple[Decimal | None, Decimal | None]:
    """(best bid, best ask), None for an empty side. The best level is the last of its list."""
    bid = Decimal(book.bids[-1].price) if book.bids else None
    ask = Decimal(book.asks[-1].price) if book.asks else None
    return bid, ask


def cost(book: OrderBookSummary, shares: Decimal) -> Decimal:
    """Collateral to buy `shares` now, level by level. Raises ValueError when the book is thin."""
    total = Decimal(0)
    for level in reversed(book.asks):
        part = min(shares, Decimal(level.size))
        total += part * Decimal(level.price)
        shares -= part
        if not shares:
            return total
    raise ValueError(f"the book lacks {shares} shares")


if __name__ == "__main__":
    client = ClobClient("https://clob.polymarket.com")
    book = client.get_order_book(YES)
    bid, ask = best(book)
    print(f"first in the lists: bid {book.bids[0].price}, ask {book.asks[0].price}")
    print(f"best: bid {bid}, ask {ask}")
    print(f"get_price BUY {client.get_price(YES, 'BUY')}, SELL {client.get_price(YES, 'SELL')}")
    print(f"get_midpoint {client.get_midpoint(YES)}")
    print(f"150 shares now: {cost(book, Decimal(150))}")
