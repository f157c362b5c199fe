# Only the import changed; the names are those of the old client.
import os

from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import OrderArgs, OrderType

key = os.environ["POLYMARKET_PRIVATE_KEY"]
client = ClobClient("https://clob.polymarket.com", chain_id=137, key=key)
client.set_api_creds(client.create_or_derive_api_creds())
order = client.create_order(
    OrderArgs(
        "71321045679252212594626385532706912750332728571942532289631379312455583992563",
        price=0.40,
        size=10,
        side="BUY",
    )
)
print(client.post_order(order, OrderType.GTC))
