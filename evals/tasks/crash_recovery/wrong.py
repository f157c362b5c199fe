# Places them anew: the one that had arrived is there twice.
import json
from decimal import Decimal

from order_journal import OrderJournal
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    for entry in OrderJournal("orders.sqlite").open_questions():
        order = json.loads(entry.signed)
        price = Decimal(order["maker_amount"]) / Decimal(order["taker_amount"])
        client.place_limit_order(token_id=YES, side="BUY", price=price, size="10")
