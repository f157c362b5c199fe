"""The CLOB over real HTTP, asked by the real py-clob-client."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import (
    ApiCreds,
    AssetType,
    BalanceAllowanceParams,
    BookParams,
    MarketOrderArgs,
    OpenOrderParams,
    OrderArgs,
    OrderScoringParams,
    OrdersScoringParams,
    OrderType,
    PostOrdersArgs,
    TradeParams,
)
from py_clob_client.exceptions import PolyApiException
from py_clob_client.order_builder.constants import BUY, SELL

from mock_clob.accounts import ACCOUNTS
from mock_clob.model import UNIT
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES, NO = DOCUMENTED.token_ids


def bid(client: ClobClient, price: float = 0.4, size: float = 10, **more: Any) -> Any:
    return client.create_order(OrderArgs(token_id=YES, price=price, size=size, side=BUY, **more))


def refusal(error: pytest.ExceptionInfo[PolyApiException]) -> tuple[int, str]:
    body = error.value.error_msg
    return error.value.status_code, body["error"] if isinstance(body, dict) else body


# Reads


def test_reads_answer_in_the_shapes_the_client_returns(alice: ClobClient) -> None:
    assert alice.get_ok() == "OK"
    assert isinstance(alice.get_server_time(), int)
    assert alice.get_midpoint(YES) == {"mid": "0.5"}
    assert alice.get_spread(YES) == {"spread": "0.04"}
    assert alice.get_tick_size(YES) == "0.01"
    assert alice.get_neg_risk(YES) is False
    assert alice.get_fee_rate_bps(YES) == 0
    assert alice.get_last_trade_price(YES) == {"price": "0.5", "side": "BUY"}


def test_price_of_buy_is_the_best_bid_and_of_sell_the_best_ask(alice: ClobClient) -> None:
    assert alice.get_price(YES, BUY) == {"price": "0.48"}
    assert alice.get_price(YES, SELL) == {"price": "0.52"}


def test_batch_reads_answer_for_every_token(alice: ClobClient) -> None:
    both = [BookParams(token_id=YES, side=BUY), BookParams(token_id=NO, side=SELL)]
    assert alice.get_midpoints(both) == {YES: "0.5", NO: "0.5"}
    assert alice.get_prices(both) == {YES: {"BUY": "0.48"}, NO: {"SELL": "0.52"}}
    assert alice.get_spreads(both) == {YES: "0.04", NO: "0.04"}
    assert [book.asset_id for book in alice.get_order_books(both)] == [YES, NO]
    assert [last["token_id"] for last in alice.get_last_trades_prices(both)] == [YES, NO]


def test_best_levels_of_a_book_are_its_last(alice: ClobClient) -> None:
    book = alice.get_order_book(YES)
    assert (book.bids[-1].price, book.asks[-1].price) == ("0.48", "0.52")
    assert [bid.price for bid in book.bids] == ["0.45", "0.47", "0.48"]


def test_book_hash_is_the_one_the_client_computes(alice: ClobClient) -> None:
    book = alice.get_order_book(YES)
    served = book.hash
    assert alice.get_order_book_hash(book) == served


def test_markets_are_listed_and_found(alice: ClobClient, mock_clob: MockClob) -> None:
    page = alice.get_markets()
    assert page["next_cursor"] == "LTE="
    listed = mock_clob.call(lambda: list(mock_clob.venue.engine.markets))
    assert page["count"] == len(page["data"]) == len(listed)
    found = alice.get_market(DOCUMENTED.condition_id)
    assert [token["token_id"] for token in found["tokens"]] == [YES, NO]
    assert alice.get_simplified_markets()["data"][0]["condition_id"] == DOCUMENTED.condition_id


@pytest.mark.parametrize(
    ("token_id", "status", "text"),
    [
        ("123", 404, "No orderbook exists for the requested token id"),
        ("abc", 400, "Invalid token id"),
    ],
)
def test_unknown_token_is_named_as_the_venue_names_it(
    alice: ClobClient, token_id: str, status: int, text: str
) -> None:
    with pytest.raises(PolyApiException) as refused:
        alice.get_order_book(token_id)
    assert refusal(refused) == (status, text)


def test_unknown_market_is_not_found(alice: ClobClient) -> None:
    with pytest.raises(PolyApiException) as refused:
        alice.get_market("0x" + "0" * 64)
    assert refusal(refused) == (404, "market not found")


# Keys


def test_key_is_created_once_and_derived_after(venue_1: MockClob) -> None:
    client = ClobClient(venue_1.url, chain_id=137, key=ACCOUNTS[2].key)
    with pytest.raises(PolyApiException) as refused:
        client.derive_api_key()
    assert refusal(refused) == (400, "Could not derive api key!")
    created = client.create_api_key()
    with pytest.raises(PolyApiException) as refused:
        client.create_api_key()
    assert refusal(refused) == (400, "Could not create api key")
    assert client.derive_api_key() == created
    assert client.create_api_key(nonce=1) != created


def test_wallet_that_is_no_test_account_is_refused_by_name(venue_1: MockClob) -> None:
    stranger = ClobClient(venue_1.url, chain_id=137, key="0x" + "11" * 32)
    with pytest.raises(PolyApiException) as refused:
        stranger.create_api_key()
    status, text = refusal(refused)
    assert status == 401
    assert "knows only its own test accounts" in text
    assert stranger.get_address().lower() in text


def test_wallet_signature_for_another_chain_is_refused(venue_1: MockClob) -> None:
    client = ClobClient(venue_1.url, chain_id=80002, key=ACCOUNTS[0].key)
    with pytest.raises(PolyApiException) as refused:
        client.create_api_key()
    assert refusal(refused) == (401, "Invalid L1 Request headers")


@pytest.mark.parametrize("part", ["api_key", "api_secret", "api_passphrase"])
def test_wrong_credential_is_unauthorized(alice: ClobClient, bob: ClobClient, part: str) -> None:
    mixed = ApiCreds(**(vars(alice.creds) | {part: getattr(bob.creds, part)}))
    alice.set_api_creds(mixed)
    with pytest.raises(PolyApiException) as refused:
        alice.get_orders()
    assert refusal(refused) == (401, "Unauthorized/Invalid api key")


def test_old_timestamp_is_unauthorized(alice: ClobClient, venue_1: MockClob) -> None:
    venue_1.advance(600)
    with pytest.raises(PolyApiException) as refused:
        alice.get_orders()
    assert refusal(refused) == (401, "Unauthorized/Invalid api key")


def test_body_changed_on_the_way_is_unauthorized(alice: ClobClient, venue_1: MockClob) -> None:
    request = venue_1.journal.requests  # nothing was placed before or after
    from py_clob_client.clob_types import RequestArgs
    from py_clob_client.headers.headers import create_level_2_headers

    headers = create_level_2_headers(
        alice.signer,
        alice.creds,
        RequestArgs("DELETE", "/order", serialized_body='{"orderID":"1"}'),
    )
    changed = httpx.request(
        "DELETE", f"{venue_1.url}/order", headers=headers, content=b'{"orderID":"2"}'
    )
    assert changed.status_code == 401
    assert request("DELETE", "/order")[-1].verdict == "api_key"


def test_deleted_key_is_unauthorized(alice: ClobClient) -> None:
    assert alice.get_api_keys() == {"apiKeys": [alice.creds.api_key]}
    assert alice.delete_api_key() == "OK"
    with pytest.raises(PolyApiException):
        alice.get_api_keys()


# Orders


def test_resting_order_is_live_and_can_be_read_back(alice: ClobClient) -> None:
    placed = alice.post_order(bid(alice))
    assert placed["status"] == "live"
    assert (placed["makingAmount"], placed["takingAmount"]) == ("", "")
    order = alice.get_order(placed["orderID"])
    assert (order["price"], order["original_size"], order["size_matched"]) == ("0.4", "10", "0")
    assert alice.get_orders(OpenOrderParams(id=placed["orderID"])) == [order]
    assert alice.get_orders(OpenOrderParams(market=DOCUMENTED.condition_id)) == [order]
    assert alice.get_orders(OpenOrderParams(asset_id=NO)) == []


def test_marketable_order_is_matched_at_the_resting_price(alice: ClobClient) -> None:
    placed = alice.post_order(bid(alice, price=0.55, size=10))
    assert placed["status"] == "matched"
    assert (placed["makingAmount"], placed["takingAmount"]) == ("5.2", "10")
    assert len(placed["transactionsHashes"]) == 1


def test_market_order_spends_its_budget(alice: ClobClient) -> None:
    order = alice.create_market_order(MarketOrderArgs(token_id=YES, amount=20, side=BUY))
    placed = alice.post_order(order, OrderType.FOK)
    assert (placed["makingAmount"], placed["takingAmount"]) == ("20", "38.461538")


def test_closed_order_answers_null(alice: ClobClient) -> None:
    placed = alice.post_order(bid(alice))
    assert alice.cancel(placed["orderID"]) == {
        "canceled": [placed["orderID"]],
        "not_canceled": {},
    }
    assert alice.get_order(placed["orderID"]) is None


def test_others_orders_are_neither_seen_nor_canceled(alice: ClobClient, bob: ClobClient) -> None:
    placed = alice.post_order(bid(alice))
    assert bob.get_order(placed["orderID"]) is None
    assert bob.get_orders() == []
    assert bob.cancel(placed["orderID"])["canceled"] == []
    assert alice.get_order(placed["orderID"]) is not None


def test_trade_is_seen_by_both_sides(alice: ClobClient, bob: ClobClient) -> None:
    resting = alice.post_order(bid(alice, price=0.5, size=10))
    sold = bob.post_order(bob.create_order(OrderArgs(token_id=NO, price=0.5, size=10, side=BUY)))
    assert sold["status"] == "matched"
    [taken] = bob.get_trades()
    [made] = alice.get_trades()
    assert (taken["trader_side"], made["trader_side"]) == ("TAKER", "MAKER")
    assert taken["taker_order_id"] == made["taker_order_id"] == sold["orderID"]
    [maker] = made["maker_orders"]
    assert (maker["order_id"], maker["matched_amount"]) == (resting["orderID"], "10")
    assert (maker["price"], maker["outcome"]) == ("0.5", "Yes")
    assert alice.get_trades(TradeParams(asset_id=YES)) == [made]
    assert alice.get_trades(TradeParams(asset_id=NO)) == []
    assert alice.get_trades(TradeParams(id=made["id"])) == [made]


@pytest.mark.parametrize("cancel", ["one", "many", "all", "market", "token"])
def test_every_cancel_cancels(alice: ClobClient, cancel: str) -> None:
    ids = [alice.post_order(bid(alice, size=size))["orderID"] for size in (10, 11)]
    calls = {
        "one": lambda: [alice.cancel(i) for i in ids],
        "many": lambda: alice.cancel_orders(ids),
        "all": alice.cancel_all,
        "market": lambda: alice.cancel_market_orders(market=DOCUMENTED.condition_id),
        "token": lambda: alice.cancel_market_orders(asset_id=YES),
    }
    calls[cancel]()
    assert alice.get_orders() == []


def test_cancel_says_why_an_order_stays(alice: ClobClient) -> None:
    gone = alice.cancel("0x" + "0" * 64)
    assert list(gone["not_canceled"].values()) == [
        "order can't be found - already canceled or matched"
    ]


def test_batch_answers_each_leg_and_keeps_success_true_on_a_refused_one(alice: ClobClient) -> None:
    good, bad = bid(alice), bid(alice, size=1)
    legs = alice.post_orders([PostOrdersArgs(order=good), PostOrdersArgs(order=bad)])
    assert [leg["success"] for leg in legs] == [True, True]
    assert [leg["status"] for leg in legs] == ["live", ""]
    assert "Size (1) lower than the minimum: 5" in legs[1]["errorMsg"]


def test_more_than_15_orders_in_a_batch_are_refused_as_a_whole(alice: ClobClient) -> None:
    batch = [PostOrdersArgs(order=bid(alice, size=5 + n)) for n in range(16)]
    with pytest.raises(PolyApiException) as refused:
        alice.post_orders(batch)
    assert refusal(refused) == (400, "Too many orders in payload: 16, max allowed: 15")
    assert alice.get_orders() == []


def test_the_same_order_again_is_a_duplicate(alice: ClobClient) -> None:
    order = bid(alice)
    placed = alice.post_order(order)
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(order)
    assert refusal(refused) == (400, f"order {placed['orderID']} is invalid. Duplicated.")


def test_order_below_the_minimum_is_refused(alice: ClobClient) -> None:
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(bid(alice, size=4.99))
    assert "Size (4.99) lower than the minimum: 5" in refusal(refused)[1]


def test_market_amounts_sent_as_gtc_break_the_tick(alice: ClobClient) -> None:
    order = alice.create_market_order(MarketOrderArgs(token_id=YES, amount=5, side=BUY, price=0.84))
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(order, OrderType.GTC)
    assert "Price (0.8400114241553686) breaks minimum tick size rule: 0.01" in refusal(refused)[1]


def test_limit_amounts_sent_as_fok_break_the_precision(alice: ClobClient) -> None:
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(bid(alice, price=0.53, size=10.11), OrderType.FOK)
    assert refusal(refused)[1] == (
        "invalid amounts, the market buy orders maker amount supports a max accuracy of "
        "2 decimals, taker amount a max of 4 decimals"
    )


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (OrderType.FOK, "order couldn't be fully filled. FOK orders are fully filled or killed."),
        (OrderType.FAK, "no orders found to match with FAK order."),
    ],
)
def test_killed_order_reports_its_hash(alice: ClobClient, kind: str, text: str) -> None:
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(bid(alice), kind)
    assert refusal(refused)[1].startswith(text)
    assert refused.value.error_msg["orderID"].startswith("0x")


def test_post_only_that_crosses_is_refused(alice: ClobClient) -> None:
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(bid(alice, price=0.6), OrderType.GTC, post_only=True)
    assert refusal(refused) == (400, "invalid post-only order: order crosses book")
    assert alice.post_order(bid(alice, price=0.3), OrderType.GTC, post_only=True)["success"]


def test_gtd_order_leaves_60_seconds_before_its_time(alice: ClobClient, venue_1: MockClob) -> None:
    now = alice.get_server_time()
    placed = alice.post_order(bid(alice, expiration=now + 90), OrderType.GTD)
    assert alice.get_order(placed["orderID"])["status"] == "LIVE"
    venue_1.advance(31)
    assert alice.get_order(placed["orderID"]) is None


@pytest.mark.parametrize(
    ("kind", "ahead"), [(OrderType.GTD, 30), (OrderType.GTD, None), (OrderType.GTC, 90)]
)
def test_expiration_must_fit_the_order_type(
    alice: ClobClient, kind: str, ahead: int | None
) -> None:
    expiration = alice.get_server_time() + ahead if ahead else 0
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(bid(alice, expiration=expiration), kind)
    assert refusal(refused) == (400, "invalid expiration")


def test_order_of_another_wallet_or_key_is_refused(alice: ClobClient, bob: ClobClient) -> None:
    with pytest.raises(PolyApiException) as refused:
        bob.post_order(bid(alice))
    assert refusal(refused)[1] == ("the order signer address has to be the address of the API KEY")


def test_unknown_funder_is_sent_to_the_deposit_wallet_flow(venue_1: MockClob) -> None:
    client = ClobClient(
        venue_1.url, chain_id=137, key=ACCOUNTS[0].key, signature_type=2, funder="0x" + "22" * 20
    )
    client.set_api_creds(client.create_or_derive_api_creds())
    with pytest.raises(PolyApiException) as refused:
        client.post_order(bid(client))
    assert refusal(refused)[1] == ("maker address not allowed, please use the deposit wallet flow")


def test_todays_venue_refuses_the_old_order_format(venue_1: MockClob) -> None:
    venue_1.reset(exchange=2)
    client = ClobClient(venue_1.url, chain_id=137, key=ACCOUNTS[0].key)
    client.set_api_creds(client.create_or_derive_api_creds())
    with pytest.raises(PolyApiException) as refused:
        client.post_order(bid(client))
    assert refusal(refused) == (400, "order_version_mismatch")


def test_forged_signature_is_invalid(alice: ClobClient) -> None:
    order = bid(alice)
    order.signature = order.signature[:-4] + ("1b" if order.signature.endswith("1c") else "1c")
    order.signature = "0x" + "12" * 64 + "1b"
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(order)
    assert refusal(refused) == (400, "invalid signature")


def test_order_beyond_the_balance_is_refused_with_figures(alice: ClobClient) -> None:
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(bid(alice, price=0.45, size=30_000))
    assert refusal(refused)[1].startswith("not enough balance / allowance: the balance is not")
    assert "order amount: 13500000000" in refusal(refused)[1]


def test_closed_market_takes_no_orders(alice: ClobClient) -> None:
    [closed] = [market for market in alice.get_markets()["data"] if market["closed"]]
    order = alice.create_order(
        OrderArgs(token_id=closed["tokens"][0]["token_id"], price=0.4, size=10, side=BUY)
    )
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(order)
    assert refusal(refused)[1] == "the market is not yet ready to process new orders"


def test_heartbeats_chain_and_a_missed_one_cancels(alice: ClobClient, venue_1: MockClob) -> None:
    alice.post_order(bid(alice))
    first = alice.post_heartbeat(None)["heartbeat_id"]
    venue_1.advance(9)
    second = alice.post_heartbeat(first)["heartbeat_id"]
    with pytest.raises(PolyApiException) as refused:
        alice.post_heartbeat(first)
    assert refused.value.error_msg == {
        "error_msg": "Invalid Heartbeat ID",
        "heartbeat_id": second,
    }
    venue_1.advance(9)
    assert len(alice.get_orders()) == 1
    venue_1.advance(2)
    assert alice.get_orders() == []


def test_balance_follows_settled_trades(alice: ClobClient) -> None:
    collateral = BalanceAllowanceParams(asset_type=AssetType.COLLATERAL)
    shares = BalanceAllowanceParams(asset_type=AssetType.CONDITIONAL, token_id=YES)
    alice.post_order(bid(alice, price=0.52, size=10))
    assert int(alice.get_balance_allowance(collateral)["balance"]) == 10_000 * UNIT - 5_200_000
    assert int(alice.get_balance_allowance(shares)["balance"]) == 110 * UNIT
    assert set(map(int, alice.get_balance_allowance(shares)["allowances"].values())) == {2**256 - 1}
    assert alice.update_balance_allowance(collateral) == ""


def test_remaining_account_reads_answer(alice: ClobClient) -> None:
    assert alice.get_closed_only_mode() == {"closed_only": False}
    assert alice.get_notifications() == []
    assert alice.drop_notifications() == "OK"
    assert alice.is_order_scoring(OrderScoringParams(orderId="0x1")) == {"scoring": False}
    assert alice.are_orders_scoring(OrdersScoringParams(orderIds=["0x1"])) == {"0x1": False}


def test_long_lists_come_in_pages(alice: ClobClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_clob.rules.PAGE_SIZE", 2)
    ids = [alice.post_order(bid(alice, size=5 + n))["orderID"] for n in range(5)]
    assert [order["id"] for order in alice.get_orders()] == ids


def test_unknown_route_is_404_and_named(venue_1: MockClob) -> None:
    venue_1.allow_unknown_routes()
    reply = httpx.get(f"{venue_1.url}/no/such/route")
    assert reply.status_code == 404
    assert "no route GET 127.0.0.1/no/such/route" in reply.json()["error"]
    assert [entry.path for entry in venue_1.journal.unknown_routes()] == ["/no/such/route"]


def test_body_over_the_limit_is_refused(venue_1: MockClob) -> None:
    reply = httpx.post(f"{venue_1.url}/order", content=b"x" * 1_000_001)
    assert (reply.status_code, reply.json()) == (400, {"error": "Payload exceeds the limit"})


# Faults and throttle, on the way through the gate


def test_lost_reply_leaves_the_order_in_the_book(alice: ClobClient, venue_1: MockClob) -> None:
    venue_1.fault("lose_reply")
    with pytest.raises(PolyApiException) as lost:
        alice.post_order(bid(alice))
    assert (lost.value.status_code, lost.value.error_msg) == (None, "Request exception!")
    assert len(alice.get_orders()) == 1


def test_restarting_engine_answers_425_and_takes_nothing(
    alice: ClobClient, venue_1: MockClob
) -> None:
    venue_1.fault("engine_restart")
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(bid(alice))
    assert refusal(refused) == (425, "service not ready")
    assert alice.get_orders() == []


def test_error_after_acceptance_leaves_the_order_in_the_book(
    alice: ClobClient, venue_1: MockClob
) -> None:
    venue_1.fault("error_after_accept")
    with pytest.raises(PolyApiException) as failed:
        alice.post_order(bid(alice))
    assert failed.value.status_code == 500
    assert len(alice.get_orders()) == 1


def test_request_over_a_window_is_delayed_not_dropped(venue_1: MockClob) -> None:
    venue_1.reset(exchange=1, chain=False, time_scale=100)  # GET /ok: 1 in 0.1 s
    with httpx.Client() as http:
        statuses = [http.get(f"{venue_1.url}/ok").status_code for _ in range(4)]
    assert statuses == [200] * 4
    assert len(venue_1.journal.delayed()) >= 2


def test_enforced_signer_bucket_refuses_with_headers(venue_1: MockClob) -> None:
    venue_1.reset(exchange=1, chain=False, signer_limits="enforce")
    client = ClobClient(venue_1.url, chain_id=137, key=ACCOUNTS[0].key)
    client.set_api_creds(client.create_or_derive_api_creds())
    venue_1.call(venue_1.venue.clock.freeze)
    batches = [
        [PostOrdersArgs(order=bid(client, size=5 + 15 * b + n)) for n in range(15)]
        for b in range(4)
    ]
    for batch in batches:  # 60 tokens: the whole burst of the Standard tier
        client.post_orders(batch)
    with pytest.raises(PolyApiException) as refused:
        client.post_order(bid(client, size=99))
    assert refusal(refused) == (429, "Too Many Requests")
    assert len(client.get_orders()) == 60
