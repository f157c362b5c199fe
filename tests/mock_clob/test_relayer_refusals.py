"""What the relayer refuses: keys, signatures, nonces, owners, and whatever is malformed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polymarket import RelayerApiKey
from polymarket._internal.actions.relayer import gasless
from polymarket._internal.actions.relayer.auth import build_builder_key_headers
from polymarket.errors import RequestRejectedError
from polymarket.models.clob.relayer import RelayerExecuteParams
from polymarket.types import EvmAddress

from mock_clob.derivation import deposit_wallet, proxy_wallet, safe_wallet
from mock_clob.pytest_plugin import MockClob
from mock_clob.relayer.keys import relayer_api_key
from tests.mock_clob.gasless import (
    ALICE,
    BOB,
    GASLESS,
    RELAYER,
    C,
    Connect,
    connecting,
    headers,
    on_chain,
)


@pytest.fixture
def connect(mock_clob: MockClob) -> Iterator[Connect]:
    yield from connecting(mock_clob)


FIELDS = (
    "type from to nonce signature data value metadata proxyWallet depositWalletParams calls "
    "signatureParams deadline operation scopes walletAddress sessionSignerAddress validUntil"
)
fields = st.sampled_from(FIELDS.split())
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("0x" + "11" * 20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=5),
    max_leaves=12,
)
kinds = st.sampled_from(["WALLET", "WALLET-CREATE", "SAFE", "PROXY", "SAFE-CREATE"])


def test_malformed_bodies_are_refused_and_change_nothing(
    mock_clob: MockClob, connect: Connect
) -> None:
    mock_clob.reset(throttle=False)
    builder = connect(ALICE, ALICE.address).create_builder_api_key()
    chain = mock_clob.venue.chain
    assert chain is not None
    head = chain.head.hash

    @settings(max_examples=80, deadline=None)
    @given(
        body=anything | st.fixed_dictionaries({"type": kinds, "from": st.just(ALICE.address)}),
        path=st.sampled_from(
            [
                "/submit",
                "/v1/session-signers/authorizations",
                "/v1/session-signers/revocations",
            ]
        ),
    )
    def send(body: Any, path: str) -> None:
        content = json.dumps(body)
        signed = build_builder_key_headers(creds=builder, method="POST", path=path, body=content)
        reply = httpx.post(
            f"{RELAYER}{path}", content=content, headers=signed | {"Idempotency-Key": "x"}
        )
        assert reply.status_code == 400, reply.text
        assert "error" in reply.json()

    send()
    assert chain.head.hash == head


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"RELAYER_API_KEY": relayer_api_key(ALICE.address)},
        headers() | {"RELAYER_API_KEY_ADDRESS": BOB.address},
        headers() | {"RELAYER_API_KEY": "0" * 36},
        {"RELAYER_API_KEY": "é".encode().decode("latin-1"), "RELAYER_API_KEY_ADDRESS": "x"},
    ],
)
def test_request_without_the_right_key_is_unauthorized(
    mock_clob: MockClob, connect: Connect, given: dict[str, str]
) -> None:
    sent = [(key.encode(), value.encode("latin-1")) for key, value in given.items()]

    for method, path in (
        ("GET", "/v1/account/transactions/params?address=0x&type=WALLET"),
        ("GET", "/v1/account/transactions/1"),
        ("POST", "/submit"),
        ("POST", "/v1/session-signers/revocations"),
    ):
        refused = httpx.request(method, f"{RELAYER}{path}", headers=sent)
        assert (refused.status_code, refused.json()) == (401, {"error": "invalid authorization"})


@pytest.mark.parametrize("wallet", GASLESS)
def test_flipped_bit_of_a_gasless_signature_is_refused(
    connect: Connect, wallet: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect(ALICE, wallet(ALICE.address))
    sent: Any = vars(gasless)["submit_gasless_sync"]

    def spoiled(relayer: Any, *, payload: Any) -> Any:
        text = payload["signature"]
        payload["signature"] = text[:20] + format(int(text[20], 16) ^ 1, "x") + text[21:]
        return sent(relayer, payload=payload)

    monkeypatch.setattr(gasless, "submit_gasless_sync", spoiled)

    with pytest.raises(RequestRejectedError, match="invalid signature"):
        client.transfer_erc20(token_address=C.pusd, recipient_address=BOB.address, amount=1)


@pytest.mark.parametrize(
    ("wallet", "field"),
    [
        *((deposit_wallet, field) for field in ("to", "nonce", "depositWalletParams")),
        *((proxy_wallet, field) for field in ("to", "nonce", "proxyWallet", "data")),
        *((safe_wallet, field) for field in ("to", "nonce", "proxyWallet", "data")),
    ],
)
def test_changed_field_of_a_gasless_request_is_refused(
    mock_clob: MockClob,
    connect: Connect,
    wallet: Callable[[str], str],
    field: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = connect(ALICE, wallet(ALICE.address))
    sent: Any = vars(gasless)["submit_gasless_sync"]

    def spoiled(relayer: Any, *, payload: Any) -> Any:
        if field == "depositWalletParams":
            payload[field]["calls"][0]["target"] = C.usdc_e
        elif field == "nonce":
            payload[field] = str(int(payload[field]) + 1)
        elif field == "data":
            payload[field] = payload[field][:-1] + "7"
        else:
            payload[field] = BOB.address
        return sent(relayer, payload=payload)

    monkeypatch.setattr(gasless, "submit_gasless_sync", spoiled)
    before = on_chain(mock_clob, client.wallet)

    with pytest.raises(RequestRejectedError) as refused:
        client.transfer_erc20(token_address=C.pusd, recipient_address=BOB.address, amount=1)

    assert refused.value.status == 400
    assert on_chain(mock_clob, client.wallet) == before


@pytest.mark.parametrize("wallet", GASLESS)
def test_key_of_another_account_does_not_send_for_a_wallet(
    connect: Connect, wallet: Callable[[str], str]
) -> None:
    bobs = RelayerApiKey(key=relayer_api_key(BOB.address), address=BOB.address)
    client = connect(ALICE, wallet(ALICE.address), api_key=bobs)

    with pytest.raises(RequestRejectedError, match="not the signer's"):
        client.transfer_erc20(token_address=C.pusd, recipient_address=BOB.address, amount=1)


def test_transaction_waits_while_it_is_held_and_the_wallet_is_busy(
    mock_clob: MockClob, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect()
    monkeypatch.setattr(gasless, "GASLESS_SUBMIT_RETRY_ATTEMPTS", 0)

    def hold() -> None:
        mock_clob.venue.relayer.hold = True

    mock_clob.call(hold)
    transfer = {"token_address": C.pusd, "recipient_address": BOB.address, "amount": 1}
    handle = client.transfer_erc20(**transfer)

    def state() -> str:
        path = f"{RELAYER}/v1/account/transactions/{handle.transaction_id}"
        return str(httpx.get(path, headers=headers()).json()["state"])

    assert state() == "STATE_NEW"
    with pytest.raises(RequestRejectedError, match="in-flight action"):
        client.transfer_erc20(**transfer)
    mock_clob.call(mock_clob.venue.relayer.release)
    handle.wait()
    assert state() == "STATE_CONFIRMED"


def test_late_batch_is_refused(
    mock_clob: MockClob, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect()
    monkeypatch.setattr(gasless, "_DEPOSIT_WALLET_DEADLINE_S", -60)

    with pytest.raises(RequestRejectedError, match="deadline has passed"):
        client.transfer_erc20(token_address=C.pusd, recipient_address=BOB.address, amount=1)


def test_batch_with_an_old_nonce_is_signed_again_by_the_client(
    mock_clob: MockClob, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect()
    transfer = {"token_address": C.pusd, "recipient_address": BOB.address, "amount": 1}
    client.transfer_erc20(**transfer).wait()
    stale = RelayerExecuteParams(address=EvmAddress(ALICE.address), nonce="0")
    monkeypatch.setattr(gasless, "fetch_execute_params_sync", lambda *_, **__: stale)

    client.transfer_erc20(**transfer).wait()

    chain = mock_clob.venue.chain
    assert chain is not None
    assert chain.stored("DepositWallet", client.wallet, "nonce") == 2


def test_unknown_transaction_is_not_found(connect: Connect) -> None:
    path = f"{RELAYER}/v1/account/transactions/nothing"

    assert httpx.get(path, headers=headers()).status_code == 404


def test_venue_without_a_chain_says_so(mock_clob: MockClob, connect: Connect) -> None:
    mock_clob.reset(chain=False)
    client = connect()
    mock_clob.reset(chain=False)

    with pytest.raises(RequestRejectedError, match="without a chain"):
        client.transfer_erc20(token_address=C.pusd, recipient_address=BOB.address, amount=1)
