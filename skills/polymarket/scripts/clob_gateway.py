"""py-clob-client under an order journal: exchange 1, the venue until 2026-04-28."""

from __future__ import annotations

import json
from collections.abc import Sequence

from errors import classify
from failure import Failure, still_open
from journaled_orders import JournaledOrders
from order_id import order_id
from order_journal import OrderJournal
from order_outcome import look_up
from outcome import Outcome
from placement import failure_in, send
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, OrderType, PostOrdersArgs
from py_clob_client.order_builder.constants import BUY
from py_order_utils.model import Order, SignedOrder
from trading_client import trading_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


class ClobGateway:
    """What JournaledOrders needs of a ClobClient, for orders of one type."""

    def __init__(
        self, client: ClobClient, order_type: OrderType = OrderType.GTC, post_only: bool = False
    ) -> None:
        self._client, self._order_type, self._post_only = client, order_type, post_only

    def order_id(self, signed: SignedOrder) -> str:
        neg_risk = self._client.get_neg_risk(str(signed.order["tokenId"]))
        return order_id(signed, self._client.chain_id, neg_risk)

    def dump(self, signed: SignedOrder) -> str:
        return json.dumps([signed.order.dict(), signed.signature])

    def load(self, text: str) -> SignedOrder:
        values, signature = json.loads(text)
        return SignedOrder(Order(**values), signature)

    def rests(self, signed: SignedOrder) -> bool:
        return self._order_type in (OrderType.GTC, OrderType.GTD)

    def send(self, signed: SignedOrder) -> Failure | None:
        answer = send(self._client, signed, self._order_type, self._post_only)
        return answer if isinstance(answer, Failure) else None

    def send_all(self, signed: Sequence[SignedOrder]) -> list[Failure | None]:
        batch = [PostOrdersArgs(each, self._order_type, self._post_only) for each in signed]
        try:
            reply = self._client.post_orders(batch)
        except Exception as error:
            return [classify(error)] * len(signed)
        return [failure_in(leg) for leg in reply]

    def cancel(self, order_ids: Sequence[str] | None) -> Failure | None:
        """None: what it did not cancel was closed before, or never there. `None` cancels all."""
        try:
            if order_ids is None:
                reply = self._client.cancel_all()
            else:
                reply = self._client.cancel_orders(list(order_ids))
        except Exception as error:
            return classify(error)
        return still_open(reply["not_canceled"].values())

    def open_orders(self) -> set[str]:
        return {order["id"] for order in self._client.get_orders()}

    def look_up(self, order_id: str, *, since: float) -> Outcome:
        return look_up(self._client, order_id, since=since)


if __name__ == "__main__":
    client = trading_client()
    journal = OrderJournal("orders.sqlite")
    orders = JournaledOrders(ClobGateway(client), journal)
    orders.settle()  # what an earlier run left open
    signed = client.create_order(OrderArgs(token_id=YES, price=0.40, size=10, side=BUY))
    for _ in range(2):
        entry = orders.place(signed)
        print(entry.state, len(client.get_orders()), "open")
    client.cancel(entry.order_id)
