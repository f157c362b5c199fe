"""The script takes the first character of a list that is text."""

from collections.abc import Iterator
from decimal import Decimal

from evals.stage import Stage

GUIDE = "market-discovery/finding-markets.md"
FILES = {
    "broken.py": """import json
from pathlib import Path

import requests

url = "https://gamma-api.polymarket.com/markets"
(market,) = requests.get(url, params={"slug": "documented-market"}, timeout=10).json()
token_id = market["clobTokenIds"][0]
book = requests.get("https://clob.polymarket.com/book", params={"token_id": token_id}, timeout=10)
Path("answer.json").write_text(json.dumps({"bid": book.json()["bids"][-1]["price"]}))
"""
}


def grade(stage: Stage) -> Iterator[str]:
    if Decimal(str(stage.answer().get("bid", 0))) != Decimal("0.48"):
        yield f"answer.json: {stage.answer()}"
