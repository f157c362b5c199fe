"""Addresses as people read them: EIP-55, hex whose letters carry a checksum in their case."""

from __future__ import annotations

from functools import lru_cache

from eth_hash.auto import keccak


@lru_cache(maxsize=4_096)
def checksum(address: str) -> str:
    """A 0x address of any case in EIP-55. Raises ValueError for what is none.

    Our own, because the usual one takes longer to import than the rest of the venue.
    """
    digits = address.lower().removeprefix("0x")
    if len(bytes.fromhex(digits)) != 20 or len(address) != 42:
        raise ValueError(f"no address: {address!r}")
    chosen = keccak(digits.encode()).hex()
    return "0x" + "".join(
        letter.upper() if mark >= "8" else letter
        for letter, mark in zip(digits, chosen, strict=False)
    )
