"""Find out what became of an order whose reply was lost: look until it shows, or time is up."""

from __future__ import annotations

import time

from errors import classify
from order_outcome import look_up
from outcome import Outcome, State
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs
from py_clob_client.exceptions import PolyApiException
from py_clob_client.order_builder.constants import BUY
from trading_client import trading_client

POLL_SECONDS = 0.5
YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def resolve(client: ClobClient, order_id: str, *, since: float, patience: float = 5.0) -> Outcome:
    """Look every half second until something names the order, or for `patience` seconds.

    `since` is a Unix time before the order was first sent. Look-ups may lag behind: ABSENT is
    likely, not proved. Raises PolyApiException when the last look-up failed.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            outcome = look_up(client, order_id, since=since)
        except PolyApiException as error:
            if not classify(error).may_repeat or time.monotonic() >= deadline:
                raise
        else:
            if outcome.state is not State.ABSENT or time.monotonic() >= deadline:
                return outcome
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    client, start = trading_client(), time.time()

    def show(what: str, order_id: str) -> None:
        outcome = resolve(client, order_id, since=start, patience=0)
        print(f"{what}: {outcome.state}, {outcome.matched} shares matched")

    def buy(price: float) -> str:
        terms = OrderArgs(token_id=YES, price=price, size=5, side=BUY)
        return str(client.create_and_post_order(terms)["orderID"])

    show("bought at the ask", buy(0.52))  # spends $2.60
    resting = buy(0.01)
    show("rests at 0.01", resting)
    client.cancel(resting)
    show("canceled without a fill", resting)
