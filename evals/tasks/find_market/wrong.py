# clobTokenIds is a list as text: its first element is a bracket.
import json
from pathlib import Path

import requests

markets = requests.get("https://gamma-api.polymarket.com/markets", timeout=10).json()
market = next(market for market in markets if "B win" in market["question"])
yes, no = market["clobTokenIds"][0], market["clobTokenIds"][1]
answer = {"condition_id": market["conditionId"], "yes": yes, "no": no}
Path("answer.json").write_text(json.dumps(answer))
