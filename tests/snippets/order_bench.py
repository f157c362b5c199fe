"""A real client's gateway, orders to sign, and what the venue knows of them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from clob_gateway import ClobGateway
from journaled_orders import JournaledOrders
from order_journal import OrderJournal, Written
from polymarket import SecureClient
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs
from secure_gateway import SecureGateway

from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES = DOCUMENTED.token_ids[0]
SNIPPETS = Path(__file__).parents[2] / "snippets"


class Bench:
    """One client's gateway, orders to sign, and what the venue knows of them."""

    def __init__(self, venue: MockClob, gateway: Any, sign: Callable[[str, str], Any]) -> None:
        self.venue, self.gateway, self.sign = venue, gateway, sign

    def orders(self, journal: OrderJournal, seconds: float = 200.0) -> JournaledOrders:
        """Waiting takes no time."""
        now = [0.0]

        def sleep(seconds: float) -> None:
            now[0] += seconds

        return JournaledOrders(
            self.gateway, journal, seconds=seconds, patience=1.0, sleep=sleep, clock=lambda: now[0]
        )

    def accepted(self) -> list[str]:
        """The ids of every order that users placed at the venue, one for each acceptance."""
        house = self.venue.account(8).address.lower()

        def read() -> list[str]:
            engine = self.venue.venue.engine
            found = [o.id for o in engine.open.values() if o.maker != house]
            found += [t.taker.id for t in engine.trades.values() if t.taker.maker != house]
            return found

        return self.venue.call(read)


def secure(venue: MockClob) -> Bench:
    venue.reset(exchange=2, chain=False, throttle=False)
    account = venue.account(0)
    client = SecureClient.create(private_key=account.key, wallet=account.address)

    def sign(price: str, kind: str) -> Any:
        if kind == "FOK":
            return client.create_market_order(
                token_id=YES, side="BUY", amount=Decimal("5.2"), max_price=price, order_type="FOK"
            )
        return client.create_limit_order(token_id=YES, side="BUY", price=price, size=10)

    return Bench(venue, SecureGateway(client), sign)


def clob(venue: MockClob) -> Bench:
    venue.reset(exchange=1, chain=False, throttle=False)
    client = ClobClient(venue.url, chain_id=137, key=venue.account(0).key)
    client.set_api_creds(client.create_or_derive_api_creds())

    def sign(price: str, kind: str) -> Any:
        return client.create_order(OrderArgs(YES, price=float(price), size=10, side="BUY"))

    return Bench(venue, ClobGateway(client), sign)


def agree(bench: Bench, journal: OrderJournal) -> None:
    """No question is open; what is placed is at the venue once, what is not is not there."""
    states = {entry.order_id: entry.state for entry in journal.entries()}
    assert Written.OPEN not in states.values()
    accepted = bench.accepted()
    placed = [order_id for order_id, state in states.items() if state is Written.PLACED]
    assert sorted(accepted) == sorted(placed)
