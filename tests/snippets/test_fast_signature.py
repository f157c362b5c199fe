"""order_hash and FastSigner beside the real clients: the same ids and signatures, to the byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from fast_signature import FastSigner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from order_hash import order_hash
from polymarket import SecureClient, SignedOrder
from polymarket._internal.actions.orders.typed_data import (
    build_order_signature,
    build_order_typed_data,
)
from polymarket._internal.actions.orders.types import UnsignedOrder
from polymarket._internal.environment import PRODUCTION_CONFIG

from mock_clob.accounts import ACCOUNTS
from mock_clob.derivation import deposit_wallet, proxy_wallet, safe_wallet
from mock_clob.protocol_v2 import OPEN
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

ALICE = ACCOUNTS[0]
WALLETS = {"EOA": str, "proxy": proxy_wallet, "safe": safe_wallet, "deposit": deposit_wallet}


@pytest.fixture(params=list(WALLETS))
def client(request: pytest.FixtureRequest, mock_clob: MockClob) -> Iterator[SecureClient]:
    mock_clob.reset(exchange=2, chain=False)
    wallet = WALLETS[request.param](ALICE.address)
    with SecureClient.create(private_key=ALICE.key, wallet=wallet) as client:
        yield client


def limit_order(client: SecureClient, token_id: str, **terms: Any) -> SignedOrder:
    price = {"price": "0.01", "size": 10, "side": "BUY"} | terms
    return client.create_limit_order(token_id=token_id, **price)


def tokens(venue: MockClob) -> dict[bool, str]:
    markets = venue.call(lambda: list(venue.venue.engine.markets.values()))
    return {m.neg_risk: m.token_ids[0] for m in markets if not m.closed}


@pytest.mark.parametrize("neg_risk", [False, True])
def test_the_hash_is_the_id_that_the_venue_answers_with(
    client: SecureClient, mock_clob: MockClob, neg_risk: bool
) -> None:
    order = limit_order(client, tokens(mock_clob)[neg_risk])
    reply = client.post_order(order)
    known = order_hash(order, neg_risk)
    assert known != order_hash(order, not neg_risk)
    if order.signature_type in (0, 3):  # wallets that hold collateral in the scenario
        assert reply.ok
    assert not reply.ok or reply.order_id == known


def test_a_position_id_is_signed_for_exchange_3(mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=3, chain=False)
    with SecureClient.create(private_key=ALICE.key, wallet=ALICE.address) as client:
        order = limit_order(client, OPEN.token_ids[0])
        reply = client.post_order(order)
        assert reply.ok
        assert reply.order_id == order_hash(order, neg_risk=False)
        signer = FastSigner(ALICE.key, order, neg_risk=False)
        assert signer.signed(replace(order, signature="0x")) == order


@pytest.mark.parametrize("neg_risk", [False, True])
def test_the_signature_is_the_clients_own(
    client: SecureClient, mock_clob: MockClob, neg_risk: bool
) -> None:
    for terms in ({}, {"side": "SELL"}, {"price": "0.37", "size": "12.34"}, {"post_only": True}):
        order = limit_order(client, tokens(mock_clob)[neg_risk], **terms)
        signer = FastSigner(ALICE.key, order, neg_risk)
        assert signer.signed(replace(order, signature="0x")) == order


def test_an_order_from_the_template_is_accepted(client: SecureClient, mock_clob: MockClob) -> None:
    template = limit_order(client, DOCUMENTED.token_ids[0])
    signer = FastSigner(ALICE.key, template, neg_risk=False)
    first, second = (signer.order(3_900_000, 10_000_000) for _ in range(2))
    assert first.salt != second.salt
    for order in (first, second):
        reply = client.post_order(order)
        assert reply.ok
        assert reply.order_id == order_hash(order, neg_risk=False)


uint = st.integers(0, 2**53 - 1)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    salt=uint,
    timestamp=uint,
    amounts=st.tuples(uint, uint),
    builder=st.binary(min_size=32, max_size=32),
    side=st.sampled_from(["BUY", "SELL"]),
)
def test_any_order_has_the_signature_that_the_clients_functions_make(
    client: SecureClient,
    salt: int,
    timestamp: int,
    amounts: tuple[int, int],
    builder: bytes,
    side: Any,
) -> None:
    template = limit_order(client, DOCUMENTED.token_ids[0])
    order = replace(
        template,
        salt=salt,
        timestamp=timestamp,
        maker_amount=amounts[0],
        taker_amount=amounts[1],
        builder="0x" + builder.hex(),
        side=side,
    )
    unsigned = _unsigned(order)
    made = Account.sign_typed_data(ALICE.key, full_message=build_order_typed_data(unsigned))
    theirs = build_order_signature(unsigned, made.signature.to_0x_hex())
    assert FastSigner(ALICE.key, template, False).signed(order).signature == theirs


def _unsigned(order: SignedOrder) -> Any:
    names = set(UnsignedOrder.__dataclass_fields__)
    known = {name: getattr(order, name) for name in names if hasattr(order, name)}
    return UnsignedOrder(
        **known
        | {
            "chain_id": 137,
            "exchange_address": PRODUCTION_CONFIG.standard_exchange,
            "protocol_version": "2",
        }
    )
