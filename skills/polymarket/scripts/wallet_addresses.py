"""The addresses of the wallets that a key can have, computed from its own: no request is made.

CREATE2 with the factories and creation codes of polymarket-client 0.14 (2026-10-21), Polygon.
"""

from collections.abc import Callable

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

PROXY_FACTORY = "0xaB45c5A4B0c941a2F231C04C3f49182e1A254052"
PROXY_CODE_HASH = "d21df8dc65880a8606f09fe0ce3df9b8869287ab0b058be05aa9e8af6330a00b"
SAFE_FACTORY = "0xaacFeeA03eb1561C4e67d661e40682Bd20E3541b"
SAFE_CODE_HASH = "2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf"
DEPOSIT_FACTORY = "0x00000000000Fb5C9ADea0298D729A0CB3823Cc07"
DEPOSIT_BEACON = "0x7A18EDfe055488A3128f01F563e5B479D92ffc3a"
# A beacon proxy: 0x52 bytes of code, and 64 of arguments behind them.
BEACON_PROXY = (
    "6100923d8160233d3973",
    (
        "60195155f3363d3d373d3d363d602036600436635c60da"
        "1b60e01b36527fa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6c"
        "b3582b35133d50545afa5036515af43d6000803e604d573d6000fd5b3d6000f3"
    ),
)


def proxy_wallet(signer: str) -> str:
    """Signature type 1. Checksummed, as all here."""
    return _create2(PROXY_FACTORY, keccak(_raw(signer)), bytes.fromhex(PROXY_CODE_HASH))


def safe_wallet(signer: str) -> str:
    """Signature type 2."""
    return _create2(SAFE_FACTORY, keccak(_word(signer)), bytes.fromhex(SAFE_CODE_HASH))


def deposit_wallet(signer: str) -> str:
    """Signature type 3. A few accounts made before 2026-06-29 have theirs elsewhere."""
    arguments = _word(DEPOSIT_FACTORY) + _word(signer)
    head, tail = (bytes.fromhex(part) for part in BEACON_PROXY)
    code = head + _raw(DEPOSIT_BEACON) + tail + arguments
    return _create2(DEPOSIT_FACTORY, keccak(arguments), keccak(code))


KINDS: dict[str, Callable[[str], str]] = {
    "0 EOA": to_checksum_address,
    "1 proxy wallet": proxy_wallet,
    "2 Safe": safe_wallet,
    "3 deposit wallet": deposit_wallet,
}


def _create2(factory: str, salt: bytes, code_hash: bytes) -> str:
    return to_checksum_address(keccak(b"\xff" + _raw(factory) + salt + code_hash)[12:])


def _raw(address: str) -> bytes:
    return bytes.fromhex(address.removeprefix("0x"))


def _word(address: str) -> bytes:
    return _raw(address).rjust(32, b"\0")
