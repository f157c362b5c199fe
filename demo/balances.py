"""Fills that settle on the chain, and a tracker that is reconciled to the last base unit."""

from __future__ import annotations

from decimal import Decimal

from py_clob_client.clob_types import MarketOrderArgs, OrderType
from py_clob_client.order_builder.constants import BUY, SELL

from demo.stage import Stage
from mock_clob.accounts import ACCOUNTS
from mock_clob.faults import Effect
from mock_clob.ledger import COLLATERAL
from mock_clob.model import UNIT
from mock_clob.scenario import DOCUMENTED

YES, NO = DOCUMENTED.token_ids
# Dollars for a BUY, shares for a SELL. Buying NO meets bids for YES: a pair is minted.
ORDERS = [(YES, BUY, 25.0), (NO, BUY, 13.37), (YES, SELL, 41.5), (NO, SELL, 20.0), (YES, BUY, 7.77)]


def run(stage: Stage) -> None:
    from balance_tracker import BalanceTracker
    from polygon_rpc import ChainUnreadable
    from trading_client import trading_client

    stage.title("Balances: fills settle on the chain, the books agree to the last base unit")
    stage.reset(exchange=1)
    wallet = ACCOUNTS[0].address
    client = trading_client()
    tracker = BalanceTracker(wallet)
    first = tracker.update()
    stage.say(f"block {first.block_number}: {first.balance} USDC.e")

    expected = Decimal(0)
    for token_id, side, amount in ORDERS:
        args = MarketOrderArgs(token_id=token_id, side=side, amount=amount)
        reply = client.post_order(client.create_market_order(args), OrderType.FOK)
        gave, got = Decimal(reply["makingAmount"]), Decimal(reply["takingAmount"])
        expected += got if side == SELL else -gave
        entry = tracker.update()
        stage.say(f"{side} {amount:g}: block {entry.block_number}, change {entry.change:+}")

    before = list(tracker.history)
    stage.server.call(
        lambda: stage.venue.faults.add(Effect(status=503, name="rpc_down"), path="/", times=None)
    )
    try:
        tracker.update()
        survived = False
    except ChainUnreadable:
        survived = list(tracker.history) == before
    stage.server.call(stage.venue.faults.clear)
    stage.check("a failing RPC leaves the history whole", survived, f"{len(before)} entries")

    found = tracker.reconcile(expected)
    stage.check(
        "the tracker agrees with the fills",
        found.discrepancy == 0,
        f"expected {found.expected}, actual {found.actual}, discrepancy {found.discrepancy}",
    )
    known = stage.server.call(lambda: stage.venue.ledger.balance(wallet.lower(), COLLATERAL))
    stage.check(
        "the venue knows the same balance",
        Decimal(known) / UNIT == tracker.last_balance,
        f"{known} base units",
    )
