"""The clients' setup when something is missing, wrong or refused."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
from account_settings import funder, private_key
from needed_approvals import approve
from polymarket import OrderResponse, RequestRejectedError, SecureClient
from py_clob_client.client import ClobClient
from py_clob_client.exceptions import PolyApiException, PolyException
from read_only_client import read_only_client
from rotate_api_key import rotate_api_key
from secure_client import secure_client
from trading_client import api_credentials, trading_client
from verify_client import problems

from mock_clob.accounts import ACCOUNTS
from mock_clob.faults import Effect
from mock_clob.ledger import COLLATERAL
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

KEY, ADDRESS = ACCOUNTS[0].key, ACCOUNTS[0].address
YES = DOCUMENTED.token_ids[0]
WALLET = "0x00000000000000000000000000000000000000A1"
JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Only the key of account 0 is set."""
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", KEY)
    monkeypatch.delenv("POLYMARKET_FUNDER", raising=False)
    monkeypatch.delenv("POLYMARKET_SIGNATURE_TYPE", raising=False)
    return monkeypatch


@pytest.fixture
def venue(mock_clob: MockClob) -> MockClob:
    mock_clob.reset(exchange=1, chain=False)
    return mock_clob


@pytest.fixture
def client(venue: MockClob) -> ClobClient:
    return trading_client()


def calls(venue: MockClob) -> list[str]:
    return [f"{entry.method} {entry.path}" for entry in venue.journal]


# The key


@pytest.mark.parametrize("value", ["", "   "])
def test_a_missing_key_ends_in_one_line_that_names_the_variable(
    environment: pytest.MonkeyPatch, value: str
) -> None:
    environment.setenv("POLYMARKET_PRIVATE_KEY", value)
    with pytest.raises(SystemExit, match=r"^POLYMARKET_PRIVATE_KEY is not set: .*$"):
        private_key()


@pytest.mark.parametrize(
    "value",
    [
        KEY[:-1],
        KEY + "0",
        "0x" + "g" * 64,
        "0x" + "0" * 64,
        "0x" + "f" * 64,  # beyond the curve's order
        "twelve words of a seed phrase",
    ],
)
def test_a_malformed_key_ends_in_one_line_without_its_value(
    environment: pytest.MonkeyPatch, value: str
) -> None:
    environment.setenv("POLYMARKET_PRIVATE_KEY", value)
    with pytest.raises(SystemExit) as error:
        private_key()
    assert "POLYMARKET_PRIVATE_KEY is no private key" in str(error.value)
    assert value not in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", [KEY, KEY.removeprefix("0x"), f" {KEY}\n"])
def test_a_key_is_taken_with_and_without_0x_and_blanks(
    environment: pytest.MonkeyPatch, value: str
) -> None:
    environment.setenv("POLYMARKET_PRIVATE_KEY", value)
    assert private_key() == value.strip()


# Signature type and funder


@pytest.mark.parametrize("funder", [None, "", ADDRESS, ADDRESS.lower()])
def test_an_eoa_pays_from_its_own_address(
    venue: MockClob, environment: pytest.MonkeyPatch, funder: str | None
) -> None:
    if funder is not None:
        environment.setenv("POLYMARKET_FUNDER", funder)
    client = trading_client()
    assert client.builder.funder.lower() == ADDRESS.lower()
    assert client.builder.sig_type == 0


