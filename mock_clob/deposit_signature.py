"""Signatures of deposit wallets (signature type 3): ERC-1271 with the nesting of ERC-7739.

The owner signs TypedDataSign(Order contents, ...wallet's domain) under the exchange's domain.
On the wire: 65 bytes, the exchange's domain separator, the order's struct hash, the order's type
and its length in 2 bytes. A session key wraps all of it: abi.encode(signer, 0, bytes), magic.
Forms: py_clob_client_v2 exchange_order_builder_v2, polymarket _internal/wallet.
"""

from __future__ import annotations

from eth_hash.auto import keccak

from mock_clob.signed_order import STRUCT_2, SignedOrder, domain_separator, recover, struct_hash

_TYPE_HASH = keccak(
    b"TypedDataSign(Order contents,string name,string version,uint256 chainId,"
    b"address verifyingContract,bytes32 salt)" + STRUCT_2
)
_NAME, _VERSION = keccak(b"DepositWallet"), keccak(b"1")
_TRAILER = STRUCT_2 + len(STRUCT_2).to_bytes(2, "big")
_SESSION_MAGIC = bytes.fromhex("6492" * 16)


def order_signer(order: SignedOrder, exchange: int, chain_id: int, contract: str) -> str:
    """The lower-case address whose key signed for the wallet `order.maker`; "" where none did."""
    domain = domain_separator(exchange, chain_id, contract)
    contents = struct_hash(order, exchange)
    session, signature = unwrapped(order.signature)
    if signature[65:] != domain + contents + _TRAILER:
        return ""
    nested = keccak(
        _TYPE_HASH
        + contents
        + _NAME
        + _VERSION
        + chain_id.to_bytes(32, "big")
        + bytes.fromhex(order.maker[2:]).rjust(32, b"\0")
        + bytes(32)
    )
    signer = recover(keccak(b"\x19\x01" + domain + nested), signature[:65])
    return signer if session in ("", signer) else ""


def unwrapped(signature: bytes) -> tuple[str, bytes]:
    """(session key or "", the signature inside). A broken wrapping gives no signature."""
    if not signature.endswith(_SESSION_MAGIC):
        return "", signature
    session, zero, offset, size = (signature[at : at + 32] for at in range(0, 128, 32))
    inner = signature[128 : 128 + min(int.from_bytes(size, "big"), len(signature))]
    padded = inner.ljust(-(-len(inner) // 32) * 32, b"\0")
    whole = session[:12] + offset + size + padded + _SESSION_MAGIC
    wanted = bytes(12) + (96).to_bytes(32, "big") + len(inner).to_bytes(32, "big")
    if whole != wanted + signature[128:] or zero != bytes(32):
        return "", b""
    return "0x" + session[12:].hex(), inner
