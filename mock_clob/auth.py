"""Who is asking: L1 (a wallet's EIP-712 signature) and L2 (an API key's HMAC).

The mock knows only its test accounts: it holds no other key, and refuses everybody else by name.
Forms are those of the three clients; platform.md of the facts lists where each was read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from eth_hash.auto import keccak

from mock_clob.rules import AUTH_SKEW_SECONDS, Rejected
from mock_clob.signed_order import recover

_DOMAIN_TYPE = b"EIP712Domain(string name,string version,uint256 chainId)"
_AUTH_TYPE = b"ClobAuth(address address,string timestamp,uint256 nonce,string message)"
_MESSAGE = b"This message attests that I control the given wallet"

STRANGER = (
    "Unauthorized: mock-clob knows only its own test accounts, and {address} is none of them. "
    "Set POLYMARKET_PRIVATE_KEY to a key that `mock-clob serve` prints"
)


class Stranger(Exception):
    """A valid signature of a wallet that is no test account."""

    def __init__(self, address: str) -> None:
        super().__init__(STRANGER.format(address=address))


@dataclass(frozen=True)
class Credentials:
    """One API key. `secret` is url-safe base64 of 32 bytes."""

    address: str  # lower case
    nonce: int
    api_key: str
    secret: str
    passphrase: str
    builder: str = ""  # code of the builder whose headers came along with this request

    def wire(self) -> dict[str, str]:
        return {"apiKey": self.api_key, "secret": self.secret, "passphrase": self.passphrase}


class Keys:
    """The API keys of the venue. Deterministic per (address, nonce), as at the venue."""

    def __init__(self, accounts: frozenset[str], chain_id: int) -> None:
        self.accounts = accounts  # lower-case addresses
        self.chain_id = chain_id
        self._by_key: dict[str, Credentials] = {}
        self._by_owner: dict[tuple[str, int], Credentials] = {}
        self._read_only: dict[str, Credentials] = {}  # read-only key -> the key that made it
        self._read_only_made = 0

    def create(self, address: str, nonce: int) -> Credentials:
        """A new key. Raises Rejected("create_key") when this nonce has one already.

        After a key is deleted its nonce makes the same key again: polymarket-client ends and
        begins a session so, but whether the venue gives the old key is not established.
        """
        if (address, nonce) in self._by_owner:
            raise Rejected("create_key")
        digest = hashlib.sha512(f"mock-clob {self.chain_id} {address} {nonce}".encode()).digest()
        credentials = Credentials(
            address=address,
            nonce=nonce,
            api_key=str(uuid.UUID(bytes=digest[:16], version=4)),
            secret=base64.urlsafe_b64encode(digest[16:48]).decode(),
            passphrase=hashlib.sha256(digest).hexdigest(),
        )
        self._by_owner[address, nonce] = credentials
        self._by_key[credentials.api_key] = credentials
        return credentials

    def derive(self, address: str, nonce: int) -> Credentials:
        """The existing key. Raises Rejected("derive_key") when there is none."""
        try:
            return self._by_owner[address, nonce]
        except KeyError:
            raise Rejected("derive_key") from None

    def delete(self, credentials: Credentials) -> None:
        """Its read-only keys go with it (not established)."""
        self._by_key.pop(credentials.api_key, None)
        self._by_owner.pop((credentials.address, credentials.nonce), None)
        for key, owner in list(self._read_only.items()):
            if owner.api_key == credentials.api_key:
                del self._read_only[key]

    def of(self, address: str) -> list[str]:
        return [key for key, owned in self._by_key.items() if owned.address == address]

    def find(self, api_key: str) -> Credentials | None:
        return self._by_key.get(api_key)

    # Read-only keys: bare names without a secret, sent as POLY_READONLY_API_KEY (form: the
    # examples of py-clob-client 0.34).

    def create_read_only(self, credentials: Credentials) -> str:
        self._read_only_made += 1
        name = f"{credentials.api_key} {self._read_only_made}"
        key = str(uuid.uuid5(uuid.NAMESPACE_OID, name))
        self._read_only[key] = credentials
        return key

    def read_only_of(self, address: str) -> list[str]:
        return [key for key, owner in self._read_only.items() if owner.address == address]

    def delete_read_only(self, address: str, key: str) -> None:
        """Raises Rejected("delete_key") for a key that this address does not have."""
        if key not in self.read_only_of(address):
            raise Rejected("delete_key")
        del self._read_only[key]

    def read_only(self, address: str, key: str) -> Credentials:
        """The credentials whose records a read-only key shows. Raises Rejected("api_key")."""
        owner = self._read_only.get(key)
        if owner is None or owner.address != address.lower():
            raise Rejected("api_key")
        return owner

    def level_1(self, headers: Mapping[str, str], now: float) -> tuple[str, int]:
        """(address, nonce) of a wallet that signed ClobAuth. Raises Rejected or Stranger."""
        try:
            address = headers["poly_address"].lower()
            signature = bytes.fromhex(headers["poly_signature"].removeprefix("0x"))
            timestamp = headers["poly_timestamp"]
            nonce = int(headers["poly_nonce"])
            fresh = abs(now - int(timestamp)) <= AUTH_SKEW_SECONDS
            digest = _auth_digest(address, timestamp, nonce, self.chain_id)
        except (KeyError, ValueError, OverflowError):
            raise Rejected("l1_headers") from None
        if not fresh or recover(digest, signature) != address:
            raise Rejected("l1_headers")
        if address not in self.accounts:
            raise Stranger(address)
        return address, nonce

    def level_2(
        self, headers: Mapping[str, str], method: str, path: str, body: bytes, now: float
    ) -> Credentials:
        """The key that signed this request: path without its query, body as sent.

        Raises Rejected("api_key").
        """
        credentials = self._by_key.get(headers.get("poly_api_key", ""))
        if credentials is None:
            raise Rejected("api_key")
        try:
            timestamp = headers["poly_timestamp"]
            fresh = abs(now - int(timestamp)) <= AUTH_SKEW_SECONDS
            given = headers["poly_signature"].encode()
            passphrase = headers["poly_passphrase"]
            address = headers["poly_address"].lower()
        except (KeyError, ValueError, OverflowError):
            raise Rejected("api_key") from None
        wanted = request_signature(credentials.secret, timestamp, method, path, body)
        if not (
            fresh
            and hmac.compare_digest(given, wanted)
            and hmac.compare_digest(passphrase.encode(), credentials.passphrase.encode())
            and address == credentials.address
        ):
            raise Rejected("api_key")
        return credentials

    def socket(self, auth: object) -> Credentials | None:
        """The key that a user-channel subscription names; None when it does not fit."""
        if not isinstance(auth, dict):
            return None
        credentials = self._by_key.get(str(auth.get("apiKey", "")))
        if credentials is None or auth.get("secret") != credentials.secret:
            return None
        return credentials if auth.get("passphrase") == credentials.passphrase else None


def request_signature(secret: str, timestamp: str, method: str, path: str, body: bytes) -> bytes:
    """The HMAC of a request as every client makes it: the path without its query, the raw body."""
    message = timestamp.encode() + method.encode() + path.encode() + body
    digest = hmac.digest(base64.urlsafe_b64decode(secret), message, "sha256")
    return base64.urlsafe_b64encode(digest)


def _auth_digest(address: str, timestamp: str, nonce: int, chain_id: int) -> bytes:
    domain = keccak(
        keccak(_DOMAIN_TYPE)
        + keccak(b"ClobAuthDomain")
        + keccak(b"1")
        + chain_id.to_bytes(32, "big")
    )
    struct = keccak(
        keccak(_AUTH_TYPE)
        + bytes.fromhex(address.removeprefix("0x")).rjust(32, b"\0")
        + keccak(timestamp.encode())
        + nonce.to_bytes(32, "big")
        + keccak(_MESSAGE)
    )
    return keccak(b"\x19\x01" + domain + struct)
