import json
from pathlib import Path

from find_markets import outcomes
from polymarket import PublicClient

with PublicClient() as client:
    found = client.search(q="win", events_status="active").first_page().items
    markets = [market for page in found for event in page.events or () for market in event.markets]
ids = {side.label.lower(): side for side in outcomes(markets) if side.market == "Will B win?"}
answer = {name: side.asset_id for name, side in ids.items()}
Path("answer.json").write_text(json.dumps({"condition_id": ids["yes"].condition_id, **answer}))
