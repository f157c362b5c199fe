"""What orders hold back and what trades move, as entries of the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from mock_clob.ledger import COLLATERAL, Movement
from mock_clob.model import UNIT, Order, Side, Trade


def gives(order: Order) -> str:
    """The asset the order's maker pays with."""
    return COLLATERAL if order.side is Side.BUY else order.token_id


def held_back(order: Order) -> int:
    """What a resting order reserves of `gives(order)`."""
    if order.side is Side.SELL:
        return order.remaining
    return -(-order.remaining * order.price // UNIT)


def movements(trade: Trade, fees_to: str = "") -> Iterator[Movement]:
    """What a trade moves: the taker's side, the fee, then each maker's."""
    taker, fee = trade.taker, trade.fee
    if taker.side is Side.SELL:
        given, got = trade.shares, trade.collateral - fee
        yield Movement(taker.maker, taker.token_id, given, COLLATERAL, got, taker.spender)
    elif trade.fee_in_shares:
        given, got = trade.collateral, trade.shares - fee
        yield Movement(taker.maker, COLLATERAL, given, taker.token_id, got, taker.spender)
    else:
        given, got = trade.collateral + fee, trade.shares
        yield Movement(taker.maker, COLLATERAL, given, taker.token_id, got, taker.spender)
    if fee:
        asset = taker.token_id if trade.fee_in_shares else COLLATERAL
        yield Movement(fees_to, asset, 0, asset, fee, "")
    for fill in trade.fills:
        yield _makers(fill.order, fill.shares, fill.maker_collateral)


def _makers(order: Order, shares: int, collateral: int) -> Movement:
    if order.side is Side.BUY:
        given = Movement(order.maker, COLLATERAL, collateral, order.token_id, shares, order.spender)
        return given
    return Movement(order.maker, order.token_id, shares, COLLATERAL, collateral, order.spender)
