"""The bodies that the relayer takes, read into what is to be done. Nothing is trusted yet.

Every reader raises Rejected("relayer_payload") for a missing or malformed field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mock_clob.relayer.signatures import Batch, Call
from mock_clob.rules import Rejected

MAX_CALLS = 64  # as in the contracts
MAX_METADATA = 500  # characters [client]
_ZERO = "0x" + "0" * 40
_UINT256 = 1 << 256


@dataclass(frozen=True)
class SafeRequest:
    safe: str
    to: str
    value: int
    data: bytes
    operation: int
    nonce: int
    signature: bytes


@dataclass(frozen=True)
class ProxyRequest:
    wallet: str
    factory: str
    data: bytes
    nonce: int
    gas_limit: int
    relay: str
    relay_hub: str
    signature: bytes


@dataclass(frozen=True)
class SessionRequest:
    """A session key's authorization, or with `valid_until` 0 its revocation."""

    wallet: str
    session: str
    nonce: int
    deadline: int
    signature: bytes
    scopes: tuple[str, ...] = ()
    valid_until: int = 0


def batch_of(body: Any) -> tuple[Batch, bytes]:
    """A batch and its signature, of type WALLET."""
    given = _object(body, "depositWalletParams")
    calls = given.get("calls")
    if not isinstance(calls, list) or not 1 <= len(calls) <= MAX_CALLS:
        raise _broken("depositWalletParams.calls")
    batch = Batch(
        wallet=address(given, "depositWallet"),
        nonce=number(body, "nonce"),
        deadline=number(given, "deadline"),
        calls=tuple(
            Call(address(call, "target"), number(call, "value"), data(call, "data"))
            for call in calls
        ),
    )
    return batch, data(body, "signature")


def safe_of(body: Any) -> SafeRequest:
    given = _object(body, "signatureParams")
    for field in ("baseGas", "gasPrice", "safeTxnGas"):
        if number(given, field):
            raise _broken(f"signatureParams.{field}")
    for field in ("gasToken", "refundReceiver"):
        if address(given, field) != _ZERO:
            raise _broken(f"signatureParams.{field}")
    operation = number(given, "operation")
    if operation > 1:
        raise _broken("signatureParams.operation")
    return SafeRequest(
        safe=address(body, "proxyWallet"),
        to=address(body, "to"),
        value=number(body, "value") if "value" in body else 0,
        data=data(body, "data"),
        operation=operation,
        nonce=number(body, "nonce"),
        signature=data(body, "signature"),
    )


def proxy_of(body: Any) -> ProxyRequest:
    given = _object(body, "signatureParams")
    for field in ("gasPrice", "relayerFee"):
        if number(given, field):
            raise _broken(f"signatureParams.{field}")
    return ProxyRequest(
        wallet=address(body, "proxyWallet"),
        factory=address(body, "to"),
        data=data(body, "data"),
        nonce=number(body, "nonce"),
        gas_limit=number(given, "gasLimit"),
        relay=address(given, "relay"),
        relay_hub=address(given, "relayHub"),
        signature=data(body, "signature"),
    )


def session_of(body: Any, *, revoking: bool) -> SessionRequest:
    if not isinstance(body, dict):
        raise _broken("body")
    scopes = () if revoking else body.get("scopes")
    if not isinstance(scopes, list | tuple) or not all(isinstance(s, str) and s for s in scopes):
        raise _broken("scopes")
    if not revoking and (not scopes or ("ALL" in scopes and len(scopes) > 1)):
        raise _broken("scopes")
    return SessionRequest(
        wallet=address(body, "walletAddress"),
        session=address(body, "sessionSignerAddress"),
        nonce=number(body, "nonce"),
        deadline=number(body, "deadline"),
        signature=data(body, "signature"),
        scopes=tuple(scopes),
        valid_until=0 if revoking else number(body, "validUntil"),
    )


def metadata_of(body: Any) -> str:
    text = body.get("metadata", "") if isinstance(body, dict) else None
    if not isinstance(text, str) or len(text) > MAX_METADATA:
        raise _broken("metadata")
    return text


def address(given: Any, field: str) -> str:
    """In lower case."""
    content = data(given, field)
    if len(content) != 20:
        raise _broken(field)
    return "0x" + content.hex()


def number(given: Any, field: str) -> int:
    """A decimal string."""
    text = _field(given, field)
    if not (text.isascii() and text.isdigit() and len(text) <= 78 and int(text) < _UINT256):
        raise _broken(field)
    return int(text)


def data(given: Any, field: str) -> bytes:
    text = _field(given, field)
    try:
        if text[:2] != "0x":
            raise ValueError(text)
        return bytes.fromhex(text[2:])
    except ValueError:
        raise _broken(field) from None


def _field(given: Any, field: str) -> str:
    text = given.get(field) if isinstance(given, dict) else None
    if not isinstance(text, str):
        raise _broken(field)
    return text


def _object(body: Any, field: str) -> dict[str, Any]:
    found = body.get(field) if isinstance(body, dict) else None
    if not isinstance(found, dict):
        raise _broken(field)
    return found


def _broken(field: str) -> Rejected:
    return Rejected("relayer_payload", field=field)
