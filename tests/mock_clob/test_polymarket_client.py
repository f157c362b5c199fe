"""Today's client, unmodified and by its production host names, on exchange 2."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from polymarket import PublicClient, SecureClient
from polymarket.errors import RequestRejectedError

from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES, NO = DOCUMENTED.token_ids


@pytest.fixture
def venue_2(mock_clob: MockClob) -> MockClob:
    mock_clob.reset(exchange=2, chain=False)
    return mock_clob


@pytest.fixture
def trader(venue_2: MockClob) -> Iterator[Any]:
    client = SecureClient.create(private_key=ACCOUNTS[0].key, wallet=ACCOUNTS[0].address)
    yield client
    client.close()


def test_public_client_reads_books_and_prices(venue_2: MockClob) -> None:
    with PublicClient() as client:
        book = client.get_order_book(token_id=YES)
        assert (book.bids[-1].price, book.asks[-1].price) == (Decimal("0.48"), Decimal("0.52"))
        assert client.get_midpoint(token_id=YES) == Decimal("0.5")
        assert client.get_spread(token_id=YES) == Decimal("0.04")


def test_limit_order_rests_is_listed_and_canceled(trader: Any) -> None:
    placed = trader.place_limit_order(token_id=YES, price="0.40", size="10", side="BUY")
    assert (placed.ok, placed.status) == (True, "live")
    [page] = list(trader.list_open_orders())
    assert [order.id for order in page.items] == [placed.order_id]
    assert trader.cancel_order(order_id=placed.order_id).canceled == (placed.order_id,)


def test_market_order_fills_and_shows_in_trades_and_positions(trader: Any) -> None:
    filled = trader.place_market_order(token_id=YES, amount="5", side="BUY")
    assert (filled.status, filled.making_amount) == ("matched", Decimal(5))
    assert filled.transactions_hashes == ()  # since 2026-07-24 the hash comes later
    [trades] = list(trader.list_account_trades())
    assert [trade.id for trade in trades.items] == list(filled.trade_ids)
    [positions] = list(trader.list_positions())
    held = {position.asset_id: position.current_size for position in positions.items}
    assert held == {YES: 100 + filled.taking_amount, NO: Decimal(100)}
    value = trader.get_portfolio_value()
    assert value.value > 100


def test_restarting_engine_is_a_restriction(trader: Any, venue_2: MockClob) -> None:
    venue_2.fault("engine_restart")
    with pytest.raises(RequestRejectedError) as refused:
        trader.place_limit_order(token_id=YES, price="0.40", size="10", side="BUY")
    assert refused.value.status == 425
