"""Every real client trades for each wallet that it can sign for, and nobody else does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from polymarket._internal import wallet as theirs
from polymarket.environments import PRODUCTION
from polymarket.errors import RequestRejectedError
from polymarket.types import EvmAddress, HexString
from py_clob_client.exceptions import PolyApiException as PolyApiException1
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.exceptions import PolyApiException

from mock_clob import derivation
from mock_clob.accounts import ACCOUNTS
from mock_clob.contracts import CONTRACTS
from mock_clob.deposit_signature import unwrapped
from mock_clob.model import Side
from mock_clob.pytest_plugin import MockClob
from mock_clob.rules import Rejected
from mock_clob.scenario import NEWCOMER
from mock_clob.signed_order import SignedOrder, exchange_contract, parse
from mock_clob.wallets import DEPOSIT, SAFE, SessionKey, Wallets
from tests.mock_clob.signers import (
    ALICE,
    SPOKEN,
    WALLETS,
    Make,
    polymarket_client,
    py_clob_client,
    py_clob_client_v2,
)

BOB = ACCOUNTS[1]
NOW = 1_790_000_000


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: str(account.index))
def test_wallets_stand_where_polymarket_client_derives_them(account: Any) -> None:
    config, signer = PRODUCTION._config.wallet_derivation, account.address

    assert derivation.proxy_wallet(signer) == theirs.derive_proxy_wallet_address(signer, config)
    assert derivation.safe_wallet(signer) == theirs.derive_safe_wallet_address(signer, config)
    assert derivation.deposit_wallet(signer) == theirs.derive_beacon_deposit_wallet_address(
        signer, config
    )
    assert derivation.legacy_deposit_wallet(signer) == theirs.derive_uups_deposit_wallet_address(
        signer, config
    )


@pytest.mark.parametrize(("make", "exchange", "kind"), SPOKEN)
def test_order_of_each_client_wallet_and_exchange_is_taken_but_not_with_a_bit_flipped(
    mock_clob: MockClob, make: Make, exchange: int, kind: int
) -> None:
    mock_clob.reset(exchange=exchange, chain=False)
    signer = make(mock_clob, exchange, kind, ALICE)
    order = signer.sign()
    flipped = order.signature[:40] + format(int(order.signature[40], 16) ^ 1, "x")

    with pytest.raises(Exception, match=f"invalid {'POLY_1271 ' if kind == 3 else ''}signature"):
        signer.post(replace(order, signature=flipped + order.signature[41:]))
    accepted, order_id = signer.post(order)

    assert accepted
    resting = mock_clob.call(lambda: mock_clob.venue.engine.open[order_id])
    assert resting.signer == ALICE.address.lower()
    assert resting.maker == WALLETS[kind](ALICE.address).lower()


# What no signature covers: `expiration` since exchange 2.
SIGNED_FIELDS = {
    1: ("expiration", "nonce", "feeRateBps", "taker"),
    2: ("timestamp", "metadata", "builder"),
}
COMMON_FIELDS = ("salt", "makerAmount", "takerAmount", "tokenId", "side")


@pytest.mark.parametrize(("make", "exchange", "kind"), SPOKEN)
def test_every_flipped_bit_of_a_signature_or_a_signed_field_loses_the_signer(
    mock_clob: MockClob, make: Make, exchange: int, kind: int
) -> None:
    mock_clob.reset(exchange=exchange, chain=False)
    signer = make(mock_clob, exchange, kind, ALICE)
    wire = json.loads(json.dumps(signer.wire(signer.sign())))
    contract = exchange_contract(CONTRACTS[137], exchange, neg_risk=False)
    wallets = Wallets([ALICE.address])

    def signed(changed: Any) -> bool:
        sender = ALICE.address.lower()
        try:
            wallets.check_signature(sender, parse(changed), exchange, 137, contract)
        except Rejected:
            return False
        return True

    assert signed(wire)
    signature = bytes.fromhex(wire["signature"][2:])
    for bit in range(8 * len(signature)):
        flipped = bytearray(signature)
        flipped[bit // 8] ^= 1 << bit % 8
        assert not signed(wire | {"signature": "0x" + flipped.hex()}), bit
    for field in (*COMMON_FIELDS, *SIGNED_FIELDS[min(exchange, 2)]):
        assert not signed(wire | {field: _changed(wire[field])}), field


def _changed(value: Any) -> Any:
    """A signed field with its lowest bit flipped, in its own form."""
    if value in ("BUY", "SELL"):
        return "SELL" if value == "BUY" else "BUY"
    if isinstance(value, int):
        return value ^ 1
    if value.startswith("0x"):
        return value[:-1] + format(int(value[-1], 16) ^ 1, "x")
    return str(int(value) ^ 1)


@pytest.mark.parametrize("exchange", [2, 3])
@pytest.mark.parametrize("kind", range(4))
def test_expiration_is_of_the_wire_only_since_exchange_2(
    mock_clob: MockClob, exchange: int, kind: int
) -> None:
    mock_clob.reset(exchange=exchange, chain=False)
    signer = py_clob_client_v2(mock_clob, exchange, kind, ALICE)
    wire = signer.wire(signer.sign())
    contract = exchange_contract(CONTRACTS[137], exchange, neg_risk=False)
    plain, dated = parse(wire), parse(wire | {"expiration": "2000000000"})

    ids = {
        Wallets([ALICE.address]).check_signature(
            ALICE.address.lower(), order, exchange, 137, contract
        )
        for order in (plain, dated)
    }

    assert len(ids) == 1


@pytest.mark.parametrize("exchange", [2, 3])
def test_order_of_exchange_1_is_a_version_mismatch(mock_clob: MockClob, exchange: int) -> None:
    mock_clob.reset(exchange=exchange, chain=False)
    signer = py_clob_client(mock_clob, 1, 0, ALICE)

    with pytest.raises(PolyApiException1, match="order_version_mismatch"):
        signer.post(signer.sign())


def test_order_of_exchange_2_is_a_version_mismatch_on_exchange_1(mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=1, chain=False)
    signer = polymarket_client(mock_clob, 2, 0, ALICE)

    with pytest.raises(RequestRejectedError, match="order_version_mismatch"):
        signer.post(signer.sign())


@pytest.mark.parametrize(("exchange", "version"), [(1, 1), (2, 2), (3, 2)])
def test_version_is_that_of_tokens_whatever_position_ids_have(
    mock_clob: MockClob, exchange: int, version: int
) -> None:
    mock_clob.reset(exchange=exchange, chain=False)

    assert ClobClient(mock_clob.url, 137).get_version() == version


# Whose wallet it is


@pytest.mark.parametrize("kind", [1, 2])
def test_wallet_of_another_owner_is_not_allowed_as_maker(mock_clob: MockClob, kind: int) -> None:
    mock_clob.reset(chain=False)
    wallet = WALLETS[kind](BOB.address)
    signer = py_clob_client_v2(mock_clob, 2, kind, ALICE, wallet)

    with pytest.raises(PolyApiException, match="please use the deposit wallet flow"):
        signer.post(signer.sign())


def test_deposit_wallet_of_another_owner_is_not_the_api_keys(mock_clob: MockClob) -> None:
    mock_clob.reset(chain=False)
    signer = py_clob_client_v2(mock_clob, 2, 3, ALICE, derivation.deposit_wallet(BOB.address))

    with pytest.raises(PolyApiException, match="has to be the address of the API KEY"):
        signer.post(signer.sign())


def test_deposit_wallet_trades_once_it_is_deployed(mock_clob: MockClob) -> None:
    mock_clob.reset(chain=False)
    signer = py_clob_client_v2(mock_clob, 2, 3, NEWCOMER)
    wallet = derivation.deposit_wallet(NEWCOMER.address)

    with pytest.raises(PolyApiException, match="has to be the address of the API KEY"):
        signer.post(signer.sign())
    mock_clob.call(lambda: mock_clob.venue.wallets.deploy(wallet))

    with pytest.raises(PolyApiException, match="the allowance is not enough"):
        signer.post(signer.sign())  # the next thing that a new wallet lacks


def test_eoa_that_is_not_allowlisted_is_sent_to_the_deposit_wallet(mock_clob: MockClob) -> None:
    mock_clob.reset(chain=False)
    mock_clob.call(lambda: mock_clob.venue.wallets.refuse_eoa(ALICE.address))
    as_itself = py_clob_client_v2(mock_clob, 2, 0, ALICE)
    as_wallet = py_clob_client_v2(mock_clob, 2, 3, ALICE)

    with pytest.raises(
        PolyApiException, match="maker address not allowed, please use the deposit wallet flow"
    ):
        as_itself.post(as_itself.sign())
    assert as_wallet.post(as_wallet.sign())[0]


def test_deposit_wallet_on_exchange_1_is_an_invalid_payload(mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=1, chain=False)
    signer = py_clob_client(mock_clob, 1, 2, ALICE)
    order = signer.wire(signer.sign())

    with pytest.raises(Rejected, match="Invalid order payload"):
        parse(order | {"signatureType": 3})


def test_registered_wallet_at_an_address_of_its_own_trades(mock_clob: MockClob) -> None:
    mock_clob.reset(chain=False)
    safe = "0x1111111111111111111111111111111111111111"
    signer = py_clob_client_v2(mock_clob, 2, SAFE, ALICE, safe)

    def register() -> None:
        mock_clob.venue.wallets.register(safe, SAFE, ALICE.address)

    mock_clob.call(register)

    with pytest.raises(PolyApiException, match="not enough balance / allowance"):
        signer.post(signer.sign())


# Session keys


def test_session_key_wraps_what_it_signs_and_the_owner_does_not() -> None:
    wallets = Wallets([ALICE.address])
    wallet = derivation.deposit_wallet(ALICE.address).lower()
    key = BOB.address.lower()
    wallets.authorize(SessionKey(wallet, key, ("CLOB",), NOW + 10))

    wallets.check_signer(key, _order_of(wallet), NOW)
    with pytest.raises(Rejected, match="the address of the API KEY"):
        wallets.check_signer(key, _order_of(wallet), NOW + 10)  # expired
    wallets.revoke(key)
    with pytest.raises(Rejected, match="the address of the API KEY"):
        wallets.check_signer(key, _order_of(wallet), NOW)


def test_session_key_of_other_scopes_does_not_trade() -> None:
    wallets = Wallets([ALICE.address])
    wallet = derivation.deposit_wallet(ALICE.address).lower()
    wallets.authorize(SessionKey(wallet, BOB.address.lower(), ("COMBOSRFQ",), NOW + 10))

    with pytest.raises(Rejected, match="the address of the API KEY"):
        wallets.check_signer(BOB.address.lower(), _order_of(wallet), NOW)


def test_broken_wrapping_is_no_signature() -> None:
    plain = bytes(range(65))
    text = theirs.wrap_deposit_wallet_session_signer_signature(
        EvmAddress(BOB.address), HexString("0x" + plain.hex())
    )
    wrapped = bytes.fromhex(text[2:])

    assert unwrapped(plain) == ("", plain)
    assert unwrapped(wrapped) == (BOB.address.lower(), plain)
    for broken in (wrapped[32:], wrapped[:96] + wrapped[-64:], b"\1" + wrapped[1:]):
        assert unwrapped(broken) == ("", b"")
    for at in (40, 70, 100, 127, 200):
        flipped = bytearray(wrapped)
        flipped[at] ^= 1
        assert unwrapped(bytes(flipped))[1] != plain


def _order_of(wallet: str) -> SignedOrder:
    return SignedOrder(2, 1, wallet, wallet, "1", 1, 1, Side.BUY, DEPOSIT, 0, b"")
