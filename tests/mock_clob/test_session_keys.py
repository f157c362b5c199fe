"""Session keys of deposit wallets: granted, traded with, revoked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from polymarket._internal import wallet
from polymarket._internal.actions import session_keys
from polymarket._internal.actions.relayer.calls import TransactionCall
from polymarket.clients import secure
from polymarket.errors import RequestRejectedError, UserInputError
from polymarket.types import HexString

from mock_clob.accounts import Account
from mock_clob.model import UNIT
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from tests.mock_clob.gasless import ALICE, BOB, RELAYER, C, Connect, connecting, headers

YES = DOCUMENTED.token_ids[0]
STRANGER = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"


@pytest.fixture
def connect(mock_clob: MockClob) -> Iterator[Connect]:
    yield from connecting(mock_clob)


@pytest.fixture
def owner(connect: Connect) -> Any:
    """A client of account 0's deposit wallet with a builder's key."""
    eoa = connect(ALICE, ALICE.address)
    return connect(ALICE, api_key=eoa.create_builder_api_key())


def test_session_key_is_authorized_trades_and_is_revoked(
    mock_clob: MockClob, connect: Connect, owner: Any
) -> None:
    with pytest.raises(RequestRejectedError, match="address of the API KEY"):
        with closing(connect(BOB, owner.wallet)) as early:
            early.place_limit_order(token_id=YES, price="0.40", size="10", side="BUY")

    granted = owner.authorize_session_key(address=BOB.address)
    assert [key.address for key in owner.fetch_session_keys()] == [BOB.address]
    assert granted.session_key.scopes == ("ALL",)

    session = connect(BOB, owner.wallet)
    assert session.place_limit_order(token_id=YES, price="0.40", size="10", side="BUY").ok
    session.transfer_erc20(token_address=C.pusd, recipient_address=BOB.address, amount=UNIT).wait()

    owner.revoke_session_key(address=BOB.address)
    assert owner.fetch_session_keys() == ()
    with pytest.raises(RequestRejectedError, match="address of the API KEY"):
        session.place_limit_order(token_id=YES, price="0.40", size="10", side="BUY")


def test_session_key_that_is_no_test_account_may_make_an_api_key(
    connect: Connect, owner: Any
) -> None:
    stranger = Account(99, STRANGER, "0x" + "11" * 32)
    with pytest.raises(RequestRejectedError, match="test accounts"):
        connect(stranger, owner.wallet)

    owner.authorize_session_key(address=STRANGER, scopes=["CLOB"])

    session = connect(stranger, owner.wallet, api_key=None)
    assert session.place_limit_order(token_id=YES, price="0.40", size="10", side="BUY").ok


def test_session_key_signs_in_its_wrapping_and_the_owner_without(
    connect: Connect, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.authorize_session_key(address=BOB.address)
    session = connect(BOB, owner.wallet)
    order = {"token_id": YES, "price": "0.40", "size": "10", "side": "BUY"}
    wrap = wallet.wrap_deposit_wallet_session_signer_signature

    def plain(*, signature: Any, **_: Any) -> Any:
        return signature

    def wrapped(*, signer: Any, signature: Any, **_: Any) -> Any:
        return wrap(signer, signature)

    for client, form in ((session, plain), (owner, wrapped)):
        monkeypatch.setattr(secure, "wrap_deposit_wallet_signature", form)
        with pytest.raises(RequestRejectedError, match="invalid POLY_1271 signature"):
            client.place_limit_order(**order)


def test_relayer_key_authorizes_no_session_key(connect: Connect) -> None:
    connect()
    body = {"walletAddress": connect().wallet, "sessionSignerAddress": BOB.address}

    refused = httpx.post(
        f"{RELAYER}/v1/session-signers/authorizations", json=body, headers=headers()
    )

    assert refused.status_code == 401


def test_session_key_lives_180_days_at_most(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_keys, "_SESSION_KEY_LIFETIME_SECONDS", 181 * 24 * 60 * 60)

    with pytest.raises(RequestRejectedError, match="validUntil"):
        owner.authorize_session_key(address=BOB.address)


def test_session_key_needs_a_builder(connect: Connect) -> None:
    with pytest.raises(UserInputError, match="builder"):
        connect().authorize_session_key(address=BOB.address)


def test_repeated_idempotency_key_authorizes_once(mock_clob: MockClob, owner: Any) -> None:
    mock_clob.fault("lose_reply", path="*/session-signers/authorizations")

    owner.authorize_session_key(address=BOB.address, idempotency_key="once")

    chain = mock_clob.venue.chain
    assert chain is not None
    assert chain.stored("DepositWallet", owner.wallet, "nonce") == 1


def test_wallet_may_not_change_its_session_keys_through_a_batch(connect: Connect) -> None:
    client = connect()
    call = TransactionCall(to=client.wallet, data=HexString("0x"))

    with pytest.raises(RequestRejectedError, match="invalid request"):
        client.execute_transaction(calls=[call])
