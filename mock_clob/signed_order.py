"""An order as a client signs it: parsed from the wire, hashed by EIP-712, its signer recovered.

The order's hash is its id, so it is known before the order is sent. Three editions:
1 (py-clob-client, the venue until 2026-04-28), 2 (CLOB V2), 3 (Protocol V2 position ids: the
struct of 2 under domain version "3"). Type strings are those of the installed clients.
In editions 2 and 3 `expiration` is of the wire only: no signature covers it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from coincurve import PublicKey
from eth_hash.auto import keccak

from mock_clob import strict_json
from mock_clob.contracts import Contracts
from mock_clob.model import Side
from mock_clob.position_ids import is_position_id
from mock_clob.rules import Rejected

_STRUCT_1 = (
    b"Order(uint256 salt,address maker,address signer,address taker,uint256 tokenId,"
    b"uint256 makerAmount,uint256 takerAmount,uint256 expiration,uint256 nonce,"
    b"uint256 feeRateBps,uint8 side,uint8 signatureType)"
)
STRUCT_2 = (
    b"Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,"
    b"uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,"
    b"bytes32 builder)"
)
_DOMAIN = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_NAME = keccak(b"Polymarket CTF Exchange")
_TYPE_HASH = {1: keccak(_STRUCT_1), 2: keccak(STRUCT_2), 3: keccak(STRUCT_2)}

_FIELDS_1 = {"taker", "nonce", "feeRateBps"}
_FIELDS_2 = {"timestamp", "metadata", "builder"}
_UINT256 = 1 << 256
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_LAST_SIGNATURE_TYPE = {1: 2, 2: 3}  # deposit wallets came with exchange 2


@dataclass(frozen=True)
class SignedOrder:
    """The signed fields. Amounts in base units of 1e-6; `expiration` in Unix seconds."""

    edition: int  # 1, or 2 for the struct that 2 and 3 share
    salt: int
    maker: str
    signer: str
    token_id: str
    maker_amount: int
    taker_amount: int
    side: Side
    signature_type: int
    expiration: int
    signature: bytes
    taker: str = "0x" + "0" * 40
    nonce: int = 0
    fee_rate_bps: int = 0
    timestamp: int = 0
    metadata: bytes = bytes(32)
    builder: bytes = bytes(32)


def parse(wire: Any) -> SignedOrder:
    """The `order` object of POST /order. Raises Rejected("payload") on any malformed field."""
    try:
        names = set(wire)
        edition = 1 if names >= _FIELDS_1 else 2
        if edition == 2 and not names >= _FIELDS_2:
            raise ValueError("neither struct")
        if _number(wire["signatureType"]) > _LAST_SIGNATURE_TYPE[edition]:
            raise ValueError("no such signature type")
        common: dict[str, Any] = {
            "edition": edition,
            "salt": _number(wire["salt"]),
            "maker": _address(wire["maker"]),
            "signer": _address(wire["signer"]),
            "token_id": str(_uint(wire["tokenId"])),
            "maker_amount": _uint(wire["makerAmount"]),
            "taker_amount": _uint(wire["takerAmount"]),
            "side": Side(wire["side"]),
            "signature_type": _number(wire["signatureType"]),
            "expiration": _uint(wire["expiration"]),
            "signature": _bytes(wire["signature"]),
        }
        if edition == 1:
            return SignedOrder(
                **common,
                taker=_address(wire["taker"]),
                nonce=_uint(wire["nonce"]),
                fee_rate_bps=_uint(wire["feeRateBps"]),
            )
        return SignedOrder(
            **common,
            timestamp=_uint(wire["timestamp"]),
            metadata=_bytes32(wire["metadata"]),
            builder=_bytes32(wire["builder"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Rejected("payload") from None


def order_hash(order: SignedOrder, exchange: int, chain_id: int, contract: str) -> bytes:
    """The EIP-712 digest of the order; as 0x hex it is the order's id."""
    return keccak(
        b"\x19\x01" + domain_separator(exchange, chain_id, contract) + struct_hash(order, exchange)
    )


def struct_hash(order: SignedOrder, exchange: int) -> bytes:
    """EIP-712's hashStruct of the order."""
    words: tuple[int | str | bytes, ...]
    if exchange == 1:
        words = (
            order.salt,
            order.maker,
            order.signer,
            order.taker,
            int(order.token_id),
            order.maker_amount,
            order.taker_amount,
            order.expiration,
            order.nonce,
            order.fee_rate_bps,
            order.side is Side.SELL,
            order.signature_type,
        )
    else:
        words = (
            order.salt,
            order.maker,
            order.signer,
            int(order.token_id),
            order.maker_amount,
            order.taker_amount,
            order.side is Side.SELL,
            order.signature_type,
            order.timestamp,
            order.metadata,
            order.builder,
        )
    return keccak(_TYPE_HASH[exchange] + b"".join([_word(word) for word in words]))


def recover(digest: bytes, signature: bytes) -> str:
    """The lower-case address that signed `digest`; "" when the signature is not one.

    Of the two forms that a signature has, the one with the higher `s` is none (EIP-2).
    """
    if len(signature) != 65 or signature[64] not in (27, 28):
        return ""
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        return ""
    try:
        key = PublicKey.from_signature_and_message(
            signature[:64] + bytes([signature[64] - 27]), digest, hasher=None
        )
    except Exception:  # coincurve raises a bare Exception for an impossible signature
        return ""
    return "0x" + keccak(key.format(compressed=False)[1:])[-20:].hex()


def exchange_of(options_exchange: int, token_id: str) -> int:
    """The exchange that a token trades on: position ids on 3, the others on 1 or 2."""
    return 3 if is_position_id(token_id) else min(options_exchange, 2)


def exchange_contract(contracts: Contracts, exchange: int, neg_risk: bool) -> str:
    """The contract an order of this edition is signed for."""
    if exchange == 1:
        return contracts.neg_risk_exchange_v1 if neg_risk else contracts.exchange_v1
    if exchange == 2:
        return contracts.neg_risk_exchange_v2 if neg_risk else contracts.exchange_v2
    return contracts.exchange_v3


def parse_json(body: bytes) -> Any:
    """The JSON of a request's body. Raises Rejected("payload")."""
    try:
        return strict_json.loads(body)
    except ValueError:
        raise Rejected("payload") from None


@cache
def domain_separator(exchange: int, chain_id: int, contract: str) -> bytes:
    return keccak(
        keccak(_DOMAIN)
        + _NAME
        + keccak(str(exchange).encode())
        + chain_id.to_bytes(32, "big")
        + _word(contract)
    )


def _word(value: int | str | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return bytes(12) + bytes.fromhex(value[2:])
    return int(value).to_bytes(32, "big")


def _uint(value: Any) -> int:
    """An amount, which the clients send as a decimal string."""
    if type(value) is not str or not (value.isascii() and value.isdigit()):
        raise ValueError(value)
    return _number(int(value))


def _number(value: Any) -> int:
    """salt and signatureType, which the clients send as JSON numbers."""
    if type(value) is not int or not 0 <= value < _UINT256:
        raise ValueError(value)
    return value


def _address(value: Any) -> str:
    raw = _bytes(value)
    if len(raw) != 20:
        raise ValueError(value)
    return "0x" + raw.hex()


def _bytes32(value: Any) -> bytes:
    raw = _bytes(value)
    if len(raw) != 32:
        raise ValueError(value)
    return raw


def _bytes(value: Any) -> bytes:
    if not value.startswith("0x"):
        raise ValueError(value)
    return bytes.fromhex(value[2:])
