# Trades for the key's own address.
import os

from eth_account import Account
from polymarket import SecureClient

key = os.environ["POLYMARKET_PRIVATE_KEY"]
with SecureClient.create(private_key=key, wallet=Account.from_key(key).address) as client:
    client.place_limit_order(
        token_id="71321045679252212594626385532706912750332728571942532289631379312455583992563",
        side="BUY",
        price="0.40",
        size="10",
    )
