import json
from pathlib import Path

import requests
from gamma_pages import decoded, pages

(market,) = pages("/markets/keyset", slug="documented-market")
token_id = decoded(market)["clobTokenIds"][0]
book = requests.get("https://clob.polymarket.com/book", params={"token_id": token_id}, timeout=10)
Path("answer.json").write_text(json.dumps({"bid": book.json()["bids"][-1]["price"]}))