def test_a_safe_pays_from_the_funder(venue: MockClob, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("POLYMARKET_SIGNATURE_TYPE", "2")
    environment.setenv("POLYMARKET_FUNDER", WALLET)
    client = trading_client()
    assert (client.builder.sig_type, client.builder.funder) == (2, WALLET)


@pytest.mark.parametrize(
    ("kind", "funder", "reason"),
    [
        ("3", WALLET, "cannot sign for a deposit wallet"),
        ("EOA", ADDRESS, "must be 0, 1 or 2"),
        ("0", WALLET, "type 0 does not fit funder"),
        ("1", ADDRESS, "type 1 does not fit funder"),
        ("2", "", "type 2 does not fit funder"),
        ("1", "polymarket.com/@me", "POLYMARKET_FUNDER is no address"),
    ],
)
def test_a_pair_that_cannot_be_is_refused_before_any_request(
    venue: MockClob, environment: pytest.MonkeyPatch, kind: str, funder: str, reason: str
) -> None:
    environment.setenv("POLYMARKET_SIGNATURE_TYPE", kind)
    environment.setenv("POLYMARKET_FUNDER", funder)
    with pytest.raises(SystemExit, match=reason):
        trading_client()
    assert calls(venue) == []


def test_a_key_in_the_variable_of_the_funder_is_not_printed(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("POLYMARKET_FUNDER", KEY)
    with pytest.raises(SystemExit, match=r"^POLYMARKET_FUNDER is no address: [^\n]*$") as error:
        funder()
    assert KEY not in str(error.value)


# Credentials


def test_a_new_key_is_derived_in_vain_and_then_created(venue: MockClob) -> None:
    trading_client()
    assert calls(venue) == ["GET /auth/derive-api-key", "POST /auth/api-key"]


def test_a_known_key_is_derived_and_nothing_is_created(venue: MockClob) -> None:
    first = trading_client().creds
    assert trading_client().creds == first
    assert calls(venue).count("POST /auth/api-key") == 1


@pytest.mark.parametrize("fault", ["server_error", "reset", "cf_403", "rate_limited"])
def test_a_derivation_without_an_answer_creates_nothing(venue: MockClob, fault: str) -> None:
    venue.fault(fault, path="/auth/derive-api-key")
    with pytest.raises(PolyApiException):
        trading_client()
    assert "POST /auth/api-key" not in calls(venue)


def test_create_or_derive_creates_on_every_start(venue: MockClob) -> None:
    """Why the snippet does not use it."""
    client = ClobClient(venue.url, 137, KEY)
    client.create_or_derive_api_creds()
    client.create_or_derive_api_creds()
    assert calls(venue).count("POST /auth/api-key") == 2


def test_a_reply_without_credentials_ends_in_one_line(venue: MockClob) -> None:
    venue.fault(Effect(status=200, body="{}", headers=JSON), path="/auth/derive-api-key")
    with pytest.raises(SystemExit, match="held no API credentials"):
        trading_client()


def test_another_nonce_has_other_credentials(client: ClobClient) -> None:
    assert api_credentials(client, nonce=7) != client.creds


# Verification


def test_a_sound_client_has_no_problems(client: ClobClient) -> None:
    assert problems(client) == []


@pytest.mark.parametrize("seconds", [-60, 60])
def test_a_clock_that_is_off_is_named(
    venue: MockClob, client: ClobClient, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    now = client.get_server_time()
    monkeypatch.setattr("verify_client.time", SimpleNamespace(time=lambda: now + seconds))
    (problem,) = problems(client)
    assert problem.startswith(f"this clock is {seconds:+} s off")


def test_a_closed_only_account_is_named(venue: MockClob, client: ClobClient) -> None:
    body = '{"closed_only":true}'
    venue.fault(Effect(status=200, body=body, headers=JSON), path="/auth/ban-status/closed-only")
    assert problems(client) == ["the account may only close positions"]


def test_a_key_that_is_not_listed_is_named(venue: MockClob, client: ClobClient) -> None:
    venue.fault(Effect(status=200, body='{"apiKeys":[]}', headers=JSON), path="/auth/api-keys")
    assert problems(client) == ["the API key is not among the signer's keys"]


def test_an_empty_funder_is_named(venue: MockClob, client: ClobClient) -> None:
    owner = ADDRESS.lower()
    venue.call(lambda: venue.venue.ledger.balances.__setitem__((owner, COLLATERAL), 0))
    (problem,) = problems(client)
    assert "holds no collateral" in problem


def test_a_missing_allowance_is_named(venue: MockClob, client: ClobClient) -> None:
    spender = venue.venue.contracts.exchange_v1
    venue.call(lambda: venue.venue.ledger.allow(ADDRESS.lower(), spender, COLLATERAL, 1))
    assert problems(client) == [f"{spender} may not spend the whole balance"]


def test_wrong_credentials_raise_401(client: ClobClient) -> None:
    client.creds.api_secret = "A" * 43 + "="
    with pytest.raises(PolyApiException) as error:
        problems(client)
    assert error.value.status_code == 401
    assert error.value.error_msg == {"error": "Unauthorized/Invalid api key"}


def test_a_client_without_a_key_reads_but_has_no_account(venue: MockClob) -> None:
    client = read_only_client()
    assert client.get_ok() == "OK"
    with pytest.raises(PolyException, match="API Credentials are needed"):
        client.get_orders()


# Rotation


def test_rotation_leaves_only_the_new_key(venue: MockClob, client: ClobClient) -> None:
    rotate_api_key(client, nonce=1)
    assert client.get_api_keys()["apiKeys"] == [client.creds.api_key]
    assert calls(venue)[-2] == "DELETE /auth/api-key"


def test_rotation_to_the_same_nonce_is_refused(client: ClobClient) -> None:
    with pytest.raises(ValueError, match="nonce 0 belongs to the key that is in use"):
        rotate_api_key(client, nonce=0)
    assert problems(client) == []


def test_a_new_key_that_does_not_work_leaves_the_old_one_in_use(
    venue: MockClob, client: ClobClient
) -> None:
    old = client.creds
    refused = Effect(status=401, body='{"error":"Unauthorized/Invalid api key"}', headers=JSON)
    venue.fault(refused, path="/auth/api-keys")
    with pytest.raises(PolyApiException):
        rotate_api_key(client, nonce=1)
    assert client.creds == old
    assert problems(client) == []


# polymarket-client


def test_the_current_client_takes_an_eoa(
    mock_clob: MockClob, environment: pytest.MonkeyPatch
) -> None:
    mock_clob.reset(chain=False)
    environment.setenv("POLYMARKET_FUNDER", ADDRESS)
    with secure_client() as client:
        assert (client.wallet, client.wallet_type) == (ADDRESS, "EOA")
        assert len(client.fetch_api_keys()) == 1


def test_the_current_client_refuses_a_strangers_wallet_in_one_line(
    mock_clob: MockClob, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("POLYMARKET_FUNDER", WALLET)
    mock_clob.fault(Effect(status=200, body='{"deployed":false}', headers=JSON), path="/deployed")
    with pytest.raises(SystemExit, match=r"^no wallet to act for, check POLYMARKET_FUNDER: .*$"):
        secure_client()


def test_the_current_client_passes_on_what_the_venue_refuses(
    mock_clob: MockClob, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("POLYMARKET_FUNDER", ADDRESS)
    mock_clob.fault("server_error", path="/auth/api-key")
    with pytest.raises(RequestRejectedError):
        secure_client()


def test_an_order_is_refused_where_the_allowance_ends(mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=2)
    account = mock_clob.account(0)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:

        def bid(size: int) -> OrderResponse:
            # place_limit_order would answer a refusal with an unlimited approval.
            signed = client.create_limit_order(token_id=YES, side="BUY", price="0.40", size=size)
            return client.post_order(signed)

        approve(client, Decimal(10))
        refresh(mock_clob, account.address)
        assert bid(20).ok  # $8
        with pytest.raises(RequestRejectedError, match="allowance"):
            bid(30)
        approve(client, Decimal(0))
        refresh(mock_clob, account.address)
        with pytest.raises(RequestRejectedError, match="allowance"):
            bid(20)


def refresh(venue: MockClob, wallet: str) -> None:
    """What the venue does now and then: read the chain again."""
    venue.server.wait(lambda: venue.venue.refresh(wallet.lower(), COLLATERAL))
