"""Legacy RFQ between two py-clob-clients: states, who may do what, the trade and its funds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import AssetType, BalanceAllowanceParams, RequestArgs
from py_clob_client.exceptions import PolyApiException
from py_clob_client.headers.headers import create_level_2_headers
from py_clob_client.http_helpers import helpers
from py_clob_client.rfq import (
    AcceptQuoteParams,
    ApproveOrderParams,
    CancelRfqQuoteParams,
    CancelRfqRequestParams,
    GetRfqBestQuoteParams,
    GetRfqQuotesParams,
    GetRfqRequestsParams,
    RfqUserQuote,
    RfqUserRequest,
)

from mock_clob.accounts import ACCOUNTS
from mock_clob.ledger import COLLATERAL
from mock_clob.model import UNIT
from mock_clob.pytest_plugin import MockClob
from mock_clob.rfq import OPEN_SECONDS
from mock_clob.scenario import DOCUMENTED
from mock_clob.wire import checksum

YES, NO = DOCUMENTED.token_ids


def refused(call: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(PolyApiException) as error:
        call()
    return error.value.status_code, error.value.error_msg["error"]


def ask(client: ClobClient, side: str = "BUY", size: float = 40, price: float = 0.5) -> str:
    made: str = client.rfq.create_rfq_request(
        RfqUserRequest(token_id=YES, price=price, side=side, size=size)
    )["requestId"]
    return made


def offer(
    client: ClobClient,
    request_id: str,
    token_id: str = NO,
    side: str = "BUY",
    price: float = 0.45,
    size: float = 40,
) -> str:
    """A quote; by default one that mints a pair with a BUY of YES, so it needs dollars only."""
    made: str = client.rfq.create_rfq_quote(
        RfqUserQuote(request_id=request_id, token_id=token_id, price=price, side=side, size=size)
    )["quoteId"]
    return made


def hour() -> int:
    return int(time.time()) + 3_600


def accept(client: ClobClient, request_id: str, quote_id: str) -> Any:
    return client.rfq.accept_rfq_quote(AcceptQuoteParams(request_id, quote_id, hour()))


def approve(client: ClobClient, request_id: str, quote_id: str) -> Any:
    return client.rfq.approve_rfq_order(ApproveOrderParams(request_id, quote_id, hour()))


def balance(client: ClobClient, token_id: str = "") -> int:
    kind = AssetType.CONDITIONAL if token_id else AssetType.COLLATERAL
    asked = BalanceAllowanceParams(asset_type=kind, token_id=token_id or None)
    return int(client.get_balance_allowance(asked)["balance"])


def give(venue: MockClob, index: int, token_id: str, shares: int) -> None:
    balances = venue.venue.ledger.balances
    key = (ACCOUNTS[index].address.lower(), token_id)
    venue.call(lambda: balances.__setitem__(key, shares * UNIT))


# The trade


@pytest.mark.parametrize(
    ("asked", "quoted", "price", "match"),
    [
        ("BUY", (YES, "SELL"), 0.49, "COMPLEMENTARY"),
        ("SELL", (YES, "BUY"), 0.51, "COMPLEMENTARY"),
        ("BUY", (NO, "BUY"), 0.45, "MINT"),
        ("SELL", (NO, "SELL"), 0.45, "MERGE"),
    ],
)
def test_approved_quote_trades_at_its_price_and_settles(
    alice: ClobClient,
    bob: ClobClient,
    venue_1: MockClob,
    asked: str,
    quoted: tuple[str, str],
    price: float,
    match: str,
) -> None:
    give(venue_1, 1, YES, 100)
    give(venue_1, 1, NO, 100)
    before = balance(alice), balance(bob), balance(alice, YES), balance(bob, quoted[0])
    request_id = ask(alice, asked)
    quote_id = offer(bob, request_id, *quoted, price)
    [quote] = alice.rfq.get_rfq_requester_quotes(GetRfqQuotesParams(quote_ids=[quote_id]))["data"]
    assert quote["matchType"] == match
    assert accept(alice, request_id, quote_id) == "OK"
    [trade_id] = approve(bob, request_id, quote_id)["tradeIds"]

    [hers], [his] = alice.get_trades(), bob.get_trades()
    assert hers["id"] == his["id"] == trade_id
    assert (hers["trader_side"], his["trader_side"]) == ("TAKER", "MAKER")
    assert hers["status"] == "CONFIRMED"

    cents = round(price * 100)
    own = cents if match == "COMPLEMENTARY" else 100 - cents
    paid = 40 * own * UNIT // 100 * (1 if asked == "BUY" else -1)
    his_paid = 40 * cents * UNIT // 100 * (1 if quoted[1] == "BUY" else -1)
    shares = 40 * UNIT * (1 if asked == "BUY" else -1)
    his_shares = 40 * UNIT * (1 if quoted[1] == "BUY" else -1)
    assert before[0] - balance(alice) == paid
    assert before[1] - balance(bob) == his_paid
    assert balance(alice, YES) - before[2] == shares
    assert balance(bob, quoted[0]) - before[3] == his_shares


def test_rfq_trade_leaves_the_book_as_it_was(alice: ClobClient, bob: ClobClient) -> None:
    def levels() -> Any:
        book = alice.get_order_book(YES)
        return book.bids, book.asks, book.last_trade_price

    before = levels()
    request_id = ask(alice)
    quote_id = offer(bob, request_id)
    accept(alice, request_id, quote_id)
    approve(bob, request_id, quote_id)
    assert levels() == before


def test_quoter_without_funds_is_refused_and_may_try_again(
    alice: ClobClient, bob: ClobClient, venue_1: MockClob
) -> None:
    request_id = ask(alice)
    quote_id = offer(bob, request_id, YES, "SELL", 0.5)
    accept(alice, request_id, quote_id)
    status, text = refused(lambda: approve(bob, request_id, quote_id))
    assert (status, text[:60]) == (
        400,
        "not enough balance / allowance: the balance is not enough ->",
    )
    assert alice.get_trades() == []
    give(venue_1, 1, YES, 40)
    assert approve(bob, request_id, quote_id)["tradeIds"]


def test_requester_without_funds_cannot_accept(alice: ClobClient, bob: ClobClient) -> None:
    request_id = ask(alice, size=30_000)
    quote_id = offer(bob, request_id, size=30_000)
    status, text = refused(lambda: accept(alice, request_id, quote_id))
    assert (status, text.split(":")[0]) == (400, "not enough balance / allowance")


def test_requester_who_spent_the_money_meanwhile_gets_no_trade(
    alice: ClobClient, bob: ClobClient, venue_1: MockClob
) -> None:
    request_id = ask(alice)
    quote_id = offer(bob, request_id)
    accept(alice, request_id, quote_id)
    give(venue_1, 0, COLLATERAL, 1)
    status, text = refused(lambda: approve(bob, request_id, quote_id))
    assert (status, text.split(":")[0]) == (400, "not enough balance / allowance")
    assert bob.get_trades() == []


def test_quote_is_accepted_for_the_wallet_that_asked(
    alice: ClobClient, bob: ClobClient, venue_1: MockClob
) -> None:
    safe = venue_1.venue.wallets.of(ACCOUNTS[0].address.lower(), 2)
    other = ClobClient(
        venue_1.url,
        chain_id=137,
        key=ACCOUNTS[0].key,
        creds=alice.creds,
        signature_type=2,
        funder=checksum(safe or ""),
    )
    request_id = ask(alice)
    quote_id = offer(bob, request_id)
    assert refused(lambda: accept(other, request_id, quote_id)) == (
        400,
        "the order does not match the RFQ quote",
    )


# States and roles


def test_only_one_quote_is_accepted_and_the_others_end(
    alice: ClobClient, bob: ClobClient, client_of: Callable[[int], ClobClient]
) -> None:
    carol = client_of(2)
    request_id = ask(alice)
    first, second = offer(bob, request_id), offer(carol, request_id, price=0.46)
    accept(alice, request_id, second)
    assert refused(lambda: accept(alice, request_id, first)) == (
        400,
        "the RFQ request is accepted",
    )
    [quote] = bob.rfq.get_rfq_quoter_quotes()["data"]
    assert quote["state"] == "inactive"
    approve(carol, request_id, second)
    assert refused(lambda: approve(carol, request_id, second)) == (400, "the RFQ quote is filled")


def test_quote_that_was_not_accepted_cannot_be_approved(alice: ClobClient, bob: ClobClient) -> None:
    request_id = ask(alice)
    quote_id = offer(bob, request_id)
    assert refused(lambda: approve(bob, request_id, quote_id)) == (400, "the RFQ quote is active")


def test_canceled_request_takes_its_quotes_with_it(alice: ClobClient, bob: ClobClient) -> None:
    request_id = ask(alice)
    quote_id = offer(bob, request_id)
    alice.rfq.cancel_rfq_request(CancelRfqRequestParams(request_id))
    assert refused(lambda: accept(alice, request_id, quote_id))[1] == "the RFQ request is canceled"
    assert refused(lambda: offer(bob, request_id))[1] == "the RFQ request is canceled"
    assert bob.rfq.get_rfq_requests(GetRfqRequestsParams(state="active"))["data"] == []


def test_canceled_quote_is_not_the_best_any_more(alice: ClobClient, bob: ClobClient) -> None:
    request_id = ask(alice)
    quote_id = offer(bob, request_id)
    bob.rfq.cancel_rfq_quote(CancelRfqQuoteParams(quote_id))
    best = GetRfqBestQuoteParams(request_id=request_id)
    assert refused(lambda: alice.rfq.get_rfq_best_quote(best)) == (404, "RFQ quote not found")
    again = CancelRfqQuoteParams(quote_id)
    assert refused(lambda: bob.rfq.cancel_rfq_quote(again))[1] == "the RFQ quote is canceled"


def test_best_quote_of_a_sale_is_the_highest(
    alice: ClobClient, bob: ClobClient, client_of: Callable[[int], ClobClient]
) -> None:
    request_id = ask(alice, "SELL")
    offer(bob, request_id, YES, "BUY", 0.5)
    best = offer(client_of(2), request_id, YES, "BUY", 0.51)
    found = alice.rfq.get_rfq_best_quote(GetRfqBestQuoteParams(request_id=request_id))
    assert found["quoteId"] == best


def test_request_ends_after_its_time(alice: ClobClient, bob: ClobClient, venue_1: MockClob) -> None:
    request_id = ask(alice)
    quote_id = offer(bob, request_id)
    venue, active = venue_1.venue, GetRfqRequestsParams(state="active")
    ends_ms = venue.rfq.requests[request_id].created_ms + OPEN_SECONDS * 1000
    venue_1.call(lambda: venue.rfq.expire(ends_ms - 1))
    assert alice.rfq.get_rfq_requests(active)["count"] == 1
    venue_1.call(lambda: venue.rfq.expire(ends_ms))
    assert alice.rfq.get_rfq_requests(active)["count"] == 0
    assert refused(lambda: accept(alice, request_id, quote_id))[1] == "the RFQ request is expired"


def test_strangers_do_not_decide(
    alice: ClobClient, bob: ClobClient, client_of: Callable[[int], ClobClient]
) -> None:
    carol = client_of(2)
    request_id = ask(alice)
    quote_id = offer(bob, request_id)
    mine = "the RFQ request is of another user"
    assert refused(lambda: carol.rfq.cancel_rfq_request(CancelRfqRequestParams(request_id))) == (
        400,
        mine,
    )
    assert refused(lambda: carol.rfq.cancel_rfq_quote(CancelRfqQuoteParams(quote_id))) == (
        400,
        "the RFQ quote is of another user",
    )
    assert refused(
        lambda: carol.rfq.get_rfq_best_quote(GetRfqBestQuoteParams(request_id=request_id))
    ) == (400, mine)
    assert refused(lambda: offer(alice, request_id)) == (
        400,
        "a user cannot quote an own RFQ request",
    )


def test_unknown_ids_are_not_found(alice: ClobClient) -> None:
    cancel = alice.rfq.cancel_rfq_request
    assert refused(lambda: cancel(CancelRfqRequestParams("x"))) == (404, "RFQ request not found")
    drop = alice.rfq.cancel_rfq_quote
    assert refused(lambda: drop(CancelRfqQuoteParams("x"))) == (404, "RFQ quote not found")


# Terms


@pytest.mark.parametrize(
    ("token_id", "side", "size"),
    [(YES, "BUY", 40), (NO, "SELL", 40), (NO, "BUY", 39), (NO, "BUY", 41)],
)
def test_quote_that_would_not_trade_with_the_request_is_refused(
    alice: ClobClient, bob: ClobClient, token_id: str, side: str, size: float
) -> None:
    request_id = ask(alice)
    assert refused(lambda: offer(bob, request_id, token_id, side, size=size)) == (
        400,
        "the RFQ quote does not match the request",
    )


def post(client: ClobClient, path: str, body: Any) -> httpx.Response:
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
    args = RequestArgs(method="POST", request_path=path, body=body, serialized_body=text)
    headers = create_level_2_headers(client.signer, client.creds, args)
    return httpx.post(f"{client.host}{path}", headers=headers, content=text)


GOOD = {
    "assetIn": YES,
    "assetOut": "0",
    "amountIn": "40000000",
    "amountOut": "20000000",
    "userType": 0,
}


@pytest.mark.parametrize(
    "changed",
    [
        {"assetOut": NO},
        {"assetIn": "0"},
        {"amountIn": "0"},
        {"amountIn": "-1"},
        {"amountIn": 40_000_000},
        {"amountOut": "20000001"},  # no whole price
        {"amountOut": "20200000"},  # off the tick
        {"amountOut": "40000000"},  # a price of 1
        {"amountIn": "4000000", "amountOut": "2000000"},  # below the market's minimum
        {"userType": "0"},
        {"userType": 4},
        {"userType": True},
    ],
)
def test_malformed_request_is_refused(alice: ClobClient, changed: dict[str, Any]) -> None:
    assert post(alice, "/rfq/request", GOOD).status_code == 200
    answer = post(alice, "/rfq/request", GOOD | changed)
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid RFQ payload"})


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"requestId":1}'])
@pytest.mark.parametrize("path", ["/rfq/request", "/rfq/quote", "/rfq/request/accept"])
def test_body_that_is_no_request_is_refused(alice: ClobClient, path: str, body: str) -> None:
    assert post(alice, path, body).status_code == 400


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"makerAmount": "21000000"}, "invalid signature"),
        ({"owner": "somebody"}, "the order owner has to be the owner of the API KEY"),
        ({"side": "SELL"}, "invalid signature"),
        ({"expiration": "0"}, "Invalid order payload"),
        ({"salt": "1"}, "Invalid order payload"),
        ({"quoteId": "x"}, "RFQ quote not found"),
    ],
)
def test_changed_acceptance_is_refused(
    alice: ClobClient, bob: ClobClient, venue_1: MockClob, changed: dict[str, Any], text: str
) -> None:
    request_id = ask(alice)
    quote_id = offer(bob, request_id)
    body = acceptance(alice, venue_1, request_id, quote_id)
    answer = post(alice, "/rfq/request/accept", body | changed)
    assert answer.json() == {"error": text}
    assert post(alice, "/rfq/request/accept", body).text == '"OK"'


def test_acceptance_at_another_price_is_refused(
    alice: ClobClient, bob: ClobClient, client_of: Callable[[int], ClobClient], venue_1: MockClob
) -> None:
    request_id = ask(alice)
    cheap, dear = offer(bob, request_id, price=0.46), offer(client_of(2), request_id, price=0.45)
    body = acceptance(alice, venue_1, request_id, cheap)
    answer = post(alice, "/rfq/request/accept", body | {"quoteId": dear})
    assert answer.json() == {"error": "the order does not match the RFQ quote"}


def test_todays_venue_refuses_the_old_orders_of_rfq(venue_1: MockClob) -> None:
    venue_1.reset(exchange=2, chain=False)
    alice, bob = (
        ClobClient(venue_1.url, chain_id=137, key=ACCOUNTS[index].key) for index in (0, 1)
    )
    for client in (alice, bob):
        client.set_api_creds(client.create_or_derive_api_creds())
    request_id = ask(alice)
    quote_id = offer(bob, request_id)
    assert refused(lambda: accept(alice, request_id, quote_id)) == (400, "order_version_mismatch")


def acceptance(
    client: ClobClient, venue: MockClob, request_id: str, quote_id: str
) -> dict[str, Any]:
    """What the client posts to accept, taken from it while a fault keeps it from the venue."""
    venue.fault("server_error", method="POST", path="/rfq/request/accept")
    sent: list[bytes] = []
    hooks = helpers._http_client.event_hooks
    helpers._http_client.event_hooks = {"request": [lambda request: sent.append(request.content)]}
    try:
        with pytest.raises(PolyApiException):
            accept(client, request_id, quote_id)
    finally:
        helpers._http_client.event_hooks = hooks
    body: dict[str, Any] = json.loads(sent[-1])
    return body


# Reads


def test_requests_are_filtered_sorted_and_paged(alice: ClobClient) -> None:
    ids = [ask(alice, price=price) for price in (0.3, 0.5, 0.4)]

    def found(**params: Any) -> list[str]:
        page = alice.rfq.get_rfq_requests(GetRfqRequestsParams(**params))
        return [row["requestId"] for row in page["data"]]

    assert found() == ids
    assert found(sort_by="price", sort_dir="desc") == [ids[1], ids[2], ids[0]]
    assert found(price_min=0.35, price_max=0.45) == [ids[2]]
    assert found(size_usdc_max=12) == [ids[0]]
    assert found(size_min=41) == []
    assert found(request_ids=ids[:2]) == ids[:2]
    assert found(markets=["0x00"]) == []
    page = alice.rfq.get_rfq_requests(GetRfqRequestsParams(limit=2))
    assert (page["count"], page["total_count"]) == (2, 3)
    assert found(limit=2, offset=page["next_cursor"]) == ids[2:]


@pytest.mark.parametrize(
    "params",
    [{"sort_by": "luck"}, {"sort_dir": "up"}, {"price_min": "x"}, {"limit": 0}, {"limit": 101}],
)
def test_unknown_filter_is_refused(alice: ClobClient, params: dict[str, Any]) -> None:
    asked = GetRfqRequestsParams(**params)
    assert refused(lambda: alice.rfq.get_rfq_requests(asked)) == (400, "Invalid RFQ params")


def test_malformed_cursor_is_refused(alice: ClobClient) -> None:
    asked = GetRfqRequestsParams(offset="!")
    assert refused(lambda: alice.rfq.get_rfq_requests(asked)) == (400, "error decoding cursor")
