# Tries again, and signs again: each try is an order of its own.
import time

from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    for _ in range(5):
        try:
            client.place_limit_order(token_id=YES, side="BUY", price="0.40", size="20")
            break
        except Exception:
            time.sleep(0.2)
