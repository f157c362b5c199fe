"""Orders of polymarket-client at the venue: what is refused is refused, what is open is known."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from batch_orders import ladder, post
from limit_order import rest_order
from manage_orders import cancel, open_orders, reserved
from market_order import buy, sell
from order_types import fak, outcome
from polymarket import RequestRejectedError, SecureClient, UserInputError
from polymarket.models.clob.order_response import AcceptedOrder
from tiny_bot import keep_bid

from mock_clob.faults import Effect
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES = DOCUMENTED.token_ids[0]
LATER = '{"errorMsg":"the market is not yet ready to process new orders","orderID":"","status":""'
LATER += ',"success":true,"makingAmount":"","takingAmount":""}'


@pytest.fixture
def client(mock_clob: MockClob) -> Iterator[SecureClient]:
    mock_clob.reset(exchange=2, chain=False)
    account = mock_clob.account(0)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        yield client


@pytest.fixture
def refusing(client: SecureClient, mock_clob: MockClob) -> SecureClient:
    """The venue answers the next order with 200 and an error inside."""
    effect = Effect(status=200, body=LATER, headers={"content-type": "application/json"})
    mock_clob.fault(effect, method="POST", path="/order")
    return client


def test_a_resting_order_is_open_until_it_is_canceled(client: SecureClient) -> None:
    order_id = rest_order(client, YES, "BUY", "0.40", "10")
    assert [order.id for order in open_orders(client)] == [order_id]
    assert cancel(client, [order_id]) == {}
    assert open_orders(client, YES) == []


def test_a_sell_rests_too(client: SecureClient) -> None:
    order_id = rest_order(client, YES, "SELL", "0.60", "10")
    assert client.get_order(order_id=order_id).side == "SELL"
    assert reserved(open_orders(client)) == 0


def test_an_order_that_would_cross_is_refused_and_nothing_rests(client: SecureClient) -> None:
    with pytest.raises(RuntimeError, match="refused: invalid post-only order"):
        rest_order(client, YES, "BUY", "0.52", "10")
    assert open_orders(client) == []


def test_a_refusal_inside_a_good_reply_is_no_placement(refusing: SecureClient) -> None:
    with pytest.raises(RuntimeError, match="refused, market_not_ready"):
        rest_order(refusing, YES, "BUY", "0.40", "10")


@pytest.mark.parametrize("fault", ["server_error", "engine_restart"])
def test_an_outcome_that_is_open_is_not_called_a_refusal(
    client: SecureClient, mock_clob: MockClob, fault: str
) -> None:
    mock_clob.fault(fault)
    with pytest.raises(RequestRejectedError):
        rest_order(client, YES, "BUY", "0.40", "10")


def test_a_price_off_the_tick_is_not_even_signed(client: SecureClient) -> None:
    with pytest.raises(UserInputError):
        rest_order(client, YES, "BUY", "0.405", "10")


def test_a_purchase_pays_no_more_than_the_worst_price(client: SecureClient) -> None:
    bought = buy(client, YES, "104", "0.52")
    assert (bought.making_amount, bought.taking_amount) == (52, 100)
    with pytest.raises(RequestRejectedError, match="no orders found to match with FAK order"):
        buy(client, YES, "52", "0.52")


def test_a_sale_is_all_or_nothing(client: SecureClient) -> None:
    with pytest.raises(RequestRejectedError, match="FOK orders are fully filled or killed"):
        sell(client, YES, "100", "0.49")
    assert sell(client, YES, "100", "0.48").taking_amount == 48


def test_a_market_order_that_is_refused_in_a_good_reply_is_an_error(
    refusing: SecureClient,
) -> None:
    with pytest.raises(RuntimeError, match=r"refused: .*market_not_ready"):
        buy(refusing, YES, "5", "0.52")


def test_a_refused_type_is_told_in_words(refusing: SecureClient) -> None:
    assert outcome(fak, refusing).startswith("refused, market_not_ready: the market is not yet")


def test_a_batch_of_more_than_fifteen_is_split_and_keeps_its_order(
    client: SecureClient, mock_clob: MockClob
) -> None:
    prices = [f"0.{cents}" for cents in range(20, 37)]
    outcomes = post(client, ladder(client, YES, prices, "5"))
    orders = {order.id: order.price for order in open_orders(client)}
    placed = [leg.order_id for leg in outcomes if isinstance(leg, AcceptedOrder)]
    assert [orders[order_id] for order_id in placed] == [Decimal(price) for price in prices]
    posted = [entry for entry in mock_clob.journal if entry.path == "/orders"]
    assert len(posted) == 2


def test_bids_reserve_what_is_left_of_them(client: SecureClient) -> None:
    post(client, ladder(client, YES, ["0.20", "0.10"], "50"))
    assert reserved(open_orders(client)) == 15


def test_what_was_gone_already_is_named_with_its_reason(client: SecureClient) -> None:
    order_id = rest_order(client, YES, "BUY", "0.40", "10")
    cancel(client, [order_id])
    assert cancel(client, [order_id]) == {
        order_id: "order can't be found - already canceled or matched"
    }


def test_a_bid_is_kept_beside_a_sale_that_rests(client: SecureClient) -> None:
    rest_order(client, YES, "SELL", "0.60", "10")
    bid = keep_bid(client, YES, "0.40", "10")
    assert keep_bid(client, YES, "0.40", "10") == bid


def test_a_bid_that_is_refused_is_an_error(refusing: SecureClient) -> None:
    with pytest.raises(RuntimeError, match="refused, market_not_ready"):
        keep_bid(refusing, YES, "0.40", "10")
