"""A scripted trader of the guides' parts: journal, limiter, gateway, moves. It has no strategy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from cancel_orders import StillOpen, cancel_for_sure
from failure import Failure
from journaled_orders import JournaledOrders
from move_book import MoveBook
from order_journal import OrderJournal, Written
from polygon_rpc import ChainUnreadable, named_block, polygon
from polymarket import SecureClient
from polymarket.models.clob.orders import SignedOrder
from secure_gateway import SecureGateway

from mock_clob.scenario import DOCUMENTED

YES = DOCUMENTED.token_ids[0]


class Died(BaseException):
    """The program ends here; nothing catches it."""


class MortalGateway(SecureGateway):
    """Waits for the limiter before each order, and dies around the sending when it is told to."""

    def __init__(self, client: SecureClient, wait: Callable[[int], None]) -> None:
        super().__init__(client)
        self._wait = wait
        self.dies = ""

    def send(self, signed: SignedOrder) -> Failure | None:
        self._wait(1)
        if self.dies == "before":
            raise Died
        answer = super().send(signed)
        if self.dies == "after":
            raise Died
        return answer

    def send_all(self, signed: Any) -> list[Failure | None]:
        self._wait(len(signed))
        return super().send_all(signed)


class Trader:
    """One life of the program. The next one begins on the same files."""

    def __init__(
        self,
        client: SecureClient,
        folder: Path,
        first_block: int,
        wait: Callable[[int], None],
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self.gateway = MortalGateway(client, wait)
        self.journal = OrderJournal(folder / "orders.sqlite")
        self._time = {"sleep": sleep, "clock": clock}
        self.orders = JournaledOrders(
            self.gateway, self.journal, seconds=20, patience=1.0, **self._time
        )
        self.moves = MoveBook(folder / "moves.sqlite", client.wallet, first_block)

    def start(self) -> None:
        self.orders.settle()

    def place(self, side: str, price: str, size: int) -> None:
        self.orders.place(self._sign(side, price, size))

    def batch(self, *orders: tuple[str, str, int]) -> None:
        self.orders.place_batch([self._sign(*order) for order in orders])

    def burst(self, *orders: tuple[str, str, int]) -> None:
        for order in orders:
            self.place(*order)

    def cancel(self, count: int) -> None:
        placed = [e.order_id for e in self.journal.entries() if e.state is Written.PLACED]
        with suppress(StillOpen):
            cancel_for_sure(self.gateway, placed[-count:], **self._time)

    def cancel_all(self) -> None:
        with suppress(StillOpen):
            cancel_for_sure(self.gateway, **self._time)

    def die(self, when: str, side: str, price: str, size: int) -> None:
        """Raises Died, unless the order never got as far as being sent."""
        self.gateway.dies = when
        self.place(side, price, size)

    def read_moves(self) -> None:
        with suppress(ChainUnreadable):
            self.moves.sync(polygon())

    def bury(self) -> None:
        """What the system does with the files of a dead process."""
        self.journal.close()
        self.moves.close()

    def _sign(self, side: str, price: str, size: int) -> SignedOrder:
        return self._client.create_limit_order(
            token_id=YES, side="BUY" if side == "BUY" else "SELL", price=Decimal(price), size=size
        )


def newest_block() -> int:
    return named_block(polygon()).number
