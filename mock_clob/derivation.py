"""Where a signer's wallets stand: the addresses that the venue's factories give them (CREATE2).

A wallet's address is known before it is deployed. Factories and code are those that
polymarket-client derives with; for Amoy none are published, so Polygon's are used there too.
"""

from __future__ import annotations

from functools import cache

from eth_hash.auto import keccak

from mock_clob.addresses import checksum

PROXY_FACTORY = "0xaB45c5A4B0c941a2F231C04C3f49182e1A254052"
PROXY_IMPLEMENTATION = "0x44e999d5c2F66Ef0861317f9A4805AC2e90aEB4f"
SAFE_FACTORY = "0xaacFeEa03eb1561C4e67d661e40682Bd20E3541b"
SAFE_CODE_HASH = bytes.fromhex("2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf")
DEPOSIT_FACTORY = "0x00000000000Fb5C9ADea0298D729A0CB3823Cc07"
DEPOSIT_IMPLEMENTATION = "0x58CA52ebe0DadfdF531Cde7062e76746de4Db1eB"
DEPOSIT_BEACON = "0x7A18EDfe055488A3128f01F563e5B479D92ffc3a"


@cache
def proxy_wallet(signer: str) -> str:
    """The EIP-55 address of a signer's proxy wallet (signature type 1)."""
    return _create2(PROXY_FACTORY, keccak(_raw(signer)), keccak(proxy_creation_code()))


@cache
def safe_wallet(signer: str) -> str:
    """The EIP-55 address of a signer's Safe (signature type 2)."""
    return _create2(SAFE_FACTORY, keccak(_word(signer)), SAFE_CODE_HASH)


@cache
def deposit_wallet(signer: str) -> str:
    """The EIP-55 address of a signer's deposit wallet (signature type 3): a beacon proxy."""
    salt = keccak(_word(DEPOSIT_FACTORY) + _word(signer))
    return _create2(DEPOSIT_FACTORY, salt, keccak(deposit_creation_code(signer)))


@cache
def legacy_deposit_wallet(signer: str) -> str:
    """The deposit wallet of accounts made before 2026-06-29: it names its implementation."""
    arguments = _word(DEPOSIT_FACTORY) + _word(signer)
    code = (
        (0x61003D3D8160233D3973 + (len(arguments) << 56)).to_bytes(10, "big")
        + _raw(DEPOSIT_IMPLEMENTATION)
        + bytes.fromhex("60095155f3363d3d373d3d363d7f360894a13ba1a3210667c828492db98dca3e2076")
        + bytes.fromhex("cc3735a920a3ca505d382bbc545af43d6000803e6038573d6000fd5b3d6000f3")
        + arguments
    )
    return _create2(DEPOSIT_FACTORY, keccak(arguments), keccak(code))


def proxy_creation_code() -> bytes:
    """A minimal proxy whose constructor calls the factory's cloneConstructor("")."""
    return (
        bytes.fromhex("3d3d606380380380913d393d73")
        + _raw(PROXY_FACTORY)
        + bytes.fromhex("5af4602a57600080fd5b602d8060366000396000f3363d3d373d3d3d363d73")
        + _raw(PROXY_IMPLEMENTATION)
        + bytes.fromhex("5af43d82803e903d91602b57fd5bf352e831dd")
        + (32).to_bytes(32, "big")
        + bytes(32)
    )


def deposit_creation_code(signer: str) -> bytes:
    """A proxy that asks the beacon for its implementation; factory and owner stand at its end."""
    arguments = _word(DEPOSIT_FACTORY) + _word(signer)
    return (
        (0x6100523D8160233D3973 + (len(arguments) << 56)).to_bytes(10, "big")
        + _raw(DEPOSIT_BEACON)
        + bytes.fromhex("60195155f3363d3d373d3d363d602036600436635c60da")
        + bytes.fromhex("1b60e01b36527fa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6c")
        + bytes.fromhex("b3582b35133d50545afa5036515af43d6000803e604d573d6000fd5b3d6000f3")
        + arguments
    )


def _create2(factory: str, salt: bytes, code_hash: bytes) -> str:
    address = keccak(b"\xff" + _raw(factory) + salt + code_hash)[12:]
    return checksum("0x" + address.hex())


def _raw(address: str) -> bytes:
    return bytes.fromhex(address[2:])


def _word(address: str) -> bytes:
    return bytes(12) + _raw(address)
