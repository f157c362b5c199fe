"""classify: what every kind of failure means, as the real client raises it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import errors
import httpx
import polymarket
import polymarket.errors
import pytest
from failure import Failure, Kind
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, OrderType
from py_clob_client.exceptions import PolyApiException, PolyException
from py_clob_client.http_helpers import helpers
from trading_client import trading_client

from mock_clob.faults import Effect, error, post_only_mode
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES = DOCUMENTED.token_ids[0]


@pytest.fixture
def venue(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> MockClob:
    mock_clob.reset(exchange=1, chain=False)
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", mock_clob.account(0).key)
    return mock_clob


@pytest.fixture
def client(venue: MockClob) -> ClobClient:
    return trading_client()


def failure_of(call: Callable[[], object]) -> tuple[Exception, Failure]:
    with pytest.raises(Exception) as caught:
        call()
    return caught.value, errors.classify(caught.value)


def page(status: int) -> Effect:
    return Effect(status=status, body="<html>Duplicated.</html>")


NO, MAYBE = (False, False), (True, True)  # (may_repeat, in_doubt)
LATER = (True, False)

REPLIES = [
    (error("", 400, "not enough balance / allowance"), Kind.REFUSED, NO),
    (error("", 400, "order 0x429503 is invalid. Duplicated."), Kind.DUPLICATE, (False, True)),
    (error("", 400, "context canceled"), Kind.UNKNOWN, MAYBE),
    (error("", 400, "order match delayed due to market conditions"), Kind.UNKNOWN, MAYBE),
    (error("", 401, "Unauthorized/Invalid api key"), Kind.AUTH, NO),
    ("geoblock", Kind.REFUSED, NO),
    ("cf_403", Kind.REFUSED, NO),
    (error("", 404, "market not found"), Kind.REFUSED, NO),
    (page(408), Kind.UNKNOWN, MAYBE),
    (page(400), Kind.REFUSED, NO),
    ("engine_restart", Kind.UNAVAILABLE, LATER),
    (Effect(status=425), Kind.UNAVAILABLE, LATER),
    ("rate_limited", Kind.RATE_LIMITED, LATER),
    ("cf_1015", Kind.RATE_LIMITED, LATER),
    ("server_error", Kind.UNKNOWN, MAYBE),
    (error("", 500, "order 0x1 is invalid. Duplicated."), Kind.UNKNOWN, MAYBE),
    ("bad_gateway", Kind.UNKNOWN, MAYBE),
    ("post_only", Kind.UNAVAILABLE, LATER),
    ("cancel_only", Kind.UNAVAILABLE, LATER),
    ("disabled", Kind.UNAVAILABLE, LATER),
    (page(503), Kind.UNKNOWN, MAYBE),
    (error("", 503, "upstream connect error"), Kind.UNKNOWN, MAYBE),
    (page(201), Kind.UNKNOWN, MAYBE),
    (page(302), Kind.UNKNOWN, MAYBE),
    ("reset", Kind.UNKNOWN, MAYBE),
]


@pytest.mark.parametrize(("fault", "kind", "means"), REPLIES)
def test_a_failed_order_is_classified_by_its_status_and_the_venues_words(
    venue: MockClob,
    client: ClobClient,
    fault: Effect | str,
    kind: Kind,
    means: tuple[bool, bool],
) -> None:
    signed = client.create_order(OrderArgs(YES, 0.4, 10, "BUY"))
    venue.fault(fault, method="POST", path="/order")
    _, failure = failure_of(lambda: client.post_order(signed))
    assert failure.kind is kind
    assert (failure.may_repeat, failure.in_doubt) == means


def test_a_lost_reply_has_no_status_and_tells_what_httpx_said(
    venue: MockClob, client: ClobClient
) -> None:
    venue.fault("reset", path="/time")
    raised, failure = failure_of(client.get_server_time)
    assert isinstance(raised, PolyApiException)
    assert (raised.status_code, raised.error_msg, raised.args) == (None, "Request exception!", ())
    assert "RemoteProtocolError" in failure.text or "ReadError" in failure.text


def test_a_reply_too_late_is_an_unknown_outcome(
    venue: MockClob, client: ClobClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helpers._http_client, "timeout", httpx.Timeout(0.2))
    venue.fault(Effect(delay=6.0), path="/time")
    _, failure = failure_of(client.get_server_time)
    assert failure.kind is Kind.UNKNOWN
    assert "ReadTimeout" in failure.text


def test_a_connection_that_was_never_made_carried_nothing(venue: MockClob) -> None:
    nobody = ClobClient("http://127.0.0.1:1")
    _, failure = failure_of(nobody.get_ok)
    assert failure.kind is Kind.UNAVAILABLE
    assert "ConnectError" in failure.text


def test_text_is_the_venues_own_or_the_status_and_the_start_of_the_body(
    venue: MockClob, client: ClobClient
) -> None:
    _, failure = failure_of(lambda: client.get_price(YES, "HOLD"))
    assert failure.text == "Invalid side"
    venue.fault("bad_gateway", path="/time")
    _, failure = failure_of(client.get_server_time)
    assert failure.text.startswith("HTTP 502: '<!DOCTYPE html>")
    assert len(failure.text) < 60


@pytest.mark.parametrize(
    ("effect", "seconds"),
    [
        (post_only_mode(79), 79.0),
        (Effect(status=429, headers={"Retry-After": "7"}), 7.0),
        (Effect(status=429, headers={"Retry-After": "Mon, 23 Nov 2026 08:00:00 GMT"}), 0.0),
        (Effect(status=429), 0.0),
    ],
)
def test_retry_after_is_read_from_the_response_that_the_exception_keeps_in_args(
    venue: MockClob, client: ClobClient, effect: Effect, seconds: float
) -> None:
    venue.fault(effect, path="/time")
    raised, failure = failure_of(client.get_server_time)
    assert isinstance(raised.args[0], httpx.Response)
    assert not hasattr(raised, "msg")
    assert failure.retry_after == seconds


def order(**terms: Any) -> OrderArgs:
    return OrderArgs(**({"token_id": YES, "price": 0.4, "size": 10, "side": "BUY"} | terms))


@pytest.mark.parametrize(
    "terms", [{"price": 1.5}, {"side": "HOLD"}, {"nonce": None}, {"expiration": None}]
)
def test_what_the_client_stops_was_not_sent(client: ClobClient, terms: dict[str, Any]) -> None:
    raised, failure = failure_of(lambda: client.create_order(order(**terms)))
    assert not isinstance(raised, PolyException)
    assert failure.kind is Kind.NOT_SENT
    assert failure.text == str(raised)


def test_post_only_with_fok_and_a_missing_key_are_not_sent(client: ClobClient) -> None:
    signed = client.create_order(order())
    _, failure = failure_of(lambda: client.post_order(signed, OrderType.FOK, True))
    assert failure.kind is Kind.NOT_SENT
    client.set_api_creds(None)
    raised, failure = failure_of(lambda: client.post_order(signed))
    assert type(raised) is PolyException
    assert failure.kind is Kind.NOT_SENT


def test_an_error_that_nobody_foresaw_leaves_the_outcome_unknown() -> None:
    assert errors.classify(KeyError()) == Failure(Kind.UNKNOWN, "KeyError()")


# polymarket-client 0.14, as error-handling.md describes it


@pytest.mark.parametrize(
    ("effect", "name", "expected"),
    [
        ("engine_restart", "RequestRejectedError", {"status": 425, "restriction": "restarting"}),
        (
            post_only_mode(79),
            "RequestRejectedError",
            {"status": 503, "restriction": "post_only", "retry_after": 79.0},
        ),
        ("cancel_only", "RequestRejectedError", {"restriction": "cancel_only"}),
        ("disabled", "RequestRejectedError", {"status": 503, "restriction": None}),
        ("server_error", "RequestRejectedError", {"status": 500, "restriction": None}),
        ("cf_1015", "RateLimitError", {"retry_after": 10.0}),
        ("reset", "TransportError", {}),
        (Effect(status=200, body="<html>"), "UnexpectedResponseError", {}),
    ],
)
def test_polymarket_client_raises_what_the_guide_says(
    mock_clob: MockClob, effect: Effect | str, name: str, expected: dict[str, Any]
) -> None:
    mock_clob.reset(exchange=2, chain=False)
    mock_clob.fault(effect, method="*", path="/book")
    with polymarket.PublicClient() as client, pytest.raises(polymarket.PolymarketError) as caught:
        client.get_order_book(token_id=YES)
    assert type(caught.value).__name__ == name
    assert {key: getattr(caught.value, key) for key in expected} == expected


def test_polymarket_client_names_three_restrictions() -> None:
    restrictions = get_args(polymarket.errors.TradingRestriction)
    assert set(restrictions) == {"restarting", "cancel_only", "post_only"}
