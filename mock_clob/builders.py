"""Builders: their API keys, their codes, the fees they charge, the trades they brought.

Until CLOB V2 an order was a builder's when its request carried POLY_BUILDER_* headers; since then
the order itself carries the builder's code, 32 bytes. Both lead to the same list of trades.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from mock_clob.auth import request_signature
from mock_clob.rules import AUTH_SKEW_SECONDS, Rejected

NO_BUILDER = "0x" + "0" * 64
_CODE = re.compile(r"0x[0-9a-f]{64}")
_HEADERS = ("poly_builder_api_key", "poly_builder_signature", "poly_builder_timestamp")


@dataclass
class BuilderKey:
    """`secret` is url-safe base64 of 32 bytes; times are Unix ms, `revoked_ms` 0 while it holds."""

    address: str  # lower case
    key: str
    secret: str
    passphrase: str
    created_ms: int
    revoked_ms: int = 0


@dataclass(frozen=True)
class BuilderFees:
    """What a builder takes on top of the venue's fees, in basis points."""

    maker_bps: int = 0
    taker_bps: int = 0


class Builders:
    def __init__(self) -> None:
        self._keys: dict[str, BuilderKey] = {}
        self._fees: dict[str, BuilderFees] = {}

    # Keys

    def create_key(self, address: str, now_ms: int) -> BuilderKey:
        """One more key: an address may have several."""
        seed = f"mock-clob builder {address} {len(self._keys)}"
        digest = hashlib.sha512(seed.encode()).digest()
        made = BuilderKey(
            address=address,
            key=str(uuid.UUID(bytes=digest[:16], version=4)),
            secret=base64.urlsafe_b64encode(digest[16:48]).decode(),
            passphrase=hashlib.sha256(digest).hexdigest(),
            created_ms=now_ms,
        )
        self._keys[made.key] = made
        return made

    def keys_of(self, address: str) -> list[BuilderKey]:
        return [key for key in self._keys.values() if key.address == address]

    def revoke_all(self, address: str, now_ms: int) -> None:
        """Raises Rejected("delete_key") when no key is left to revoke."""
        holding = [key for key in self.keys_of(address) if not key.revoked_ms]
        if not holding:
            raise Rejected("delete_key")
        for key in holding:
            key.revoked_ms = now_ms

    def sender(
        self, headers: Mapping[str, str], method: str, path: str, body: bytes, now: float
    ) -> BuilderKey:
        """The key that signed this request. Raises Rejected("api_key")."""
        try:
            name, signature, timestamp = (headers[header] for header in _HEADERS)
            fresh = abs(now - int(timestamp)) <= AUTH_SKEW_SECONDS
            key = self._keys[name]
            passphrase = headers["poly_builder_passphrase"]
        except (KeyError, ValueError, OverflowError):
            raise Rejected("api_key") from None
        wanted = request_signature(key.secret, timestamp, method, path, body)
        if (
            not fresh
            or key.revoked_ms
            or not hmac.compare_digest(signature.encode(), wanted)
            or not hmac.compare_digest(passphrase.encode(), key.passphrase.encode())
        ):
            raise Rejected("api_key")
        return key

    @staticmethod
    def signs(headers: Mapping[str, str]) -> bool:
        """Whether a request says that it is a builder's."""
        return "poly_builder_api_key" in headers

    # Codes and fees

    @staticmethod
    def code_of(address: str) -> str:
        """The code of a builder. The venue issues them; here each address has its own."""
        return "0x" + hashlib.sha256(f"mock-clob builder {address.lower()}".encode()).hexdigest()

    def set_fees(self, code: str, *, maker_bps: int = 0, taker_bps: int = 0) -> None:
        """Told to whoever asks; the venue's own fees do not change. Raises Rejected."""
        self._fees[builder_code(code)] = BuilderFees(maker_bps, taker_bps)

    def fees(self, code: str) -> BuilderFees:
        """No fees for a code that has set none: what the venue says of it is not established."""
        return self._fees.get(builder_code(code), BuilderFees())


def builder_code(text: str) -> str:
    """A code in lower case. Raises Rejected("builder_code"), for the zero code too."""
    code = text.lower()
    if not _CODE.fullmatch(code) or code == NO_BUILDER:
        raise Rejected("builder_code")
    return code
