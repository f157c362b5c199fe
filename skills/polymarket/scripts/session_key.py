"""Let a second key trade for the deposit wallet, and take that back. It places a real order."""

from decimal import Decimal

from deposit_wallet import deposit_wallet_client, new_builder_key
from eth_account import Account
from polymarket import RequestRejectedError, SecureClient

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def bid(bot: SecureClient) -> str:
    """Rest one bid and take it out, or say why it is refused."""
    try:
        placed = bot.place_limit_order(
            token_id=YES, side="BUY", price=Decimal("0.40"), size=Decimal(10), post_only=True
        )
    except RequestRejectedError as error:
        return str(error)
    bot.cancel_all()
    return "placed" if placed.ok else placed.message


if __name__ == "__main__":
    session = Account.create()  # on the bot's machine: only its address leaves it
    with deposit_wallet_client(new_builder_key()) as owner:
        granted = owner.authorize_session_key(address=session.address, scopes=["CLOB"])
        print(f"may use {granted.session_key.scopes[0]}")
        with SecureClient.create(private_key=session.key.hex(), wallet=owner.wallet) as bot:
            print(bid(bot))
            owner.revoke_session_key(address=session.address)
            print(len(owner.fetch_session_keys()), "left;", bid(bot))
        owner.revoke_builder_api_key()  # this one was for the example
