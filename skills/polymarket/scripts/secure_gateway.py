"""polymarket-client under an order journal: exchange 2, and 3 for position ids."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from decimal import Decimal

from failure import Failure, still_open
from journaled_orders import JournaledOrders
from order_hash import order_hash
from order_journal import OrderJournal
from outcome import Outcome, outcome_of
from polymarket import SecureClient
from polymarket.errors import UnexpectedResponseError
from polymarket.models.clob.orders import SignedOrder
from polymarket_client_errors import classify, failure_of
from secure_client import secure_client

CLOCK_SKEW_SECONDS = 60
YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


class SecureGateway:
    """What JournaledOrders needs of a SecureClient; its methods may be called from any thread."""

    def __init__(self, client: SecureClient) -> None:
        self._client = client
        self._neg_risk: dict[str, bool] = {}

    def order_id(self, signed: SignedOrder) -> str:
        """The id that the venue will answer with: the order's EIP-712 hash."""
        token_id = str(signed.token_id)
        if token_id not in self._neg_risk:
            book = self._client.get_order_book(token_id=token_id)
            self._neg_risk[token_id] = book.neg_risk
        return order_hash(signed, self._neg_risk[token_id])

    def dump(self, signed: SignedOrder) -> str:
        return json.dumps(asdict(signed))

    def load(self, text: str) -> SignedOrder:
        return SignedOrder(**json.loads(text))

    def rests(self, signed: SignedOrder) -> bool:
        return signed.order_type in ("GTC", "GTD")

    def send(self, signed: SignedOrder) -> Failure | None:
        try:
            placed = self._client.post_order(signed)
        except Exception as error:
            return classify(error)
        return failure_of(placed)

    def send_all(self, signed: Sequence[SignedOrder]) -> list[Failure | None]:
        try:
            placed = self._client.post_orders(signed)
        except Exception as error:
            return [classify(error)] * len(signed)
        return [failure_of(leg) for leg in placed]

    def cancel(self, order_ids: Sequence[str] | None) -> Failure | None:
        """None: what it did not cancel was closed before, or never there. `None` cancels all."""
        try:
            if order_ids is None:
                reply = self._client.cancel_all()
            else:
                reply = self._client.cancel_orders(order_ids=list(order_ids))
        except Exception as error:
            return classify(error)
        return still_open(reply.not_canceled.values())

    def open_orders(self) -> set[str]:
        return {order.id for order in self._client.list_open_orders().iter_items()}

    def look_up(self, order_id: str, *, since: float) -> Outcome:
        order = None
        with suppress(UnexpectedResponseError):  # null: it is closed, or unknown
            order = self._client.get_order(order_id=order_id).model_dump(mode="json")
        after = str(int(since) - CLOCK_SKEW_SECONDS)
        trades = self._client.list_account_trades(after=after).iter_items()
        return outcome_of(order_id, order, [each.model_dump(mode="json") for each in trades])


if __name__ == "__main__":
    with secure_client() as client:
        journal = OrderJournal("orders.sqlite")
        orders = JournaledOrders(SecureGateway(client), journal)
        orders.settle()  # what an earlier run left open
        signed = client.create_limit_order(
            token_id=YES, side="BUY", price=Decimal("0.40"), size=Decimal(10), post_only=True
        )
        for _ in range(2):
            entry = orders.place(signed)
            print(entry.state, len(list(client.list_open_orders().iter_items())), "open")
        client.cancel_order(order_id=entry.order_id)
