# The first of each list is the worst price.
import json
from decimal import Decimal
from pathlib import Path

from polymarket import PublicClient

with PublicClient() as client:
    book = client.get_order_book(
        token_id="71321045679252212594626385532706912750332728571942532289631379312455583992563"
    )
bid, ask = book.bids[0].price, book.asks[0].price
answer = {"bid": str(bid), "ask": str(ask), "cost": str(ask * Decimal(250))}
Path("answer.json").write_text(json.dumps(answer))
