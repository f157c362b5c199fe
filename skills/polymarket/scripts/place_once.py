"""Place one signed order once, whatever happens to the replies. It never signs."""

from __future__ import annotations

import time

from failure import Failure
from order_id import order_id
from outcome import State
from placement import NotPlaced, OutcomeUnknown, Placed, send
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, OrderType
from py_clob_client.order_builder.constants import BUY
from py_order_utils.model import SignedOrder
from resolve_order import resolve
from trading_client import trading_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def place_once(
    client: ClobClient,
    signed_order: SignedOrder,
    order_type: OrderType = OrderType.GTC,
    post_only: bool = False,
    *,
    seconds: float = 30.0,
    since: float | None = None,
) -> Placed:
    """Send the order; if that fails, look it up, and only then send the same order again.

    Gives up after about `seconds`. `since`: Unix time of the first try, if that was earlier.
    Raises NotPlaced, or OutcomeUnknown when the venue may have the order and does not show it.
    """
    token_id = str(signed_order.order["tokenId"])
    known_id = order_id(signed_order, client.chain_id, client.get_neg_risk(token_id))
    since = time.time() if since is None else since
    deadline = time.monotonic() + seconds
    pause, in_doubt, may_send = 0.5, False, True
    while True:
        if may_send:
            answer = send(client, signed_order, order_type, post_only)
            if not isinstance(answer, Failure):
                return Placed(known_id, reply=answer)
            failure = answer
            in_doubt = in_doubt or failure.in_doubt
            if not in_doubt and not failure.may_repeat:
                raise NotPlaced(known_id, failure) from failure.error
        try:
            outcome = resolve(client, known_id, since=since, patience=3.0 if in_doubt else 0.0)
        except Exception:
            may_send = False  # look again before anything is sent again
        else:
            if outcome.state is not State.ABSENT:
                return Placed(known_id, outcome=outcome)
            may_send = failure.may_repeat
        pause = max(pause, failure.retry_after)
        if time.monotonic() + pause > deadline:
            raise (OutcomeUnknown if in_doubt else NotPlaced)(known_id, failure) from failure.error
        time.sleep(pause)
        pause = min(2 * pause, 8.0)


if __name__ == "__main__":
    client = trading_client()
    signed = client.create_order(OrderArgs(token_id=YES, price=0.01, size=5, side=BUY))
    first = place_once(client, signed)
    print("first time, the reply says:", first.reply and first.reply["status"])
    second = place_once(client, signed)
    print("second time, the look-up says:", second.outcome and second.outcome.state)
    client.cancel(first.order_id)
