"""The venue's modes, as both clients meet them, and how the clock ends them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from polymarket.errors import RequestRejectedError
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, OrderType, PostOrdersArgs
from py_clob_client.exceptions import PolyApiException
from py_clob_client.order_builder.constants import BUY, SELL

from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob
from mock_clob.rules import ERRORS, POST_ONLY_SECONDS, RESTART_SECONDS
from mock_clob.scenario import DOCUMENTED
from tests.mock_clob.trade_on_2 import trader

YES = DOCUMENTED.token_ids[0]


def order(client: ClobClient, side: str = BUY, price: float = 0.4) -> object:
    return client.create_order(OrderArgs(token_id=YES, price=price, size=10, side=side))


def refused(call: Callable[[], object]) -> tuple[int | None, object]:
    with pytest.raises(PolyApiException) as error:
        call()
    body = error.value.error_msg
    return error.value.status_code, body["error"] if isinstance(body, dict) else body


def restart(venue: MockClob) -> None:
    venue.call(lambda: venue.venue.modes.restart(venue.venue.clock.now_ms()))


def test_restart_refuses_orders_and_cancels_for_90_seconds(
    alice: ClobClient, venue_1: MockClob
) -> None:
    resting = alice.post_order(order(alice))
    restart(venue_1)
    away = (425, "service not ready")
    assert refused(lambda: alice.post_order(order(alice))) == away
    assert refused(lambda: alice.cancel(resting["orderID"])) == away
    assert refused(alice.cancel_all) == away
    assert alice.get_orders()[0]["id"] == resting["orderID"]  # reads go on
    venue_1.advance(RESTART_SECONDS)
    assert alice.cancel(resting["orderID"])["canceled"] == [resting["orderID"]]


def test_two_minutes_of_post_only_follow_a_restart(alice: ClobClient, venue_1: MockClob) -> None:
    restart(venue_1)
    venue_1.advance(RESTART_SECONDS + 41)
    with pytest.raises(PolyApiException) as error:
        alice.post_order(order(alice))
    assert error.value.status_code == 503
    assert error.value.error_msg["code"] == "post_only_mode"
    assert error.value.error_msg["retry_after_seconds"] in (78, 79)
    placed = alice.post_order(order(alice), OrderType.GTC, post_only=True)
    assert placed["status"] == "live"
    assert alice.cancel(placed["orderID"])["canceled"] == [placed["orderID"]]
    venue_1.advance(POST_ONLY_SECONDS - 41)
    assert alice.post_order(order(alice))["success"]


def test_post_only_phase_is_told_per_leg_of_a_batch(alice: ClobClient, venue_1: MockClob) -> None:
    restart(venue_1)
    venue_1.advance(RESTART_SECONDS + 1)
    [leg] = alice.post_orders([PostOrdersArgs(order=order(alice))])
    assert leg["errorMsg"] == ERRORS["post_only_mode"].text


def test_todays_client_names_the_restriction(mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=2, chain=False)
    modes = mock_clob.venue.modes
    with trader() as client:

        def restriction() -> tuple[str | None, float | None]:
            with pytest.raises(RequestRejectedError) as error:
                client.place_limit_order(token_id=YES, price="0.40", size="10", side="BUY")
            return error.value.restriction, error.value.retry_after

        restart(mock_clob)
        assert restriction() == ("restarting", None)
        mock_clob.advance(RESTART_SECONDS)
        name, retry_after = restriction()
        assert name == "post_only"
        assert retry_after in (119, 120)
        mock_clob.advance(POST_ONLY_SECONDS)
        modes.trading = "cancel_only"
        assert restriction() == ("cancel_only", None)
        modes.trading = "disabled"
        assert restriction() == (None, None)


def test_cancel_only_takes_cancels_and_no_orders(alice: ClobClient, venue_1: MockClob) -> None:
    resting = alice.post_order(order(alice))
    venue_1.venue.modes.trading = "cancel_only"
    assert refused(lambda: alice.post_order(order(alice))) == (503, ERRORS["cancel_only"].text)
    assert alice.cancel(resting["orderID"])["canceled"] == [resting["orderID"]]


def test_disabled_trading_takes_neither(alice: ClobClient, venue_1: MockClob) -> None:
    resting = alice.post_order(order(alice))
    venue_1.venue.modes.trading = "disabled"
    disabled = (503, ERRORS["disabled"].text)
    assert refused(lambda: alice.post_order(order(alice))) == disabled
    assert refused(lambda: alice.cancel(resting["orderID"])) == disabled


def test_blocked_region_reads_and_cancels_but_places_nothing(
    alice: ClobClient, venue_1: MockClob
) -> None:
    resting = alice.post_order(order(alice))
    venue_1.venue.modes.geoblocked = True
    status, text = refused(lambda: alice.post_order(order(alice)))
    assert status == 403
    assert str(text).startswith("Trading restricted in your region")
    assert alice.cancel(resting["orderID"])["canceled"] == [resting["orderID"]]


def test_closed_only_address_sells_and_does_not_buy(alice: ClobClient, venue_1: MockClob) -> None:
    address = ACCOUNTS[0].address
    venue_1.venue.modes.close_only(address)
    assert refused(lambda: alice.post_order(order(alice))) == (
        400,
        f"'{address}' address in closed only mode",
    )
    assert alice.post_order(order(alice, SELL, 0.6))["success"]
    assert alice.get_closed_only_mode() == {"closed_only": True}
    venue_1.venue.modes.close_only(address, on=False)
    assert alice.post_order(order(alice))["success"]


def test_banned_address_places_nothing(
    alice: ClobClient, bob: ClobClient, venue_1: MockClob
) -> None:
    address = ACCOUNTS[0].address
    venue_1.venue.modes.ban(address)
    bought, sold = order(alice, BUY, 0.4), order(alice, SELL, 0.6)
    assert refused(lambda: alice.post_order(bought)) == (400, f"'{address}' address banned")
    assert refused(lambda: alice.post_order(sold)) == (400, f"'{address}' address banned")
    assert bob.post_order(order(bob))["success"]


def test_reset_ends_every_mode(alice: ClobClient, venue_1: MockClob) -> None:
    restart(venue_1)
    venue_1.venue.modes.geoblocked = True
    venue_1.reset(exchange=1, chain=False)
    fresh = ClobClient(venue_1.url, chain_id=137, key=ACCOUNTS[0].key)
    fresh.set_api_creds(fresh.create_or_derive_api_creds())
    assert fresh.post_order(order(fresh))["success"]
