import json
from decimal import Decimal
from pathlib import Path

from own_fills import read_fills
from py_clob_client.clob_types import TradeParams
from trading_client import trading_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

fills = read_fills(trading_client(), TradeParams(asset_id=YES))
mine = [fill for fill in fills if fill.token_id == YES and fill.side == "BUY"]
bought = sum((fill.size for fill in mine), Decimal(0))
paid = sum((fill.size * fill.price for fill in mine), Decimal(0))
Path("answer.json").write_text(json.dumps({"bought": str(bought), "paid": str(paid)}))
