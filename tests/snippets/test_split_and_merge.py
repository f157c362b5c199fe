"""Shares made, taken apart and redeemed on the chain, with today's client."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from polymarket import SecureClient
from polymarket.errors import PolymarketError, UserInputError
from split_and_merge import YES, held

from mock_clob.pytest_plugin import MockClob


@pytest.fixture
def client(mock_clob: MockClob) -> Iterator[SecureClient]:
    mock_clob.reset(exchange=2)
    account = mock_clob.account(0)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        yield client


def test_a_split_costs_its_dollars_and_a_merge_gives_them_back(client: SecureClient) -> None:
    condition_id = client.get_order_book(token_id=YES).market
    before = held(client, condition_id)
    client.split_position(condition_id=condition_id, amount=5_000_000).wait()
    assert {name: size - before[name] for name, size in held(client, condition_id).items()} == {
        "Yes": Decimal(5),
        "No": Decimal(5),
    }
    client.merge_positions(condition_id=condition_id, amount=5_000_000).wait()
    assert held(client, condition_id) == before


def test_a_merge_of_more_than_is_there_moves_nothing(client: SecureClient) -> None:
    condition_id = client.get_order_book(token_id=YES).market
    before = held(client, condition_id)
    with pytest.raises(PolymarketError):
        client.merge_positions(condition_id=condition_id, amount=10**12).wait()
    assert held(client, condition_id) == before


def test_the_winner_is_redeemed_once_the_market_is_resolved(
    client: SecureClient, mock_clob: MockClob
) -> None:
    condition_id = client.get_order_book(token_id=YES).market
    shares = held(client, condition_id)["Yes"]
    with pytest.raises(UserInputError, match="No market found"):
        client.redeem_positions(condition_id=condition_id)
    mock_clob.resolve(YES, "Yes")
    before = on_chain(mock_clob, client)
    client.redeem_positions(condition_id=condition_id).wait()
    assert on_chain(mock_clob, client) - before == shares.scaleb(6)
    assert held(client, condition_id).get("Yes", 0) == 0


def on_chain(venue: MockClob, client: SecureClient) -> int:
    chain = venue.venue.chain
    assert chain
    return chain.balance(venue.venue.contracts.pusd, client.wallet)
