# What most public code does: the client whose orders are refused since 2026-04-28.
import os

from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs

key = os.environ["POLYMARKET_PRIVATE_KEY"]
client = ClobClient("https://clob.polymarket.com", chain_id=137, key=key)
client.set_api_creds(client.create_or_derive_api_creds())
order = OrderArgs(
    token_id="71321045679252212594626385532706912750332728571942532289631379312455583992563",
    price=0.40,
    size=20,
    side="BUY",
)
print(client.create_and_post_order(order))
