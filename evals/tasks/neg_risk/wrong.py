# Signs for the ordinary exchange.
import json
import os
from decimal import Decimal
from pathlib import Path

from neg_risk_event import legs
from polymarket import PublicClient
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import OrderArgs, OrderType, PartialCreateOrderOptions

with PublicClient() as public:
    outcomes = legs(public, "winner")
cost = sum((leg.ask for leg in outcomes if leg.ask), Decimal(0))
Path("answer.json").write_text(json.dumps({"cost": str(cost)}))
key = os.environ["POLYMARKET_PRIVATE_KEY"]
client = ClobClient("https://clob.polymarket.com", chain_id=137, key=key)
client.set_api_creds(client.create_or_derive_api_key())
order = OrderArgs(token_id=outcomes[0].token_id, price=0.57, size=10, side="BUY")
options = PartialCreateOrderOptions(tick_size="0.01", neg_risk=False)
client.post_order(client.create_order(order, options), order_type=OrderType.FOK)
