"""Give a bot a key of its own that may only trade for a deposit wallet, and take it back."""

from __future__ import annotations

from account_settings import private_key
from eth_account import Account
from polymarket import SecureClient

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def owner_client(key: str) -> SecureClient:
    """The owner of the key's deposit wallet, with the builder key that the relayer asks for."""
    with SecureClient.create(private_key=key) as client:
        builder = client.create_builder_api_key()
    return SecureClient.create(private_key=key, api_key=builder)


if __name__ == "__main__":
    session = Account.create()  # keep its key where the bot runs, and the owner's elsewhere
    with owner_client(private_key()) as owner:
        print("wallet:", owner.wallet_type)
        owner.authorize_session_key(address=session.address, scopes=["CLOB"])
        with SecureClient.create(private_key=session.key.to_0x_hex(), wallet=owner.wallet) as bot:
            placed = bot.place_limit_order(token_id=YES, side="BUY", price="0.10", size=10)
            print("placed with the session key:", placed.ok)
            bot.cancel_all()
        owner.revoke_session_key(address=session.address)
        print("session keys left:", len(owner.fetch_session_keys()))
