# Sells at 0.99: a resolved market takes no orders.
from secure_client import secure_client

with secure_client() as client:
    for held in client.list_positions(user=client.wallet).iter_items():
        client.place_market_order(
            token_id=held.asset_id, side="SELL", shares=held.current_size, min_price="0.01"
        )
