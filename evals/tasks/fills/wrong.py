# Takes every trade for its own, at its size and its average price.
import json
from decimal import Decimal
from pathlib import Path

from py_clob_client.clob_types import TradeParams
from trading_client import trading_client

trades = trading_client().get_trades(
    TradeParams(
        asset_id="71321045679252212594626385532706912750332728571942532289631379312455583992563"
    )
)
bought = sum((Decimal(trade["size"]) for trade in trades), Decimal(0))
paid = sum((Decimal(trade["size"]) * Decimal(trade["price"]) for trade in trades), Decimal(0))
Path("answer.json").write_text(json.dumps({"bought": str(bought), "paid": str(paid)}))
