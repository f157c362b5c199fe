"""classify: what every failure means, as the real clients raise it; and what may be repeated."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, get_args

import errors
import httpx
import polymarket
import polymarket_client_errors
import pytest
import repeat_call as repeat_module
from failure import Failure, Kind, kind_of
from polymarket.errors import (
    RequestRejectedError,
    TradingRestriction,
    TransportError,
    UserInputError,
)
from polymarket.models.clob.order_response import RejectedOrder
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, OrderType
from py_clob_client.exceptions import PolyApiException, PolyException
from py_clob_client.http_helpers import helpers
from repeat_call import repeat_call

from mock_clob.faults import Effect, error, post_only_mode
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES = DOCUMENTED.token_ids[0]


def failure_of(call: Callable[[], object]) -> tuple[Exception, Failure]:
    try:
        answer = call()
    except Exception as raised:
        return raised, errors.classify(raised)
    pytest.fail(f"it answered: {answer}")


def page(status: int) -> Effect:
    return Effect(status=status, body="<html>Duplicated.</html>")


NO, MAYBE = (False, False), (True, True)  # (may_repeat, in_doubt)
LATER = (True, False)

REPLIES = [
    (error("", 400, "not enough balance / allowance"), Kind.REFUSED, NO),
    (error("", 400, "order 0x429503 is invalid. Duplicated."), Kind.DUPLICATE, (False, True)),
    (error("", 400, "context canceled"), Kind.UNKNOWN, MAYBE),
    (Effect(status=400, body="context canceled"), Kind.UNKNOWN, MAYBE),
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
    (Effect(status=503, body="Trading is currently disabled."), Kind.UNAVAILABLE, LATER),
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
    _, failure = failure_of(lambda: [client.post_heartbeat(name) for name in ("", "stale")])
    assert "Invalid Heartbeat ID" in failure.text
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


def test_a_tick_that_the_client_does_not_know_is_a_key_error(
    venue: MockClob, client: ClobClient
) -> None:
    venue.fault(Effect(status=200, body='{"minimum_tick_size":0.005}'), path="/tick-size")
    raised, _ = failure_of(lambda: client.create_order(order()))
    assert repr(raised) == "KeyError('0.005')"


def test_a_200_that_is_no_json_is_given_back_and_breaks_the_reads_of_pages(
    venue: MockClob, client: ClobClient
) -> None:
    venue.fault(Effect(status=200, body="<html>"), path="/midpoint")
    assert client.get_midpoint(YES) == "<html>"
    venue.fault(Effect(status=200, body="<html>"), path="/data/*", times=2)
    for call in (client.get_orders, client.get_trades):
        raised, failure = failure_of(call)
        assert type(raised) is TypeError
        assert failure.kind is Kind.UNKNOWN


def test_an_error_that_nobody_foresaw_leaves_the_outcome_unknown() -> None:
    assert errors.classify(KeyError()) == Failure(Kind.UNKNOWN, "KeyError()")


# The words alone


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("order 0x1 is invalid. Duplicated.", Kind.DUPLICATE),
        ("Duplicated orders are not taken", Kind.REFUSED),
        ("post-only mode: only post-only orders and cancels are allowed", Kind.UNAVAILABLE),
        ("Trading is currently cancel-only.", Kind.UNAVAILABLE),
        ("invalid post-only order: order crosses book", Kind.REFUSED),
        ("order timed out", Kind.UNKNOWN),
        ("", Kind.REFUSED),
    ],
)
def test_the_venues_words_alone_tell_the_kind(text: str, kind: Kind) -> None:
    assert kind_of(text) is kind


# Repeating


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Sleeps of repeat_call, which take no time; the clock it reads moves by them."""
    naps: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: sum(naps), sleep=naps.append)
    monkeypatch.setattr(repeat_module, "time", clock)
    return naps


def test_a_read_is_repeated_until_it_answers(
    venue: MockClob, client: ClobClient, slept: list[float]
) -> None:
    venue.fault("reset", path="/midpoint")
    venue.fault("bad_gateway", path="/midpoint", nth=2)
    venue.fault(error("", 429, "Too Many Requests", {"Retry-After": "7"}), path="/midpoint", nth=3)
    assert repeat_call(lambda: client.get_midpoint(YES)) == {"mid": "0.5"}
    assert slept == [0.5, 1.0, 7.0]


def test_a_refused_read_is_not_repeated(client: ClobClient, slept: list[float]) -> None:
    with pytest.raises(PolyApiException):
        repeat_call(lambda: client.get_midpoint("1"))
    assert slept == []


def test_repeating_ends_with_the_last_exception_when_time_is_up(
    venue: MockClob, client: ClobClient, slept: list[float]
) -> None:
    venue.fault("bad_gateway", path="/midpoint", times=None)
    with pytest.raises(PolyApiException) as caught:
        repeat_call(lambda: client.get_midpoint(YES))
    assert caught.value.status_code == 502
    assert slept == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


def test_a_cancel_whose_reply_is_lost_is_repeated_and_then_finds_nothing_to_cancel(
    venue: MockClob, client: ClobClient, slept: list[float]
) -> None:
    id_ = client.create_and_post_order(order())["orderID"]
    venue.fault("lose_reply", method="DELETE", path="/order")
    reply = repeat_call(lambda: client.cancel(id_))
    assert reply["not_canceled"] == {id_: "order can't be found - already canceled or matched"}
    assert client.get_orders() == []


# polymarket-client 0.14


