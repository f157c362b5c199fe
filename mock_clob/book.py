"""A book: the resting orders of one condition, at YES prices, with a running total of each level.

An order for NO at q stands as one for YES at 1 - q, so a level holds orders of both outcomes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

from mock_clob.model import UNIT, Market, Order, Side


@dataclass
class Level:
    """Orders at one price, oldest first, and the shares they have left together."""

    orders: dict[str, Order] = field(default_factory=dict)
    total: int = 0


@dataclass
class Book:
    bids: dict[int, Level] = field(default_factory=dict)
    asks: dict[int, Level] = field(default_factory=dict)
    bid_prices: list[int] = field(default_factory=list)  # ascending: best is last
    ask_prices: list[int] = field(default_factory=list)  # ascending: best is first
    last_price: int = UNIT // 2  # of YES
    last_side: Side = Side.BUY  # the taker's, of YES

    def add(self, order: Order) -> None:
        levels, prices = self._side(is_bid(order))
        price = yes_price(order)
        level = levels.get(price)
        if level is None:
            level = levels[price] = Level()
            insort(prices, price)
        level.orders[order.id] = order
        level.total += order.remaining

    def fill(self, order: Order, shares: int) -> None:
        """Take shares off a resting order; an order without a rest leaves the book."""
        order.matched += shares
        self._lower(order, shares, gone=not order.remaining)

    def remove(self, order: Order) -> None:
        self._lower(order, order.remaining, gone=True)

    def opposite(self, order: Order) -> Iterator[Order]:
        """Resting orders a taker meets, best price first, then oldest."""
        if is_bid(order):
            for price in self.ask_prices:
                yield from self.asks[price].orders.values()
        else:
            for price in reversed(self.bid_prices):
                yield from self.bids[price].orders.values()

    def levels(self, market: Market, token_id: str, side: Side) -> list[tuple[int, int]]:
        """(price, shares) of one token's side, ascending by price."""
        yes = token_id == market.token_ids[0]
        bids = (side is Side.BUY) == yes
        levels, prices = self._side(bids)
        totals = [(price, levels[price].total) for price in prices]
        return totals if yes else [(UNIT - price, size) for price, size in reversed(totals)]

    def total(self, bids: bool, price: int) -> int:
        levels, _ = self._side(bids)
        level = levels.get(price)
        return level.total if level else 0

    def _lower(self, order: Order, shares: int, gone: bool) -> None:
        levels, prices = self._side(is_bid(order))
        price = yes_price(order)
        level = levels[price]
        level.total -= shares
        if gone:
            del level.orders[order.id]
            if not level.orders:
                del levels[price]
                del prices[bisect_left(prices, price)]

    def _side(self, bids: bool) -> tuple[dict[int, Level], list[int]]:
        return (self.bids, self.bid_prices) if bids else (self.asks, self.ask_prices)


def is_bid(order: Order) -> bool:
    """Whether the order stands on the YES bid side."""
    return (order.side is Side.BUY) == (order.token_id == order.market.token_ids[0])


def yes_price(order: Order) -> int:
    return order.price if order.token_id == order.market.token_ids[0] else UNIT - order.price
