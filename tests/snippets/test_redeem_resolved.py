"""Markets that are settled, and shares that are turned into dollars."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from polymarket import SecureClient
from polymarket.errors import PolymarketError
from redeem_resolved import YES, payouts, redeem_all

from mock_clob.faults import Effect
from mock_clob.pytest_plugin import MockClob


@pytest.fixture
def client(mock_clob: MockClob) -> Iterator[SecureClient]:
    mock_clob.reset(exchange=2)
    account = mock_clob.account(0)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        yield client


def pusd(venue: MockClob, client: SecureClient) -> int:
    chain = venue.venue.chain
    assert chain
    return chain.balance(venue.venue.contracts.pusd, client.wallet)


def test_an_open_market_pays_nothing_yet(client: SecureClient) -> None:
    assert payouts(client, client.get_order_book(token_id=YES).market) is None
    assert payouts(client, "0x" + "0" * 64) is None
    assert redeem_all(client) == {}


@pytest.mark.parametrize(("winner", "shares"), [("Yes", (1, 0)), ("No", (0, 1))])
def test_what_won_is_redeemed_once(
    client: SecureClient, mock_clob: MockClob, winner: str, shares: tuple[int, int]
) -> None:
    condition_id = client.get_order_book(token_id=YES).market
    mock_clob.resolve(YES, winner)
    before = pusd(mock_clob, client)
    assert payouts(client, condition_id) == shares
    assert redeem_all(client) == {condition_id: Decimal(100)}
    assert pusd(mock_clob, client) - before == 100_000_000
    assert redeem_all(client) == {}
    assert pusd(mock_clob, client) - before == 100_000_000


def test_worthless_shares_cost_no_transaction(client: SecureClient, mock_clob: MockClob) -> None:
    condition_id = client.get_order_book(token_id=YES).market
    client.merge_positions(condition_id=condition_id, amount=100_000_000).wait()
    order = client.place_market_order(token_id=YES, side="BUY", amount=Decimal(10))
    assert order.ok
    client.wait_for_order_fill_settlement(order)
    mock_clob.resolve(YES, "No")
    before = client.get_balance_allowance(asset_type="CONDITIONAL", token_id=YES).balance
    assert redeem_all(client) == {}
    assert client.get_balance_allowance(asset_type="CONDITIONAL", token_id=YES).balance == before


def test_a_list_that_cannot_be_read_is_no_empty_one(
    client: SecureClient, mock_clob: MockClob
) -> None:
    mock_clob.fault(Effect(status=500, body="no"), path="/v2/positions", times=100)
    with pytest.raises(PolymarketError):
        redeem_all(client)
