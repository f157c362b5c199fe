"""The id that is computed before sending is the one that the venue answers with."""

from __future__ import annotations

import pytest
from order_hash import EXCHANGE, EXCHANGE_3, NEG_RISK_EXCHANGE, exchange_of, order_hash
from polymarket import SecureClient
from polymarket._internal.environment import PRODUCTION_CONFIG as PRODUCTION

from mock_clob.model import Market
from mock_clob.protocol_v2 import markets as position_markets
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED


def neg_risk_market(venue: MockClob) -> Market:
    return next(m for m in venue.venue.engine.markets.values() if m.neg_risk and not m.closed)


@pytest.mark.parametrize("kind", ["plain", "neg-risk", "position id"])
@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_the_hash_is_the_venues_order_id(mock_clob: MockClob, kind: str, side: str) -> None:
    mock_clob.reset(exchange=3 if kind == "position id" else 2, chain=False)
    markets = {"plain": DOCUMENTED, "neg-risk": neg_risk_market(mock_clob)}
    token = (markets.get(kind) or position_markets()[0]).token_ids[0]
    account = mock_clob.account(0)

    def fund() -> None:
        mock_clob.venue.ledger.balances[account.address.lower(), token] = 10**9

    mock_clob.call(fund)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        order = client.create_limit_order(
            asset_id=token, price="0.05" if side == "BUY" else "0.95", size=10, side=side
        )
        placed = client.post_order(order)
    assert placed.ok
    assert placed.order_id == order_hash(order, kind == "neg-risk")


def test_contracts_are_those_of_the_installed_client() -> None:
    known = (EXCHANGE, NEG_RISK_EXCHANGE, EXCHANGE_3)
    assert known == (
        PRODUCTION.standard_exchange,
        PRODUCTION.neg_risk_exchange,
        PRODUCTION.exchange_v3,
    )
    assert exchange_of("1", neg_risk=True) == (EXCHANGE_3, "3")
