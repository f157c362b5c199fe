"""Any sequence of orders, batches, cancels, faults and restarts: nothing doubled, nothing lost."""

from __future__ import annotations

import random
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from cancel_orders import StillOpen, cancel_for_sure
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from order_journal import OrderJournal, Written

from mock_clob.faults import PRESETS
from tests.snippets.order_bench import Bench

# Those left out say something untrue, or take real time.
FAULTS = sorted(
    PRESETS.keys() - {"stale_balance", "cancel_lag", "matched_without_hashes", "timeout"}
)
CALLS = [("POST", "/order"), ("POST", "/orders"), ("DELETE", "*"), ("GET", "*")]
faults = st.tuples(
    st.just("fault"), st.sampled_from(FAULTS), st.sampled_from(CALLS), st.integers(1, 3)
)
steps = st.lists(
    st.one_of(
        faults,
        faults,
        st.tuples(st.just("place"), st.integers(10, 60)),
        st.tuples(st.just("batch"), st.lists(st.integers(10, 60), min_size=1, max_size=4)),
        st.tuples(st.just("cancel")),
        st.tuples(st.just("restart")),
    ),
    min_size=2,
    max_size=12,
)


class Run:
    """A bot of one journal file that is started anew when its time is up."""

    def __init__(self, bench: Bench, path: Path) -> None:
        self.bench, self.path = bench, path
        self.signed: list[str] = []  # the id of everything that was to be placed
        self.start()

    def start(self) -> None:
        self.journal = OrderJournal(self.path)
        self.orders = self.bench.orders(self.journal, seconds=20)

    def place(self, cents: int) -> None:
        self.orders.place(self._sign(cents))

    def batch(self, all_cents: list[int]) -> None:
        self.orders.place_batch([self._sign(cents) for cents in all_cents])

    def cancel(self) -> None:
        now = [0.0]

        def sleep(seconds: float) -> None:
            now[0] += seconds

        with suppress(StillOpen):
            cancel_for_sure(self.bench.gateway, sleep=sleep, clock=lambda: now[0])

    def restart(self) -> None:
        self.journal.close()
        self.start()
        self.orders.settle()

    def fault(self, name: str, call: tuple[str, str], times: int) -> None:
        method, path = call
        self.bench.venue.fault(name, method=method, path=path, times=times)

    def _sign(self, cents: int) -> Any:
        random.seed(secrets.randbits(64))  # hypothesis sets it; salts must differ
        signed = self.bench.sign(f"0.{cents}", "GTC")
        self.signed.append(self.bench.gateway.order_id(signed))
        return signed


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=steps)
def test_the_journal_and_the_venue_agree_after_any_sequence(bench: Bench, steps: Any) -> None:
    bench.venue.clear_faults()
    before = ever_accepted(bench)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(bench, Path(folder) / "orders.sqlite")
        for name, *arguments in steps:
            getattr(run, name)(*arguments)
        bench.venue.clear_faults()
        run.orders.settle()
        entries = run.journal.entries()
        run.journal.close()
    assert sorted(entry.order_id for entry in entries) == sorted(run.signed)
    assert Written.OPEN not in {entry.state for entry in entries}
    placed = {entry.order_id for entry in entries if entry.state is Written.PLACED}
    assert ever_accepted(bench) - before == placed
    cancel_for_sure(bench.gateway)
    assert bench.gateway.open_orders() == set()


def ever_accepted(bench: Bench) -> set[str]:
    house = bench.venue.account(8).address.lower()
    engine = bench.venue.venue.engine
    return bench.venue.call(lambda: {o.id for o in engine.orders.values() if o.maker != house})
