"""An order of account 0 past all checks of its form, for tests that need no client."""

from __future__ import annotations

from mock_clob.accounts import ACCOUNTS
from mock_clob.model import UNIT, Order, OrderType, Side
from mock_clob.venue import Venue


def unsigned_order(venue: Venue, token_id: str, side: Side, price: int, shares: int) -> Order:
    """A GTC order for whole shares at a price in 1e-6."""
    maker = ACCOUNTS[0].address.lower()
    size, cost = shares * UNIT, shares * price
    buys = side is Side.BUY
    return Order(
        id=f"0x{len(venue.engine.orders)}",
        owner="test",
        signer=maker,
        maker=maker,
        market=venue.engine.by_token[token_id],
        token_id=token_id,
        side=side,
        type=OrderType.GTC,
        price=price,
        size=size,
        maker_amount=cost if buys else size,
        taker_amount=size if buys else cost,
        created_ms=venue.clock.now_ms(),
    )
