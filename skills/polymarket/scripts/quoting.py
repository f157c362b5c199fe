"""What a bot that quotes both sides wants in the book, and the least that has to change for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Quote:
    """One side of one token; `size` in shares."""

    side: str
    price: Decimal
    size: Decimal


@dataclass(frozen=True)
class Limits:
    """`half_spread` from the middle, `size` a side, and no more than `max_position` shares held."""

    half_spread: Decimal = Decimal("0.03")
    size: Decimal = Decimal(10)
    max_position: Decimal = Decimal(50)


def wanted(
    best_bid: Decimal | None,
    best_ask: Decimal | None,
    held: Decimal,
    *,
    tick: Decimal = CENT,
    limits: Limits,
) -> list[Quote]:
    """Quotes around the middle that cross nothing. None where a side of the book is empty.

    `held` is in shares. A side that would take the position over its limit is left out, and so is
    the sale of shares that are not there: a quote must never fail for want of funds.
    """
    if best_bid is None or best_ask is None or best_bid >= best_ask:
        return []
    middle = (best_bid + best_ask) / 2
    # Away from the middle. Not with //, which rounds a Decimal towards zero.
    low, high = (middle - limits.half_spread) / tick, (middle + limits.half_spread) / tick
    bid = min(low.to_integral_value(ROUND_FLOOR) * tick, best_ask - tick)
    ask = max(high.to_integral_value(ROUND_CEILING) * tick, best_bid + tick)
    quotes = []
    if bid >= tick and held + limits.size <= limits.max_position:
        quotes.append(Quote("BUY", bid, limits.size))
    if ask <= 1 - tick and held >= limits.size:
        quotes.append(Quote("SELL", ask, limits.size))
    return quotes


def best_of_others(
    levels: Mapping[Decimal, Decimal], side: str, own: Iterable[Quote]
) -> Decimal | None:
    """The best of `levels` (price to shares) that is not ours alone: never follow yourself."""
    left = dict(levels)
    for quote in own:
        if quote.side == side and quote.price in left:
            left[quote.price] -= quote.size
    prices = [price for price, size in left.items() if size > 0]
    return (max if side == "BUY" else min)(prices, default=None)


def changes(
    want: Iterable[Quote], resting: Iterable[tuple[str, Quote]], *, tolerance: Decimal = CENT
) -> tuple[list[str], list[Quote]]:
    """(ids to cancel, quotes to place). An order within `tolerance` of its quote keeps its place.

    `resting` are ids with what is left of each order. A half-filled order is replaced.
    """
    left = list(want)
    cancel = []
    for order_id, order in resting:
        fits = [q for q in left if q.side == order.side and q.size == order.size]
        near = [q for q in fits if abs(q.price - order.price) <= tolerance]
        if near:
            left.remove(near[0])
        else:
            cancel.append(order_id)
    return cancel, left


if __name__ == "__main__":
    want = wanted(Decimal("0.48"), Decimal("0.52"), Decimal(20), limits=Limits())
    print(*(f"{q.side} {q.size} at {q.price}" for q in want), sep=", ")
    resting = [("0xa1", want[0]), ("0xa2", Quote("SELL", Decimal("0.60"), Decimal(10)))]
    cancel, place = changes(want, resting)
    print("cancel", cancel, "place", *(f"{q.side} at {q.price}" for q in place))
