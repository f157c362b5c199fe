"""Public profiles: a seeded table, one for each test account. Nobody can change them."""

from __future__ import annotations

from dataclasses import dataclass

from mock_clob.accounts import ACCOUNTS

CREATED = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Profile:
    address: str  # EIP-55
    id: int
    name: str
    pseudonym: str
    bio: str = ""
    verified: bool = False
    creator: bool = False


def _profile(index: int, address: str) -> Profile:
    roles = {8: ("house", "House-Quotes"), 9: ("operator", "Settlement-Operator")}
    name, pseudonym = roles.get(index, (f"test-account-{index}", f"Test-Account-{index}"))
    bio = f"Account {index} of mock-clob."
    return Profile(address, index + 1, name, pseudonym, bio, index == 8, index == 8)


PROFILES = {
    account.address.lower(): _profile(account.index, account.address) for account in ACCOUNTS
}


def profile_of(address: str) -> Profile | None:
    return PROFILES.get(address.lower())
