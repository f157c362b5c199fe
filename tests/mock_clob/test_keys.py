"""API keys of three kinds, through the clients: made, derived, listed, deleted, refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, OrderType, RequestArgs
from py_clob_client.exceptions import PolyApiException
from py_clob_client.headers.headers import create_level_2_headers
from py_clob_client.order_builder.constants import BUY
from py_clob_client_v2.headers.headers import create_level_1_headers
from py_clob_client_v2.signer import Signer

from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob
from mock_clob.rules import AUTH_SKEW_SECONDS
from mock_clob.scenario import DOCUMENTED
from mock_clob.signer_throttle import TIERS

YES = DOCUMENTED.token_ids[0]
ALICE = ACCOUNTS[0]
NOW = "now"  # another time than the one that was signed


def refused(call: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(PolyApiException) as error:
        call()
    return error.value.status_code, error.value.error_msg["error"]


def key_request(venue: MockClob, **changed: Any) -> httpx.Response:
    """POST /auth/api-key with headers made by a client's own code, then changed."""
    seconds = int(time.time()) + changed.pop("off", 0)
    nonce = changed.pop("nonce", 5)
    headers = create_level_1_headers(Signer(ALICE.key, 137), nonce=nonce, timestamp=seconds)
    headers |= {name: value for name, value in changed.items() if value is not None}
    if headers["POLY_TIMESTAMP"] == NOW:
        headers["POLY_TIMESTAMP"] = str(seconds - 2)
    for name in [name for name, value in changed.items() if value is None]:
        del headers[name]
    return httpx.post(f"{venue.url}/auth/api-key", headers=headers)


# Keys of a wallet


def test_each_nonce_has_a_key_of_its_own(alice: ClobClient) -> None:
    second = alice.create_api_key(nonce=1)
    assert second.api_key != alice.creds.api_key
    assert alice.derive_api_key(nonce=1) == second
    assert alice.get_api_keys() == {"apiKeys": [alice.creds.api_key, second.api_key]}


def test_nonce_without_a_key_cannot_be_derived(alice: ClobClient) -> None:
    assert refused(lambda: alice.derive_api_key(nonce=9)) == (400, "Could not derive api key!")


def test_used_nonce_cannot_be_created_again(alice: ClobClient) -> None:
    assert refused(lambda: alice.create_api_key(nonce=0)) == (400, "Could not create api key")


def test_deleted_key_is_neither_derived_nor_accepted_and_its_nonce_is_free(
    alice: ClobClient,
) -> None:
    assert alice.delete_api_key() == "OK"
    assert refused(alice.derive_api_key) == (400, "Could not derive api key!")
    assert refused(alice.get_api_keys) == (401, "Unauthorized/Invalid api key")
    assert alice.create_api_key() == alice.creds


def test_deleting_one_key_leaves_the_others(alice: ClobClient) -> None:
    second = alice.create_api_key(nonce=1)
    alice.delete_api_key()
    alice.set_api_creds(second)
    assert alice.get_api_keys() == {"apiKeys": [second.api_key]}


@pytest.mark.parametrize("off", [-AUTH_SKEW_SECONDS + 5, AUTH_SKEW_SECONDS - 5])
def test_wallet_signature_of_a_slow_or_fast_clock_is_taken(venue_1: MockClob, off: int) -> None:
    assert key_request(venue_1, off=off).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"off": -AUTH_SKEW_SECONDS - 5},
        {"off": AUTH_SKEW_SECONDS + 5},
        {"off": 2, "POLY_TIMESTAMP": NOW},
        {"POLY_TIMESTAMP": "soon"},
        {"POLY_NONCE": "6"},
        {"POLY_NONCE": "-1"},
        {"POLY_NONCE": str(2**256)},
        {"POLY_NONCE": None},
        {"POLY_ADDRESS": ACCOUNTS[1].address},
        {"POLY_ADDRESS": "0x12"},
        {"POLY_SIGNATURE": "0x" + "11" * 65},
        {"POLY_SIGNATURE": "0x"},
        {"POLY_SIGNATURE": None},
    ],
)
def test_wallet_headers_that_do_not_fit_are_refused(
    venue_1: MockClob, changed: dict[str, Any]
) -> None:
    answer = key_request(venue_1, **changed)
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid L1 Request headers"})


