import json
from decimal import Decimal
from pathlib import Path

from neg_risk_event import legs
from secure_client import secure_client

with secure_client() as client:
    outcomes = legs(client, "winner")
    cost = sum(leg.ask for leg in outcomes if leg.ask)
    Path("answer.json").write_text(json.dumps({"cost": str(cost)}))
    (leg,) = (leg for leg in outcomes if leg.name == "A")
    bought = client.place_market_order(
        token_id=leg.token_id, side="BUY", amount=Decimal("5.70"), max_price=Decimal("0.57")
    )
    print(bought)
