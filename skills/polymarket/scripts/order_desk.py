"""A bot's orders: through the limiters, into the journal, and out of the book again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from account_state import AccountState
from bot_metrics import BotMetrics
from cancel_orders import cancel_for_sure
from failure import Failure, Kind
from journaled_orders import JournaledOrders
from order_journal import OrderJournal, Written
from order_limiters import signer, wait_to_cancel, wait_to_order
from polymarket import SecureClient, SignedOrder
from quoting import Quote
from secure_gateway import SecureGateway
from shutdown import shut_down


class LimitedGateway(SecureGateway):
    """Every request waits for its turn; a 429 pauses its bucket. Cancels never wait for orders."""

    def send(self, signed: SignedOrder) -> Failure | None:
        wait_to_order()
        failure = super().send(signed)
        if failure and failure.kind is Kind.RATE_LIMITED:
            signer.orders.pause(failure.retry_after or 1.0)
        return failure

    def cancel(self, order_ids: Sequence[str] | None) -> Failure | None:
        wait_to_cancel(len(order_ids or [""]))
        failure = super().cancel(order_ids)
        if failure and failure.kind is Kind.RATE_LIMITED:
            signer.cancels.pause(failure.retry_after or 1.0)
        return failure


class OrderDesk:
    """Post-only quotes of one token. It blocks: call it from one thread, beside the event loop."""

    def __init__(
        self, client: SecureClient, token_id: str, journal: Path, metrics: BotMetrics
    ) -> None:
        self._client, self._token_id, self._metrics = client, token_id, metrics
        self._gateway = LimitedGateway(client)
        self._journal = OrderJournal(journal)
        self._orders = JournaledOrders(self._gateway, self._journal, seconds=10)
        self._resting: dict[str, Quote] = {}
        self.mine: set[str] = set()  # the id of every order since the start

    def begin(self) -> None:
        """Answer what the last run left open, and cancel whatever rests. Raises StillOpen."""
        shut_down(self._gateway, self._orders)

    end = begin

    def close(self) -> None:
        self._journal.close()

    @property
    def in_doubt(self) -> bool:
        """Whether an order may or may not be there: `pull` finds out."""
        return bool(self._journal.open_questions())

    def resting(self, account: AccountState) -> list[tuple[str, Quote]]:
        """What rests, with what is left of it, as far as the user stream has told. No request."""
        open_orders = account.open_orders()
        for order_id, quote in list(self._resting.items()):
            if order_id in open_orders:
                filled = Decimal(account.orders[order_id]["size_matched"])
                size = Decimal(account.orders[order_id]["original_size"]) - filled
                self._resting[order_id] = Quote(quote.side, quote.price, size)
            elif order_id in account.orders:  # closed; one that was never told of is new
                del self._resting[order_id]
        self._metrics.open_orders.set(len(self._resting))
        return list(self._resting.items())

    def change(self, cancel: Iterable[str], quotes: Iterable[Quote]) -> None:
        """Cancel, or place when there is nothing to cancel: first know what filled meanwhile.

        Places nothing more once an order is in doubt. Raises StillOpen.
        """
        if ids := list(cancel):
            cancel_for_sure(self._gateway, ids, seconds=10)
            self._metrics.cancels.inc(len(ids))
            for order_id in ids:
                self._resting.pop(order_id, None)
            return
        for quote in quotes:
            if self._place(quote) is Written.OPEN:
                return

    def pull(self) -> None:
        """Have nothing in the book. Raises StillOpen."""
        if self._resting or self.in_doubt:
            shut_down(self._gateway, self._orders)
            self._metrics.cancels.inc(len(self._resting))
            self._resting.clear()

    def _place(self, quote: Quote) -> Written:
        signed = self._client.create_limit_order(
            token_id=self._token_id,
            side="BUY" if quote.side == "BUY" else "SELL",
            price=quote.price,
            size=quote.size,
            post_only=True,
        )
        order_id = self._gateway.order_id(signed)
        self.mine.add(order_id)  # before it is sent: a fill may be told before the answer
        with self._metrics.placing.time():
            entry = self._orders.place(signed)
        self._metrics.orders.labels(str(entry.state)).inc()
        if entry.state is not Written.REFUSED:
            self._resting[order_id] = quote
        return entry.state
