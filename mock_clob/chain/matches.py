"""What a settlement is made of: the matches that the exchange contract carries out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mock_clob.chain.artefacts import raw

Kind = Literal["complementary", "mint", "merge"]
_KINDS = {"complementary": 1, "mint": 2, "merge": 4}  # the flag Kind of Exchange.vy


@dataclass(frozen=True)
class Match:
    """One resting order's part in a trade.

    A buyer of shares pays its collateral, a seller receives it. The two amounts are equal in a
    complementary match and add up to `shares` in a mint and a merge. The fee is the taker's:
    on top of what it pays in pUSD, else out of what it gets, be it shares or collateral.
    """

    kind: Kind
    condition_id: str
    taker: str
    maker: str
    taker_token_id: int
    maker_token_id: int
    taker_side: Literal["BUY", "SELL"]
    shares: int
    taker_collateral: int
    maker_collateral: int
    taker_order_id: str
    maker_order_id: str
    fee: int = 0


def words(match: Match) -> list[int | bytes]:
    """The struct Match of Exchange.vy."""
    return [
        _KINDS[match.kind],
        raw(match.condition_id),
        raw(match.taker),
        raw(match.maker),
        match.taker_token_id,
        match.maker_token_id,
        int(match.taker_side == "BUY"),
        match.shares,
        match.taker_collateral,
        match.maker_collateral,
        raw(match.taker_order_id),
        raw(match.maker_order_id),
        match.fee,
    ]
