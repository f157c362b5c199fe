import json
from decimal import Decimal
from pathlib import Path

from best_price import best, cost
from py_clob_client.client import ClobClient

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

book = ClobClient("https://clob.polymarket.com").get_order_book(YES)
bid, ask = best(book)
answer = {"bid": str(bid), "ask": str(ask), "cost": str(cost(book, Decimal(250)))}
Path("answer.json").write_text(json.dumps(answer))
