"""Who may use the relayer: by a relayer key, or by a builder's key.

A relayer key is made on the venue's site and has no route; here each test account has one.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from mock_clob.builders import Builders
from mock_clob.rules import Rejected


@dataclass(frozen=True)
class Caller:
    """Lower-case address. A builder may send for others, the holder of a relayer key may not."""

    address: str
    builder: bool


def relayer_api_key(address: str) -> str:
    """The key of a test account, for polymarket's RelayerApiKey(key=, address=)."""
    digest = hashlib.sha256(f"mock-clob relayer {address.lower()}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def caller(
    builders: Builders,
    accounts: frozenset[str],
    headers: Mapping[str, str],
    method: str,
    path: str,
    body: bytes,
    now: float,
) -> Caller:
    """Raises Rejected("relayer_key"). `path` as the client signs it, without prefix and query."""
    if Builders.signs(headers):
        try:
            return Caller(builders.sender(headers, method, path, body, now).address, builder=True)
        except Rejected:
            raise Rejected("relayer_key") from None
    address = headers.get("relayer_api_key_address", "").lower()
    given = headers.get("relayer_api_key", "")
    if address not in accounts or not hmac.compare_digest(
        given.encode(), relayer_api_key(address).encode()
    ):
        raise Rejected("relayer_key")
    return Caller(address, builder=False)
