"""Wallets at block 0: the factories, the code that wallets run, and the deployed wallets."""

from __future__ import annotations

from collections.abc import Iterable

from mock_clob import derivation
from mock_clob.chain.artefacts import artefact, raw
from mock_clob.chain.storage import Account, Storage, account, addresses, long_bytes
from mock_clob.wallets import DEPOSIT, PROXY, SAFE

_BEACON_SLOT = 0xA3F0AD74E5423AEBFD80D3EF4346578335A9A72AEAEE59FF6CB3582B35133D50  # ERC-1967
# Where the code begins that a proxy's creation code leaves behind.
_DEPOSIT_RUNTIME = slice(35, None)
_PROXY_RUNTIME = slice(54, 54 + 45)

Deployed = tuple[int, str, str]  # signature type, wallet, owner


def factories(operator: str) -> dict[bytes, Account]:
    """Factories, implementations and the beacon, at the addresses that clients derive from."""
    proxy_factory = addresses("ProxyFactory", operator=operator)
    code_slot = artefact("ProxyFactory").slot("creationCode")
    proxy_factory |= long_bytes(code_slot, derivation.proxy_creation_code())
    found = {
        derivation.PROXY_FACTORY: account("ProxyFactory", proxy_factory),
        derivation.PROXY_IMPLEMENTATION: account("ProxyWallet"),
        derivation.DEPOSIT_FACTORY: account(
            "DepositWalletFactory",
            addresses("DepositWalletFactory", operator=operator, BEACON=derivation.DEPOSIT_BEACON),
        ),
        derivation.DEPOSIT_BEACON: account(
            "Beacon", addresses("Beacon", implementation=derivation.DEPOSIT_IMPLEMENTATION)
        ),
        derivation.DEPOSIT_IMPLEMENTATION: account("DepositWallet"),
    }
    return {raw(address): made for address, made in found.items()}


def deployed(wallets: Iterable[Deployed]) -> dict[bytes, Account]:
    return {raw(wallet): _WALLET[kind](owner) for kind, wallet, owner in wallets}


def _proxy(owner: str) -> Account:
    code = derivation.proxy_creation_code()[_PROXY_RUNTIME]
    return account(code, addresses("ProxyWallet", factory=derivation.PROXY_FACTORY))


def _safe(owner: str) -> Account:
    return account("Safe", addresses("Safe", owner=owner))


def _deposit(owner: str) -> Account:
    storage: Storage = addresses("DepositWallet", owner=owner, factory=derivation.DEPOSIT_FACTORY)
    storage[_BEACON_SLOT] = int(derivation.DEPOSIT_BEACON, 16)
    return account(derivation.deposit_creation_code(owner)[_DEPOSIT_RUNTIME], storage)


_WALLET = {PROXY: _proxy, SAFE: _safe, DEPOSIT: _deposit}
