"""Position ids of Protocol V2 on exchange 3, by the two clients that speak of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from polymarket import SecureClient
from polymarket._internal.protocol import decode_v2_outcome_position_id, is_v2_position_id
from polymarket.errors import RequestRejectedError
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import (
    AssetType,
    BalanceAllowanceParams,
    MarketOrderArgs,
    OrderArgs,
    PartialCreateOrderOptions,
)
from py_clob_client_v2.exceptions import PolyApiException

from mock_clob import protocol_v2
from mock_clob.accounts import ACCOUNTS
from mock_clob.contracts import CONTRACTS
from mock_clob.model import UNIT
from mock_clob.position_ids import is_position_id
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED, listings

C = CONTRACTS[137]
ALICE = ACCOUNTS[0]
YES, NO = protocol_v2.OPEN.token_ids


@pytest.fixture
def venue_3(mock_clob: MockClob) -> MockClob:
    mock_clob.reset(exchange=3)
    return mock_clob


@pytest.fixture
def trader(venue_3: MockClob) -> Iterator[Any]:
    client: Any = SecureClient.create(private_key=ALICE.key, wallet=ALICE.address)
    yield client
    client.close()


@pytest.fixture
def older(venue_3: MockClob) -> Any:
    client = ClobClient(venue_3.url, 137, ALICE.key)
    client.set_api_creds(client.create_or_derive_api_key())
    return client


@pytest.mark.parametrize("market", protocol_v2.markets(), ids=lambda market: market.slug)
def test_position_ids_are_what_polymarket_client_takes_for_such(market: Any) -> None:
    for index, token_id in enumerate(market.token_ids):
        decoded = decode_v2_outcome_position_id(token_id)
        assert is_v2_position_id(token_id)
        assert is_position_id(token_id)
        assert (decoded.outcome_index, decoded.condition_id) == (index, market.condition_id[:-2])


def test_tokens_of_the_other_markets_are_none() -> None:
    tokens = [token for listing in listings(137) for token in listing.market.token_ids]

    assert not any(is_position_id(token) or is_v2_position_id(token) for token in tokens)


def test_position_is_bought_sold_and_settled_at_the_position_manager(
    venue_3: MockClob, trader: Any
) -> None:
    chain = venue_3.venue.chain
    assert chain is not None
    before = chain.position_balance(ALICE.address, int(YES)), chain.balance(C.pusd, ALICE.address)

    bought = trader.place_market_order(token_id=YES, amount="5.2", side="BUY")
    sold = trader.place_market_order(token_id=YES, shares="4", side="SELL")
    for order in (bought, sold):
        trader.wait_for_order_fill_settlement(order)

    after = chain.position_balance(ALICE.address, int(YES)), chain.balance(C.pusd, ALICE.address)
    assert (bought.taking_amount, sold.taking_amount) == (Decimal(10), Decimal("1.92"))
    assert after[0] - before[0] == 6 * UNIT
    assert after[1] - before[1] == -3_280_000


def test_v2_client_trades_by_position_id(venue_3: MockClob, older: Any) -> None:
    options = PartialCreateOrderOptions(tick_size="0.01", neg_risk=False)
    resting = OrderArgs(position_id=YES, price=0.4, size=10, side="BUY")
    taking = MarketOrderArgs(position_id=YES, amount=5.2, side="BUY", order_type="FOK")

    placed = older.create_and_post_order(resting, options)
    filled = older.create_and_post_market_order(taking, options)

    assert (placed["status"], filled["status"]) == ("live", "matched")
    assert [order["asset_id"] for order in older.get_open_orders()] == [YES]


def test_position_given_as_a_token_is_signed_for_the_wrong_exchange(older: Any) -> None:
    options = PartialCreateOrderOptions(tick_size="0.01", neg_risk=False)
    order = OrderArgs(token_id=YES, price=0.4, size=10, side="BUY")

    with pytest.raises(PolyApiException, match="invalid signature"):
        older.create_and_post_order(order, options)


def test_token_given_as_a_position_is_signed_for_the_wrong_exchange(older: Any) -> None:
    options = PartialCreateOrderOptions(tick_size="0.01", neg_risk=False)
    order = OrderArgs(position_id=DOCUMENTED.token_ids[0], price=0.4, size=10, side="BUY")

    with pytest.raises(PolyApiException, match="invalid signature"):
        older.create_and_post_order(order, options)


def test_tokens_trade_beside_positions_on_exchange_2(venue_3: MockClob, trader: Any) -> None:
    order = trader.place_market_order(token_id=DOCUMENTED.token_ids[0], amount="5.2", side="BUY")
    [settled] = trader.wait_for_order_fill_settlement(order)

    chain = venue_3.venue.chain
    assert chain is not None
    found = chain.receipt(bytes.fromhex(settled[2:]))
    assert found is not None
    assert found[1].transaction.to == bytes.fromhex(C.exchange_v2[2:])


def test_positions_are_not_listed_before_exchange_3(mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=2, chain=False)
    client: Any = SecureClient.create(private_key=ALICE.key, wallet=ALICE.address)

    with pytest.raises(RequestRejectedError, match="market not found"):
        client.place_limit_order(token_id=YES, price="0.40", size="10", side="BUY")
    client.close()


def test_balance_and_approval_are_read_at_the_position_manager(
    venue_3: MockClob, trader: Any, older: Any
) -> None:
    asked = BalanceAllowanceParams(asset_type=AssetType.CONDITIONAL, token_id=YES)
    asked.asset_type = "CONDITIONAL-V2"
    told = trader.get_balance_allowance(asset_type="CONDITIONAL-V2", asset_id=YES)
    assert (told.balance, set(told.allowances)) == (100 * UNIT, {C.exchange_v3})

    trader.approve_erc1155_for_all(
        token_address="0x006F54F7f9A22e0000CC2AB60031000000ae9fEF",
        operator_address=C.exchange_v3,
        approved=False,
    ).wait()
    older.update_balance_allowance(asked)

    assert trader.get_balance_allowance(asset_type="CONDITIONAL-V2", asset_id=YES).allowances == {
        C.exchange_v3: 0
    }
    with pytest.raises(PolyApiException, match="the allowance is not enough"):
        older.create_and_post_order(
            OrderArgs(position_id=YES, price=0.6, size=10, side="SELL"),
            PartialCreateOrderOptions(tick_size="0.01", neg_risk=False),
        )


def test_seller_whose_approval_is_missing_is_approved_by_the_client(
    venue_3: MockClob, trader: Any, older: Any
) -> None:
    venue_3.call(lambda: venue_3.venue.ledger.allow(ALICE.address.lower(), C.exchange_v3, YES, 0))

    assert trader.place_limit_order(token_id=YES, price="0.60", size="10", side="SELL").ok


def test_split_raises_and_merge_lowers_what_a_wallet_holds(venue_3: MockClob, trader: Any) -> None:
    chain = venue_3.venue.chain
    assert chain is not None

    def held() -> tuple[int, int]:
        yes, no = (chain.position_balance(ALICE.address, int(token)) for token in (YES, NO))
        return yes, no

    trader.split_position(condition_id=protocol_v2.OPEN.condition_id, amount=5 * UNIT).wait()
    assert held() == (105 * UNIT, 105 * UNIT)
    trader.merge_positions(condition_id=protocol_v2.OPEN.condition_id, amount="max").wait()
    assert held() == (0, 0)


def test_resolved_position_is_redeemed(venue_3: MockClob, trader: Any) -> None:
    chain = venue_3.venue.chain
    assert chain is not None
    before = chain.balance(C.pusd, ALICE.address)

    trader.redeem_positions(position_id=protocol_v2.RESOLVED.token_ids[0]).wait()

    assert chain.balance(C.pusd, ALICE.address) == before + 100 * UNIT
