"""Follow one order that fills in part. SPENDS about $52: buys the 100 shares offered at 0.52."""

from __future__ import annotations

import time
from decimal import Decimal

from secure_client import secure_client
from secure_gateway import SecureGateway

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

if __name__ == "__main__":
    with secure_client() as client:
        gateway, began = SecureGateway(client), time.time()
        order = client.place_limit_order(
            token_id=YES, side="BUY", price=Decimal("0.52"), size=Decimal(150)
        )
        if not order.ok:
            raise SystemExit(order.message)
        print("reply:", order.status, "got", order.taking_amount, "for", order.making_amount)
        known = gateway.look_up(order.order_id, since=began)
        print("then: ", known.state, "matched", known.matched, "of 150")
        gateway.cancel([order.order_id])
        known = gateway.look_up(order.order_id, since=began)
        print("after the cancel:", known.state, "matched", known.matched)
