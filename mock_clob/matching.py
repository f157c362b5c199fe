"""What a taker would get from a book now. Changes nothing.

A taker and a resting order meet in one of three ways:
complementary (BUY meets SELL of the same token), mint (two BUYs of opposite tokens, a new pair is
made), merge (two SELLs of opposite tokens, a pair is paid out). Fills are at the resting order's
price.
"""

from __future__ import annotations

from mock_clob.book import Book
from mock_clob.model import UNIT, MakerFill, Order, OrderType, Side

IMMEDIATE = (OrderType.FOK, OrderType.FAK)


def walk(book: Book, taker: Order) -> tuple[MakerFill, ...]:
    """The fills a taker would get, best price first, then oldest."""
    buys = taker.side is Side.BUY
    by_budget = buys and taker.type in IMMEDIATE
    budget, wanted = taker.maker_amount, taker.size
    fills = []
    for maker in book.opposite(taker):
        same_token = maker.token_id == taker.token_id
        price = maker.price if same_token else UNIT - maker.price
        if not _acceptable(taker, price):
            break
        shares = min(maker.remaining, budget * UNIT // price if by_budget else wanted)
        if shares == 0:
            break
        exact = shares * price
        # A dollar's fraction below a base unit goes against the taker.
        paid = -(-exact // UNIT) if buys else exact // UNIT
        other = paid if same_token else shares - paid
        fills.append(MakerFill(maker, shares, maker.price, other, paid))
        budget -= paid
        wanted -= shares
        if wanted == 0 and not by_budget:
            break
    return tuple(fills)


def full(order: Order, fills: tuple[MakerFill, ...]) -> bool:
    """Whether these fills are all that a FOK order asks for."""
    if order.side is Side.BUY:
        # The last fill rounds up, so a budget that finds enough shares is spent to the unit.
        return sum(fill.taker_collateral for fill in fills) == order.maker_amount
    return sum(fill.shares for fill in fills) == order.size


def _acceptable(taker: Order, price: int) -> bool:
    """Whether `price` of the taker's token is within its signed amounts (exact, no rounding)."""
    if taker.side is Side.BUY:
        return price * taker.taker_amount <= taker.maker_amount * UNIT
    return price * taker.maker_amount >= taker.taker_amount * UNIT
