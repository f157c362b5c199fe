"""A client of the key's deposit wallet, which is deployed through the relayer if it is missing."""

from account_settings import private_key
from eth_account import Account
from polymarket import BuilderApiKey, SecureClient


def new_builder_key() -> BuilderApiKey:
    """A key for the relayer. Store it like a password: every call makes one more."""
    key = private_key()
    with SecureClient.create(private_key=key, wallet=Account.from_key(key).address) as client:
        return client.create_builder_api_key()


def deposit_wallet_client(relayer: BuilderApiKey) -> SecureClient:
    """RequestRejectedError: the relayer refuses. TimeoutError: not deployed yet, try again."""
    return SecureClient.create(private_key=private_key(), api_key=relayer)


if __name__ == "__main__":
    with deposit_wallet_client(new_builder_key()) as client:
        print(client.wallet_type, client.wallet)
        client.revoke_builder_api_key()  # this one was for the example
