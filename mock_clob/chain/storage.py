"""Accounts as py-evm's genesis takes them, and what stands in their storage."""

from __future__ import annotations

from typing import TypedDict

from mock_clob.chain.artefacts import artefact

Storage = dict[int, int]


class Account(TypedDict):
    balance: int
    nonce: int
    code: bytes
    storage: Storage


def account(code: str | bytes = b"", storage: Storage | None = None, balance: int = 0) -> Account:
    """`code` is bytes or the name of a contract."""
    if isinstance(code, str):
        code = artefact(code).code
    return {
        "balance": balance,
        "nonce": 1 if code else 0,  # EIP-161: a contract's nonce begins at 1
        "code": code,
        "storage": storage or {},
    }


def addresses(contract: str, **given: str) -> Storage:
    """Variables that hold an address."""
    slots = artefact(contract).slots
    return {slots[variable]: int(address[2:] or "0", 16) for variable, address in given.items()}


def long_bytes(slot: int, content: bytes) -> Storage:
    """A variable of type Bytes or String: its length, then the content from the next slot on."""
    words = [content[at : at + 32].ljust(32, b"\0") for at in range(0, len(content), 32)]
    return {slot: len(content)} | {
        slot + 1 + index: int.from_bytes(part, "big") for index, part in enumerate(words)
    }
