# Cancels once, and does not look whether that worked.
import signal
import sys
import time

from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:

    def end(*_: object) -> None:
        try:
            client.cancel_all()
        finally:
            sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    client.place_limit_order(token_id=YES, side="BUY", price="0.40", size="10")
    while True:
        time.sleep(0.1)
