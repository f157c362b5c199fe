import json
import os
from pathlib import Path

from polygon_rpc import polygon
from usdc_balance import read_balance

balance = read_balance(polygon(), os.environ["POLYMARKET_FUNDER"], "pUSD")
Path("answer.json").write_text(json.dumps({"base_units": balance.base_units}))
