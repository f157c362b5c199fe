"""Orders as the real clients sign them: parsed, hashed and attributed to their signer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from py_clob_client.clob_types import CreateOrderOptions, OrderArgs
from py_clob_client.order_builder.builder import OrderBuilder as OrderBuilderV1
from py_clob_client.signer import Signer as SignerV1
from py_clob_client_v2.order_utils.exchange_order_builder_v2 import ExchangeOrderBuilderV2
from py_clob_client_v2.order_utils.model.order_data_v2 import OrderDataV2, order_to_json_v2
from py_clob_client_v2.order_utils.model.side import Side as SideV2
from py_clob_client_v2.order_utils.model.signature_type_v2 import SignatureTypeV2
from py_clob_client_v2.signer import Signer as SignerV2

from mock_clob.accounts import ACCOUNTS
from mock_clob.contracts import CONTRACTS
from mock_clob.model import Side
from mock_clob.rules import Rejected
from mock_clob.scenario import DOCUMENTED
from mock_clob.signed_order import exchange_contract, order_hash, parse, parse_json, recover

ALICE = ACCOUNTS[0]
YES = DOCUMENTED.token_ids[0]
SAFE = "0x1111111111111111111111111111111111111111"


def wire_v1(chain_id: int = 137, neg_risk: bool = False, kind: int = 0, side: str = "BUY") -> Any:
    """The `order` object that py-clob-client sends."""
    builder = OrderBuilderV1(
        SignerV1(ALICE.key, chain_id), sig_type=kind, funder=SAFE if kind else None
    )
    signed = builder.create_order(
        OrderArgs(token_id=YES, price=0.4, size=10, side=side),
        CreateOrderOptions(tick_size="0.01", neg_risk=neg_risk),
    )
    return json.loads(json.dumps(signed.dict()))


def wire_v2(exchange: int, neg_risk: bool = False, kind: int = 0) -> Any:
    """The `order` object that py-clob-client-v2 sends for exchange 2 or 3."""
    contract = exchange_contract(CONTRACTS[137], exchange, neg_risk)
    builder = ExchangeOrderBuilderV2(
        contract, 137, SignerV2(ALICE.key, 137), domain_version=str(exchange)
    )
    signed = builder.build_signed_order(
        OrderDataV2(
            maker=SAFE if kind else ALICE.address,
            tokenId=YES,
            makerAmount="4000000",
            takerAmount="10000000",
            side=SideV2.BUY,
            signer=ALICE.address,
            signatureType=SignatureTypeV2(kind),
        )
    )
    return order_to_json_v2(signed, "owner", "GTC")["order"]


def signer_of(wire: Any, exchange: int, chain_id: int = 137, neg_risk: bool = False) -> str:
    order = parse(wire)
    contract = exchange_contract(CONTRACTS[chain_id], exchange, neg_risk)
    return recover(order_hash(order, exchange, chain_id, contract), order.signature)


@pytest.mark.parametrize("neg_risk", [False, True])
@pytest.mark.parametrize("chain_id", [137, 80002])
@pytest.mark.parametrize("kind", [0, 1, 2])
@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_py_clob_client_order_is_attributed_to_its_signer(
    chain_id: int, neg_risk: bool, kind: int, side: str
) -> None:
    wire = wire_v1(chain_id, neg_risk, kind, side)
    assert signer_of(wire, 1, chain_id, neg_risk) == ALICE.address.lower()
    assert parse(wire).side is Side(side)


@pytest.mark.parametrize("exchange", [2, 3])
@pytest.mark.parametrize("kind", [0, 1, 2])
def test_clob_v2_order_is_attributed_to_its_signer(exchange: int, kind: int) -> None:
    assert signer_of(wire_v2(exchange, kind=kind), exchange) == ALICE.address.lower()


def test_neg_risk_order_is_signed_for_another_contract() -> None:
    assert signer_of(wire_v1(neg_risk=True), 1, neg_risk=False) != ALICE.address.lower()


def test_order_of_another_edition_is_not_the_signers() -> None:
    assert signer_of(wire_v2(2), 3) != ALICE.address.lower()


@pytest.mark.parametrize(
    "field", ["salt", "maker_amount", "taker_amount", "nonce", "fee_rate_bps", "expiration"]
)
def test_one_changed_field_loses_the_signer(field: str) -> None:
    order = parse(wire_v1())
    changed = replace(order, **{field: getattr(order, field) ^ 1})
    contract = exchange_contract(CONTRACTS[137], 1, False)
    assert recover(order_hash(changed, 1, 137, contract), order.signature) != ALICE.address.lower()


@pytest.mark.parametrize("bit", [0, 7, 255, 256, 511, 519])
def test_one_flipped_bit_of_the_signature_loses_the_signer(bit: int) -> None:
    order = parse(wire_v1())
    flipped = bytearray(order.signature)
    flipped[bit // 8] ^= 1 << bit % 8
    contract = exchange_contract(CONTRACTS[137], 1, False)
    digest = order_hash(order, 1, 137, contract)
    assert recover(digest, bytes(flipped)) != ALICE.address.lower()


def test_other_form_of_a_signature_is_none() -> None:
    """(r, n - s) with the other v verifies as well; contracts refuse it, and so does the venue."""
    order = parse(wire_v1())
    digest = order_hash(order, 1, 137, exchange_contract(CONTRACTS[137], 1, False))
    n = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    s = n - int.from_bytes(order.signature[32:64], "big")
    twin = order.signature[:32] + s.to_bytes(32, "big") + bytes([55 - order.signature[64]])

    assert recover(digest, order.signature) == ALICE.address.lower()
    assert recover(digest, twin) == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("salt", "7"),
        ("salt", True),
        ("salt", -1),
        ("makerAmount", 4_000_000),
        ("makerAmount", "-1"),
        ("makerAmount", "1e6"),
        ("makerAmount", "٣"),
        ("makerAmount", str(1 << 256)),
        ("tokenId", ""),
        ("maker", "0x12"),
        ("maker", None),
        ("side", "buy"),
        ("side", 0),
        ("signature", "abc"),
        ("signature", "0xzz"),
        ("signatureType", "0"),
    ],
)
def test_malformed_field_is_an_invalid_payload(field: str, value: Any) -> None:
    with pytest.raises(Rejected, match="Invalid order payload"):
        parse(wire_v1() | {field: value})


@pytest.mark.parametrize("wire", [None, [], "order", 3, {}])
def test_what_is_no_order_is_an_invalid_payload(wire: Any) -> None:
    with pytest.raises(Rejected, match="Invalid order payload"):
        parse(wire)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"NaN", b"[" * 100_000])
def test_body_that_is_no_json_is_an_invalid_payload(body: bytes) -> None:
    with pytest.raises(Rejected, match="Invalid order payload"):
        parse_json(body)
