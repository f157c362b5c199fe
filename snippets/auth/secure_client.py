"""An authenticated polymarket-client, the client that trades today, set up from the environment.

POLYMARKET_PRIVATE_KEY  the key that signs
POLYMARKET_FUNDER       the wallet that holds the money; unset: the key's deposit wallet
"""

import os

from polymarket import SecureClient, UserInputError
from private_key import private_key


def secure_client() -> SecureClient:
    """A client that may trade. It finds the wallet's kind, and with it the signature type.

    Without POLYMARKET_FUNDER it asks the relayer for the deposit wallet and deploys a missing one.
    """
    wallet = os.environ.get("POLYMARKET_FUNDER") or None
    try:
        return SecureClient.create(private_key=private_key(), wallet=wallet)
    except UserInputError as error:
        raise SystemExit(f"check POLYMARKET_FUNDER: {error}") from None


if __name__ == "__main__":
    with secure_client() as client:
        print("signer", client.signer)
        print("wallet", client.wallet, client.wallet_type)
        print("API keys:", len(client.fetch_api_keys()))
        balance = client.get_balance_allowance(asset_type="COLLATERAL")
        print("pUSD, base units:", balance.balance)
