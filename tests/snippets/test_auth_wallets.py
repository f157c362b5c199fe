"""Wallets, session keys and the check before the first order, as the venue answers them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deposit_wallet import deposit_wallet_client, new_builder_key
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st
from polymarket import RequestRejectedError, SecureClient, UserInputError
from polymarket._internal import wallet
from polymarket._internal.environment import get_environment_config
from polymarket.environments import PRODUCTION
from session_key import bid
from verify_account import problems
from wallet_addresses import KINDS

from mock_clob.faults import Effect
from mock_clob.ledger import COLLATERAL
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import NEWCOMER

DERIVED = [
    lambda signer, _: signer,
    wallet.derive_proxy_wallet_address,
    wallet.derive_safe_wallet_address,
    wallet.derive_beacon_deposit_wallet_address,
]


@pytest.fixture
def alice(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecureClient]:
    """The EOA of account 0, whose key is in the environment."""
    account = mock_clob.account(0)
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", account.key)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        yield client


@given(st.binary(min_size=32, max_size=32).filter(any))
def test_addresses_are_those_the_client_derives(seed: bytes) -> None:
    signer = Account.from_key(b"\0" + seed[1:-1] + b"\1").address
    config = get_environment_config(PRODUCTION).wallet_derivation
    computed = [address_of(signer) for address_of in KINDS.values()]
    assert computed == [derive(signer, config) for derive in DERIVED]


def test_a_new_account_gets_its_deposit_wallet(
    mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", NEWCOMER.key)
    with pytest.raises(UserInputError, match="require a Builder API Key or Relayer API Key"):
        SecureClient.create(private_key=NEWCOMER.key)
    with deposit_wallet_client(new_builder_key()) as client:
        assert client.wallet == KINDS["3 deposit wallet"](NEWCOMER.address)
        assert mock_clob.call(lambda: mock_clob.venue.wallets.is_deployed(client.wallet))


def test_a_builder_key_of_nobody_deploys_nothing(
    mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", NEWCOMER.key)
    key = new_builder_key()
    with deposit_wallet_client(key) as client:
        client.revoke_builder_api_key()
    mock_clob.reset()
    with pytest.raises(RequestRejectedError):
        deposit_wallet_client(key)


def test_a_strangers_wallet_is_noticed_at_the_first_order_only(mock_clob: MockClob) -> None:
    bob, safe = mock_clob.account(1), KINDS["2 Safe"](mock_clob.account(0).address)
    with SecureClient.create(private_key=bob.key, wallet=safe) as client:
        assert client.wallet_type == "DEPOSIT_WALLET"
        assert bid(client) == "the order signer address has to be the address of the API KEY"


def test_an_order_that_is_refused_in_a_good_reply_is_told(
    alice: SecureClient, mock_clob: MockClob
) -> None:
    body = '{"errorMsg":"the market is not yet ready to process new orders","orderID":"",'
    body += '"status":"","success":true,"makingAmount":"","takingAmount":""}'
    effect = Effect(status=200, body=body, headers={"content-type": "application/json"})
    mock_clob.fault(effect, method="POST", path="/order")
    assert bid(alice).startswith("the market is not yet ready")


def test_a_sound_account_has_no_problems(alice: SecureClient) -> None:
    assert problems(alice) == []


def test_what_would_make_an_order_fail_is_named(alice: SecureClient, mock_clob: MockClob) -> None:
    owner, spender = alice.wallet.lower(), mock_clob.venue.contracts.exchange_v2
    replies = {"/auth/ban-status/closed-only": '{"closed_only":true}', "/auth/api-keys": "[]"}
    replies["/auth/api-keys"] = '{"apiKeys":[]}'
    for path, body in replies.items():
        headers = {"content-type": "application/json"}
        mock_clob.fault(Effect(status=200, body=body, headers=headers), path=path)
    mock_clob.call(lambda: mock_clob.venue.ledger.allow(owner, spender, COLLATERAL, 1))
    assert problems(alice) == [
        "the API key is not among the signer's keys",
        "the account may only close positions",
        f"{spender} may not spend the whole balance",
    ]
    mock_clob.call(lambda: mock_clob.venue.ledger.balances.__setitem__((owner, COLLATERAL), 0))
    assert problems(alice) == [f"{alice.wallet} (EOA) holds no pUSD"]
