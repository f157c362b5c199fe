"""How a token's price went: the last trade's price at regular instants.

Derived from the engine's trades. There is nothing before a token's first trade, and a point for
every instant after it: a price holds until the next trade. Whether the venue samples the middle
of the book instead is not established.
"""

from __future__ import annotations

from collections.abc import Iterator

from mock_clob.engine import Engine
from mock_clob.model import UNIT


def price_points(
    engine: Engine, token_id: str, start_ms: int, end_ms: int, step_ms: int
) -> Iterator[tuple[int, int]]:
    """(Unix ms, price in 1e-6) at every whole `step_ms` of the span, and at its end."""
    trades = _trades(engine, token_id)
    if not trades:
        return
    begin = max(start_ms, trades[0][0])
    at = -(-begin // step_ms) * step_ms
    price, following = 0, 0
    while begin <= end_ms:
        instant = min(at, end_ms)
        while following < len(trades) and trades[following][0] <= instant:
            price = trades[following][1]
            following += 1
        yield instant, price
        if at >= end_ms:
            return
        at += step_ms


def _trades(engine: Engine, token_id: str) -> list[tuple[int, int]]:
    market = engine.by_token.get(token_id)
    return [
        (trade.matched_ms, trade.price if trade.taker.token_id == token_id else UNIT - trade.price)
        for trade in engine.trades.values()
        if trade.taker.market is market
    ]


def first_trade_ms(engine: Engine, token_id: str) -> int | None:
    """When the token was first traded, Unix ms."""
    trades = _trades(engine, token_id)
    return trades[0][0] if trades else None
