"""The venue's taker fee: C x rate x (p(1 - p))^exponent dollars, for C shares at price p.

[docs] trading/fees, as archived 2026-04 to 2026-10: only takers pay, the fee is set when an order
matches, it has 5 decimals, and less than 0.00001 is nothing. That it is rounded down shows in
the venue's own OrderFilled logs of 2026-09. Whether several fills of one order are rounded
together is not established; here they are, as the logs have one fee for a taker's order.

In which asset: since CLOB V2 in collateral, on top of what a BUY spends and out of what a SELL
yields. Before (exchange 1) a BUY paid it in shares, out of what it got.

Builder fees are not charged: the rate per builder code is readable at the venue
(`/fees/builder-fees/{code}`), what it is taken of and when is not established.
"""

from __future__ import annotations

from collections.abc import Iterable

from mock_clob.model import UNIT, MakerFill, Market, Side

STEP = 10  # base units: 0.00001


def platform_fee(market: Market, fills: Iterable[tuple[int, int]]) -> int:
    """The fee for (shares, price) pairs in base units of collateral, a multiple of STEP."""
    if not market.fee_rate:
        return 0
    exponent = market.fee_exponent
    exact = sum(shares * (price * (UNIT - price)) ** exponent for shares, price in fills)
    # The rate carries a UNIT, and every factor of p(1 - p) two.
    steps: int = exact * market.fee_rate // (UNIT ** (1 + 2 * exponent) * STEP)
    return steps * STEP


def taker_fee(
    market: Market, token_id: str, side: Side, fills: tuple[MakerFill, ...], *, in_shares: bool
) -> int:
    """What the taker of these fills pays, in base units of collateral or, `in_shares`, of shares.

    `in_shares` (exchange 1) concerns a BUY only.
    """
    if not market.fee_rate or not fills:
        return 0
    pairs = []
    for fill in fills:
        same = fill.order.token_id == token_id
        pairs.append((fill.shares, fill.price if same else UNIT - fill.price))
    fee = platform_fee(market, pairs)
    if not in_shares or side is Side.SELL:
        return fee
    shares = sum(fill.shares for fill in fills)
    paid = sum(fill.taker_collateral for fill in fills)
    return -(-fee * shares // paid)  # at the average price