@pytest.mark.parametrize(
    ("effect", "name", "expected", "kind", "retry_after"),
    [
        (
            "engine_restart",
            "RequestRejectedError",
            {"status": 425, "restriction": "restarting"},
            Kind.UNAVAILABLE,
            0,
        ),
        (
            post_only_mode(79),
            "RequestRejectedError",
            {"status": 503, "restriction": "post_only", "code": "post_only_mode"},
            Kind.UNAVAILABLE,
            79,
        ),
        (
            "cancel_only",
            "RequestRejectedError",
            {"restriction": "cancel_only"},
            Kind.UNAVAILABLE,
            0,
        ),
        ("disabled", "RequestRejectedError", {"restriction": None}, Kind.UNAVAILABLE, 0),
        ("server_error", "RequestRejectedError", {"status": 500}, Kind.UNKNOWN, 0),
        (page(503), "RequestRejectedError", {"status": 503}, Kind.UNKNOWN, 0),
        (Effect(status=408), "RequestRejectedError", {"status": 408}, Kind.UNKNOWN, 0),
        (
            Effect(
                status=503,
                body='{"error":"post-only for now","code":"post_only_mode"}',
                headers={"Content-Type": "application/json"},
            ),
            "RequestRejectedError",
            {"restriction": "post_only"},
            Kind.UNAVAILABLE,
            0,
        ),
        (error("", 401, "Unauthorized"), "RequestRejectedError", {"status": 401}, Kind.AUTH, 0),
        (error("", 404, "market not found"), "RequestRejectedError", {}, Kind.REFUSED, 0),
        (
            error("", 400, "order 0x1 is invalid. Duplicated."),
            "RequestRejectedError",
            {"status": 400, "code": None},
            Kind.DUPLICATE,
            0,
        ),
        (error("", 400, "context canceled"), "RequestRejectedError", {}, Kind.UNKNOWN, 0),
        ("cf_1015", "RateLimitError", {"rate_limit": None}, Kind.RATE_LIMITED, 10),
        (Effect(status=429), "RateLimitError", {"retry_after": None}, Kind.RATE_LIMITED, 0),
        ("reset", "TransportError", {}, Kind.UNKNOWN, 0),
        (Effect(status=200, body="<html>"), "UnexpectedResponseError", {}, Kind.UNKNOWN, 0),
    ],
)
def test_polymarket_client_raises_errors_of_the_same_kinds(
    mock_clob: MockClob,
    effect: Effect | str,
    name: str,
    expected: dict[str, Any],
    kind: Kind,
    retry_after: float,
) -> None:
    mock_clob.reset(exchange=2, chain=False)
    mock_clob.fault(effect, method="*", path="/book")
    with polymarket.PublicClient() as client, pytest.raises(polymarket.PolymarketError) as caught:
        client.get_order_book(token_id=YES)
    assert type(caught.value).__name__ == name
    assert {key: getattr(caught.value, key) for key in expected} == expected
    failure = polymarket_client_errors.classify(caught.value)
    assert (failure.kind, failure.retry_after) == (kind, retry_after)


def test_polymarket_client_that_never_connected_sent_nothing() -> None:
    failed = TransportError("refused")
    failed.__cause__ = httpx.ConnectError("refused")
    assert polymarket_client_errors.classify(failed).kind is Kind.UNAVAILABLE


def test_what_polymarket_client_stops_was_not_sent(mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=2, chain=False)
    with (
        polymarket.SecureClient.create(
            private_key=mock_clob.account(0).key, wallet=mock_clob.account(0).address
        ) as client,
        pytest.raises(UserInputError) as caught,
    ):
        client.create_limit_order(token_id=YES, price="0.505", size="10", side="BUY")
    assert polymarket_client_errors.classify(caught.value).kind is Kind.NOT_SENT


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("fok_not_filled", "order couldn't be fully filled.", Kind.REFUSED),
        ("post_only_mode", "post-only mode: only post-only orders and cancels", Kind.UNAVAILABLE),
        ("unknown", "order timed out", Kind.UNKNOWN),
        ("unmatched", "Unknown order failure", Kind.UNKNOWN),
    ],
)
def test_a_rejected_order_of_polymarket_client_is_read_by_its_message(
    code: Any, message: str, kind: Kind
) -> None:
    rejected = RejectedOrder(code=code, message=message)
    assert polymarket_client_errors.failure_of(rejected) == Failure(kind, message)


def test_a_killed_fok_of_polymarket_client_raises_and_is_no_rejected_order(
    mock_clob: MockClob,
) -> None:
    mock_clob.reset(exchange=2, chain=False)
    account = mock_clob.account(0)
    with polymarket.SecureClient.create(private_key=account.key, wallet=account.address) as client:
        signed = client.create_market_order(
            token_id=YES, side="SELL", shares=100, min_price="0.6", order_type="FOK"
        )
        with pytest.raises(RequestRejectedError) as caught:
            client.post_order(signed)
    assert caught.value.status == 400
    assert polymarket_client_errors.classify(caught.value).kind is Kind.REFUSED


def test_the_same_order_of_polymarket_client_twice_is_a_duplicate(mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=2, chain=False)
    account = mock_clob.account(0)
    with polymarket.SecureClient.create(private_key=account.key, wallet=account.address) as client:
        signed = client.create_limit_order(token_id=YES, price="0.4", size=10, side="BUY")
        mock_clob.fault("lose_reply")
        with pytest.raises(TransportError):
            client.post_order(signed)
        with pytest.raises(RequestRejectedError) as caught:
            client.post_order(signed)
    assert polymarket_client_errors.classify(caught.value).kind is Kind.DUPLICATE


def test_polymarket_client_names_three_restrictions() -> None:
    assert set(get_args(TradingRestriction)) == {"restarting", "cancel_only", "post_only"}
