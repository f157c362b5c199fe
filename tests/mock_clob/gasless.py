"""What the tests of gasless wallets share: the client, the relayer, the chain's figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from polymarket import RelayerApiKey, SecureClient

from mock_clob.accounts import ACCOUNTS, Account
from mock_clob.contracts import CONTRACTS
from mock_clob.derivation import deposit_wallet, proxy_wallet, safe_wallet
from mock_clob.pytest_plugin import MockClob
from mock_clob.relayer.keys import relayer_api_key

C = CONTRACTS[137]
ALICE, BOB = ACCOUNTS[0], ACCOUNTS[1]
GASLESS = [deposit_wallet, proxy_wallet, safe_wallet]
EVERY_WALLET: list[Callable[[str], str]] = [str, *GASLESS]
RELAYER = "https://relayer-v2.polymarket.com"
Connect = Callable[..., Any]


def connecting(mock_clob: MockClob) -> Iterator[Connect]:
    """connect(account, wallet): today's client with the account's relayer key."""
    mock_clob.reset()
    made: list[Any] = []

    def make(account: Account = ALICE, wallet: str | None = None, **options: Any) -> Any:
        key = RelayerApiKey(key=relayer_api_key(account.address), address=account.address)
        options = {"api_key": key} | options
        client = SecureClient.create(private_key=account.key, wallet=wallet, **options)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


def headers(account: Account = ALICE) -> dict[str, str]:
    return {
        "RELAYER_API_KEY": relayer_api_key(account.address),
        "RELAYER_API_KEY_ADDRESS": account.address,
    }


def refresh(client: Any) -> None:
    """Have the CLOB look at the wallet's pUSD again."""
    kind = {"EOA": 0, "POLY_PROXY": 1, "GNOSIS_SAFE": 2, "DEPOSIT_WALLET": 3}[client.wallet_type]
    client._ctx.secure_clob.get_bytes(
        "/balance-allowance/update",
        params={"asset_type": "COLLATERAL", "signature_type": kind},
    )


def on_chain(mock_clob: MockClob, wallet: str, token: str = C.pusd) -> int:
    chain = mock_clob.venue.chain
    assert chain is not None
    return chain.balance(token, wallet)
