"""A seeded chaos run: steps, faults and deaths, and what must hold at every step.

Deterministic: which steps, orders and faults there are, and the venue's own draws. Not: how threads
and sockets interleave with them. What fails for a seed fails for it again unless it is a race.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from order_journal import Written
from polygon_rpc import polygon
from polymarket import SecureClient
from shared_rate_limiter import SharedRateLimiter
from usdc_balance import read_balance

from mock_clob.ip_limits import Group, Window
from mock_clob.ip_throttle import IpThrottle
from mock_clob.ledger import COLLATERAL
from mock_clob.pytest_plugin import MockClob
from tests.redis_server import RedisServer
from tests.soak.schedule import Step, steps
from tests.soak.streams import Streams
from tests.soak.trader import YES, Died, Trader, newest_block

# The venue's two windows, short and narrow, so that bursts meet them: calls and seconds.
WINDOWS = ((8, 0.5), (40, 4.0))
ENDPOINTS = ("POST /order", "POST /orders")
PATIENCE_SECONDS = 30.0  # of real time, for streams to be right again


class Violation(AssertionError):
    """An invariant does not hold."""


class Run:
    """`go` carries steps out. Time is the venue's: waiting takes none of ours."""

    def __init__(self, venue: MockClob, redis: RedisServer, folder: Path, seed: int) -> None:
        venue.reset(exchange=2, chain=True, seed=seed)
        self.venue, self.redis, self.folder, self.seed = venue, redis, folder, seed
        self.counts: Counter[str] = Counter()
        self.started_ms = venue.call(venue.venue.clock.now_ms)
        self._waited = 0.0
        self._limiters = [
            SharedRateLimiter(
                redis.url, name, *WINDOWS[0], also=WINDOWS[1:], guard=0.1, lateness=0.1
            )
            for name in ENDPOINTS
        ]
        venue.call(lambda: setattr(venue.venue, "throttle", IpThrottle(table=_table())))

    @contextmanager
    def started(self) -> Iterator[Run]:
        alice, bob = (self.venue.account(index) for index in (0, 1))
        self.alice = alice.address.lower()
        clock = self.venue.venue.clock
        with ExitStack() as stack:
            # The host's clock goes as fast as the venue's, or requests would be hours old.
            stack.enter_context(patch("time.time", lambda: clock.now_ms() / 1000))
            self._client = stack.enter_context(
                SecureClient.create(private_key=alice.key, wallet=alice.address)
            )
            self._bob = stack.enter_context(
                SecureClient.create(private_key=bob.key, wallet=bob.address)
            )
            self._first_block = newest_block() + 1
            self._before = self._on_chain()
            self.trader = self._born()
            self.streams = stack.enter_context(Streams(self._client, self.started_ms // 1000 - 60))
            stack.callback(lambda: self.trader.bury())
            yield self

    @property
    def hours(self) -> float:
        """Of the venue's time."""
        return (self.venue.call(self.venue.venue.clock.now_ms) - self.started_ms) / 3_600_000

    def go(self, step: Step) -> None:
        """Raises Violation."""
        self.counts[step.kind] += 1
        getattr(self, f"_{step.kind}", self._by_trader)(step)
        self._nothing_doubled()
        self._nothing_throttled()

    # What may happen

    def _by_trader(self, step: Step) -> None:
        try:
            getattr(self.trader, step.kind)(*step.arguments)
        except Died:
            self.counts["deaths"] += 1
            self._reborn()
        else:
            if step.kind == "die":  # the order was refused before it was sent, or is in doubt
                self._reborn()

    def _trade(self, step: Step) -> None:
        side, price, size = step.arguments
        signed = self._bob.create_limit_order(token_id=YES, side=side, price=price, size=size)
        self._wait(1)  # from the same address
        try:
            self._bob.post_order(signed)
        except Exception as error:  # the venue restarts, or bob has no more of it
            logging.getLogger(__name__).debug("bob: %r", error)

    def _advance(self, step: Step) -> None:
        self.venue.advance(step.arguments[0])

    def _rest_fault(self, step: Step) -> None:
        name, (method, path), times = step.arguments
        self.counts[name] += 1
        signer = self.venue.account(0).address
        self.venue.fault(name, method=method, path=path, times=times, signer=signer)

    def _stream_fault(self, step: Step) -> None:
        self.counts[step.arguments[0]] += 1
        self.venue.stream_fault(step.arguments[0])

    def _node_fault(self, step: Step) -> None:
        name, times = step.arguments
        self.counts[name] += 1
        self.venue.fault(name, times=times)

    def _redis_fault(self, step: Step) -> None:
        if step.arguments == ("restart",):
            self.redis.restart()
        else:
            with self.redis.frozen():
                time.sleep(0.2)

    def _restart_engine(self, step: Step) -> None:
        self.venue.mode(restart=True)
        self.venue.advance(95)

    def _check(self, step: Step) -> None:
        """Once everything works again, everything agrees."""
        self.venue.clear_faults()
        self.venue.call(self.venue.venue.hub.thaw)
        self.venue.advance(240)  # past any restart
        self.trader.orders.settle()
        self._journal_agrees()
        self._until(self._book_is_the_venues, "the book is not the venue's")
        self._until(self._no_fill_is_missed, "a fill is missed, or counted twice")
        self._until(self._balances_agree, "balances differ")

    # What must hold

    def _nothing_doubled(self) -> None:
        """Whatever of ours the venue has accepted was written down before."""
        written = {entry.order_id for entry in self.trader.journal.entries()}
        if stray := self._accepted().keys() - written:
            raise Violation(f"at the venue and not in the journal: {sorted(stray)}")

    def _nothing_throttled(self) -> None:
        late = [e for e in self.venue.journal.delayed() if e.path in ("/order", "/orders")]
        if late := [e for e in late if e.method == "POST" and e.signer.lower() == self.alice]:
            raise Violation(f"{len(late)} orders were delayed by the venue's limits")

    def _journal_agrees(self) -> None:
        states = {entry.order_id: entry.state for entry in self.trader.journal.entries()}
        accepted = set(self._accepted())
        placed = {order_id for order_id, state in states.items() if state is Written.PLACED}
        if Written.OPEN in states.values():
            raise Violation(
                f"an outcome is still not known: {self.trader.journal.open_questions()}"
            )
        if placed != accepted:
            lost, doubled = sorted(placed - accepted), sorted(accepted - placed)
            raise Violation(f"the venue does not have {lost}; the journal does not know {doubled}")

    def _book_is_the_venues(self) -> Any:
        book = self._bob.get_order_book(token_id=YES)
        live = self.streams.market.books[YES]
        served = [{level.price: level.size for level in side} for side in (book.bids, book.asks)]
        if not live.ready or [live.bids, live.asks] != served:
            return f"{live.ready} {live.bids} {live.asks}, served {served}"
        return ""

    def _no_fill_is_missed(self) -> Any:
        account = self.streams.account
        if not account.reconciled:
            return "not reconciled"
        at_venue = {i: o.matched for i, o in self._accepted().items() if o.matched}
        told = {i: int(account.state.filled(i) * 10**6) for i in self._accepted()}
        told = {order_id: shares for order_id, shares in told.items() if shares}
        apart = dict(told.items() ^ at_venue.items())
        return f"told and at the venue: {apart}" if apart else ""

    def _balances_agree(self) -> Any:
        """The chain's balances, the chain's log and the venue's ledger, to the base unit."""
        self.venue.advance(5)  # settlement takes its time
        self.trader.moves.sync(polygon())
        dollars, shares = self._on_chain()
        moved = self.trader.moves.total("pUSD"), self.trader.moves.total(YES)
        logged = tuple(a + b for a, b in zip(self._before, moved, strict=True))
        ledger = self.venue.venue.ledger
        known = self.venue.call(
            lambda: (ledger.balance(self.alice, COLLATERAL), ledger.balance(self.alice, YES))
        )
        if (dollars, shares) == logged == known:
            return ""
        return f"chain {dollars, shares}, log {logged}, ledger {known}"

    # Inside

    def _born(self) -> Trader:
        trader = Trader(
            self._client, self.folder, self._first_block, self._wait, self._sleep, self._clock
        )
        trader.start()
        return trader

    def _reborn(self) -> None:
        self.trader.bury()
        self.trader = self._born()

    def _wait(self, orders: int) -> None:
        self._limiters[orders > 1].wait_if_needed()

    def _sleep(self, seconds: float) -> None:
        self._waited += seconds
        self.venue.advance(seconds)

    def _clock(self) -> float:
        return self._waited

    def _accepted(self) -> dict[str, Any]:
        orders = self.venue.venue.engine.orders
        return self.venue.call(
            lambda: {order.id: order for order in orders.values() if order.maker == self.alice}
        )

    def _on_chain(self) -> tuple[int, int]:
        chain = self.venue.venue.chain
        assert chain
        wallet = self._client.wallet
        dollars = read_balance(polygon(), wallet, "pUSD").base_units
        return dollars, chain.position_balance(wallet, int(YES))

    def _until(self, wrong: Callable[[], Any], what: str) -> None:
        ends = time.monotonic() + PATIENCE_SECONDS
        while found := wrong():
            if time.monotonic() > ends:
                raise Violation(f"{what}: {found}")
            time.sleep(0.05)


def _table() -> tuple[Group, ...]:
    windows = tuple(Window(*each) for each in WINDOWS)
    return tuple(
        Group(name, windows, "clob", name.split()[0], (name.split()[1],)) for name in ENDPOINTS
    )


def endure(
    run: Run,
    *,
    count: int | None = None,
    hours: float | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Steps until `count` or `hours` of venue time are over, and a last check.

    An invariant that does not hold fails the test with the seed and the step.
    """
    with run.started():
        for step in steps(run.seed):
            over = step.number > count if count else run.hours > (hours or 0)
            last = Step(step.number, "check", ())
            try:
                run.go(last if over else step)
            except Violation as violation:
                pytest.fail(f"seed {run.seed}, step {step}: {violation}", pytrace=False)
            if step.number % 100 == 0 or over:
                filled = sum(1 for order in run._accepted().values() if order.matched)
                say(
                    f"step {step.number}, {run.hours:.1f} h of venue time, "
                    f"{len(run._accepted())} orders, {filled} filled, {run.counts['deaths']} deaths"
                )
            if over:
                say(", ".join(f"{kind} {n}" for kind, n in sorted(run.counts.items())))
                return


def quiet(_: str) -> None: ...
