"""An authenticated polymarket-client, the client that trades today, set up from the environment.

POLYMARKET_PRIVATE_KEY  the key that signs
POLYMARKET_FUNDER       the wallet that holds the money; unset: the key's deposit wallet
"""

from account_settings import funder, private_key
from polymarket import SecureClient, UserInputError


def secure_client() -> SecureClient:
    """A client that may trade. It finds the wallet's kind, and with it the signature type.

    Raises SystemExit, in one line, when a variable is missing or wrong.
    """
    key, wallet = private_key(), funder()
    try:
        return SecureClient.create(private_key=key, wallet=wallet)
    except UserInputError as error:
        raise SystemExit(f"no wallet to act for, check POLYMARKET_FUNDER: {error}") from None


if __name__ == "__main__":
    with secure_client() as client:
        print("signer", client.signer)
        print("wallet", client.wallet, client.wallet_type)
        print("API keys:", len(client.fetch_api_keys()))
        balance = client.get_balance_allowance(asset_type="COLLATERAL")
        print("pUSD, base units:", balance.balance)
