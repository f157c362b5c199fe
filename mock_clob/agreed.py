"""A trade that two wallets agreed on outside the book: it touches no level, and settles as others.

The engine keeps it beside its own trades; balances, fees and the user channel follow. Whether the
market channel tells of such a trade is not established: here it does not.
"""

from __future__ import annotations

import uuid

from mock_clob.engine import Engine
from mock_clob.fees import taker_fee
from mock_clob.model import UNIT, MakerFill, Order, Side, Trade, TradeChanged, TradeStatus
from mock_clob.rules import Rejected
from mock_clob.transfers import movements


def agree(engine: Engine, taker: Order, maker: Order, now_ms: int) -> Trade:
    """Match these two orders whole. Raises Rejected when either is a duplicate or lacks funds."""
    fill = _fill(taker, maker)
    in_shares = engine.fees_in_shares and taker.side is Side.BUY
    fee = taker_fee(taker.market, taker.token_id, taker.side, (fill,), in_shares=in_shares)
    for order in (taker, maker):
        if order.id in engine.orders:
            raise Rejected("duplicate", order.id)
    on_top = 0 if in_shares or taker.side is Side.SELL else fee
    engine.check_funds(taker, on_top)
    engine.check_funds(maker, 0)
    trade = Trade(
        id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{taker.id} {maker.id}")),
        taker=taker,
        shares=fill.shares,
        price=taker.price,
        fills=(fill,),
        matched_ms=now_ms,
        updated_ms=now_ms,
        collateral=fill.taker_collateral,
        fee=fee,
        fee_in_shares=in_shares,
    )
    for order, collateral in ((taker, fill.taker_collateral), (maker, fill.maker_collateral)):
        engine.orders[order.id] = order
        order.matched, order.spent, order.status = order.size, collateral, "MATCHED"
        order.trade_ids.append(trade.id)
    engine.trades[trade.id] = trade
    for moved in movements(trade, engine.fees_to):
        engine.ledger.match(moved)
    engine.events.append(TradeChanged(trade, TradeStatus.MATCHED, now_ms))
    return trade


def _fill(taker: Order, maker: Order) -> MakerFill:
    """The maker's part: its price holds; the taker pays or gets the same, or the complement."""
    maker_collateral = maker.size * maker.price // UNIT
    same = maker.token_id == taker.token_id
    return MakerFill(
        order=maker,
        shares=maker.size,
        price=maker.price,
        maker_collateral=maker_collateral,
        taker_collateral=maker_collateral if same else maker.size - maker_collateral,
    )