def test_wallet_headers_alone_do_not_open_what_needs_a_key(venue_1: MockClob) -> None:
    headers = create_level_1_headers(Signer(ALICE.key, 137), nonce=0, timestamp=int(time.time()))
    answer = httpx.get(f"{venue_1.url}/data/orders", headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized/Invalid api key"})


# Read-only keys


def read(venue: MockClob, path: str, key: str, address: str = ALICE.address) -> httpx.Response:
    """As the clients' example get_orders_readonly does: two headers, no signature."""
    headers = {"POLY_READONLY_API_KEY": key, "POLY_ADDRESS": address}
    return httpx.get(f"{venue.url}{path}", headers=headers)


@pytest.mark.parametrize(
    "path",
    [
        "/data/orders",
        "/data/trades",
        "/notifications?signature_type=0",
        "/balance-allowance?asset_type=COLLATERAL&signature_type=0",
        "/rewards/user/percentages",
    ],
)
def test_read_only_key_reads(alice: ClobClient, venue_1: MockClob, path: str) -> None:
    key = alice.create_readonly_api_key().api_key
    assert read(venue_1, path, key).status_code == 200


def test_read_only_key_shows_the_open_orders_of_its_account(
    alice: ClobClient, venue_1: MockClob
) -> None:
    placed = alice.create_and_post_order(OrderArgs(YES, 0.4, 10, BUY))
    key = alice.create_readonly_api_key().api_key
    [order] = read(venue_1, "/data/orders", key).json()["data"]
    assert order["id"] == placed["orderID"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/order"),
        ("DELETE", "/order"),
        ("DELETE", "/cancel-all"),
        ("DELETE", "/notifications"),
        ("GET", "/auth/api-keys"),
        ("GET", "/auth/readonly-api-keys"),
        ("POST", "/auth/builder-api-key"),
        ("DELETE", "/auth/api-key"),
        ("GET", "/rfq/data/requests"),
    ],
)
def test_read_only_key_neither_trades_nor_manages(
    alice: ClobClient, venue_1: MockClob, method: str, path: str
) -> None:
    key = alice.create_readonly_api_key().api_key
    headers = {"POLY_READONLY_API_KEY": key, "POLY_ADDRESS": ALICE.address}
    answer = httpx.request(method, f"{venue_1.url}{path}", headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized/Invalid api key"})


def test_read_only_key_is_no_api_key(alice: ClobClient) -> None:
    signed = alice.create_order(OrderArgs(YES, 0.4, 10, BUY))
    alice.creds.api_key = alice.create_readonly_api_key().api_key
    assert refused(lambda: alice.post_order(signed, OrderType.GTC))[0] == 401


def test_read_only_key_of_another_address_is_refused(
    alice: ClobClient, bob: ClobClient, venue_1: MockClob
) -> None:
    key = alice.create_readonly_api_key().api_key
    assert read(venue_1, "/data/orders", key, ACCOUNTS[1].address).status_code == 401
    assert refused(lambda: bob.validate_readonly_api_key(ACCOUNTS[1].address, key))[0] == 401
    assert refused(lambda: bob.delete_readonly_api_key(key)) == (400, "Could not delete api key")


def test_deleted_read_only_key_reads_no_more(alice: ClobClient, venue_1: MockClob) -> None:
    first, second = (alice.create_readonly_api_key().api_key for _ in range(2))
    alice.delete_readonly_api_key(first)
    assert alice.get_readonly_api_keys() == [second]
    assert read(venue_1, "/data/orders", first).status_code == 401
    assert refused(lambda: alice.delete_readonly_api_key(first))[0] == 400


def test_read_only_keys_go_with_the_key_that_made_them(
    alice: ClobClient, venue_1: MockClob
) -> None:
    key = alice.create_readonly_api_key().api_key
    alice.delete_api_key()
    assert read(venue_1, "/data/orders", key).status_code == 401


# Standing


def test_closed_only_mode_is_told(alice: ClobClient, venue_1: MockClob) -> None:
    venue_1.call(lambda: venue_1.venue.modes.close_only(ALICE.address))
    assert alice.get_closed_only_mode() == {"closed_only": True}


@pytest.mark.parametrize("tier", TIERS)
def test_rate_limit_tier_is_the_one_that_is_applied(
    alice: ClobClient, venue_1: MockClob, tier: str
) -> None:
    venue = venue_1.venue
    venue_1.call(lambda: venue.signers.set_tier(ALICE.address, tier, venue.clock.now()))
    headers = l2(alice, "GET", "/v1/user/rate-limit-tier")
    told = httpx.get(f"{venue_1.url}/v1/user/rate-limit-tier", headers=headers).json()
    assert (told["tier"], told["period"]) == (tier, 30)
    assert told["tier_details"]["order_burst"] == TIERS[tier].orders.burst
    assert told["tier_details"]["negative_balance"] is TIERS[tier].debt
    assert "next_tier_threshold" not in told  # as the docs have it for a tier given by hand


def test_unassigned_signer_is_told_of_the_next_tier(alice: ClobClient, venue_1: MockClob) -> None:
    headers = l2(alice, "GET", "/v1/user/rate-limit-tier")
    told = httpx.get(f"{venue_1.url}/v1/user/rate-limit-tier", headers=headers).json()
    assert (told["tier"], told["next_tier_threshold"]) == ("standard", 30_000)


def l2(client: ClobClient, method: str, path: str) -> dict[str, str]:
    made: dict[str, str] = create_level_2_headers(
        client.signer, client.creds, RequestArgs(method=method, request_path=path)
    )
    return made
