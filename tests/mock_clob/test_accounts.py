"""The mock's accounts are the public ones, and none of their keys shows up by accident."""

from __future__ import annotations

from eth_account import Account

from mock_clob.accounts import ACCOUNTS

MNEMONIC = "test test test test test test test test test test test junk"


def test_accounts_are_those_of_the_public_mnemonic() -> None:
    Account.enable_unaudited_hdwallet_features()
    derived = [
        Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
        for index in range(10)
    ]

    assert [account.index for account in ACCOUNTS] == list(range(10))
    assert [account.address for account in ACCOUNTS] == [account.address for account in derived]
    assert [account.key for account in ACCOUNTS] == [account.key.to_0x_hex() for account in derived]
