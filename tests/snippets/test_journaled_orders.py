"""Every order has one known outcome: through faults in every phase, and through sudden death.

Death is simulated at every traced line of the placing code: an exception that nothing there catches
ends the attempt, the journal's file is opened anew as after a restart, and `settle` must make it
agree with the venue. A few real processes that end in os._exit show that the simulation is true.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from clob_gateway import ClobGateway
from failure import Failure, Kind
from journaled_orders import JournaledOrders
from order_journal import OrderJournal, Written
from outcome import Outcome, State
from py_clob_client.clob_types import OrderType

from mock_clob.faults import PRESETS
from mock_clob.pytest_plugin import MockClob
from mock_clob.run import _environment
from tests.snippets.order_bench import SNIPPETS, YES, Bench, agree, clob, secure

# One order, one outcome


def test_an_order_that_is_accepted_is_placed(bench: Bench, journal: OrderJournal) -> None:
    entry = bench.orders(journal).place(bench.sign("0.40", "GTC"))
    assert entry.state is Written.PLACED
    assert bench.accepted() == [entry.order_id]


def test_the_same_signed_order_is_placed_once(bench: Bench, journal: OrderJournal) -> None:
    signed = bench.sign("0.40", "GTC")
    orders = bench.orders(journal)
    first = orders.place(signed)
    assert orders.place(signed) == first
    agree(bench, journal)


def test_a_refusal_keeps_the_venues_words(bench: Bench, journal: OrderJournal) -> None:
    bench.venue.call(lambda: bench.venue.venue.ledger.balances.clear())
    entry = bench.orders(journal).place(bench.sign("0.40", "GTC"))
    assert entry.state is Written.REFUSED
    assert "not enough balance / allowance" in entry.detail
    agree(bench, journal)


# Those left out say something untrue to other calls than the placing.
FAULTS = sorted(PRESETS.keys() - {"stale_balance", "cancel_lag", "matched_without_hashes"})


@pytest.mark.parametrize(
    ("fault", "times"),
    [(fault, times) for fault in FAULTS for times in (1, 2) if (fault, times) != ("timeout", 2)],
)
def test_no_fault_loses_or_doubles_an_order(
    bench: Bench, journal: OrderJournal, fault: str, times: int
) -> None:
    bench.venue.fault(fault, method="POST", path="/order", times=times)
    orders = bench.orders(journal)
    entry = orders.place(bench.sign("0.40", "GTC"))
    if entry.state is Written.OPEN:
        orders.settle()
    agree(bench, journal)
    assert bench.accepted() in ([], [entry.order_id])


def test_a_venue_that_is_away_for_longer_leaves_the_question_open_and_settle_answers_it(
    bench: Bench, journal: OrderJournal
) -> None:
    bench.venue.fault("lose_reply", method="POST", path="/order", times=None)
    bench.venue.fault("reset", method="GET", path="*", times=None)
    orders = bench.orders(journal, seconds=5)
    entry = orders.place(bench.sign("0.40", "GTC"))
    assert entry.state is Written.OPEN
    assert [e.order_id for e in journal.open_questions()] == [entry.order_id]
    bench.venue.call(bench.venue.venue.faults.clear)
    (settled,) = orders.settle()
    assert settled.state is Written.PLACED
    agree(bench, journal)


def test_nothing_is_sent_again_while_the_look_up_fails(bench: Bench, journal: OrderJournal) -> None:
    bench.venue.fault("reset", method="POST", path="/order")
    bench.venue.fault("reset", method="GET", path="*", times=3)
    bench.orders(journal).place(bench.sign("0.40", "GTC"))
    seen = [f"{e.method} {e.path.split('/')[1]}" for e in bench.venue.journal]
    first = seen.index("POST order")
    assert "POST order" not in seen[first + 1 : first + 4]
    agree(bench, journal)


def test_several_threads_place_their_orders_and_one_and_the_same(
    bench: Bench, journal: OrderJournal
) -> None:
    orders, signed = bench.orders(journal), [bench.sign(f"0.{n}", "GTC") for n in (30, 31, 32, 32)]
    threads = [
        threading.Thread(target=orders.place, args=[each]) for each in (*signed[:3], signed[2])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bench.accepted()) == 3
    agree(bench, journal)


# Sudden death


class Died(BaseException):
    """Nothing in the placing code catches it."""


FILES = frozenset(
    str(SNIPPETS / "library" / f"{name}.py") for name in ("journaled_orders", "order_journal")
)


class DieAtLine:
    """Trace the placing code and die at its n-th line."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.reached = False

    def __enter__(self) -> DieAtLine:
        self._before = sys.gettrace()
        sys.settrace(self._calls)
        return self

    def __exit__(self, kind: Any, *_: object) -> bool:
        sys.settrace(self._before)
        return kind is Died

    def _calls(self, frame: FrameType, event: str, arg: Any) -> Any:
        return self._lines if frame.f_code.co_filename in FILES else None

    def _lines(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line" and not self.reached:
            self.left -= 1
            if self.left < 0:
                self.reached = True
                raise Died
        return self._lines


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("GTC", ""),
        ("GTC", "lose_reply"),
        ("GTC", "error_after_accept"),
        ("GTC", "server_error"),
        ("FOK", "lose_reply"),
        ("FOK", "server_error"),
    ],
)
def test_death_at_any_line_leaves_a_journal_that_comes_to_agree_with_the_venue(
    mock_clob: MockClob, tmp_path: Path, fault: str, kind: str
) -> None:
    bench = secure(mock_clob)
    bench.gateway.order_id(bench.sign("0.40", "GTC"))
    line, died = 0, True
    while died:
        mock_clob.call(mock_clob.venue.faults.clear)
        if fault:
            mock_clob.fault(fault, method="POST", path="/order")
        before = set(bench.accepted())
        path = tmp_path / f"{line}.sqlite"
        journal = OrderJournal(path)
        signed = bench.sign("0.40" if kind == "GTC" else "0.60", kind)
        with DieAtLine(line) as death:
            bench.orders(journal).place(signed)
        died = death.reached
        journal.close()

        journal = OrderJournal(path)  # the next start
        bench.orders(journal).settle()
        new = [order_id for order_id in bench.accepted() if order_id not in before]
        entries = journal.entries()
        assert len(new) <= 1, f"placed twice, died at line {line}"
        if not entries:
            assert new == [], f"at the venue and not written down, died at line {line}"
        else:
            (entry,) = entries
            is_there = entry.state is Written.PLACED
            assert entry.state is not Written.OPEN
            assert new == ([entry.order_id] if is_there else []), f"died at line {line}"
            if kind == "GTC":
                assert is_there, f"written down and lost, died at line {line}"
        journal.close()
        line += 1
    assert line > 15, "the placing code was hardly traced"


@pytest.mark.parametrize("fault", ["", "lose_reply", "server_error"])
def test_death_at_any_line_of_a_batch_leaves_no_leg_lost_or_doubled(
    mock_clob: MockClob, tmp_path: Path, fault: str
) -> None:
    bench = secure(mock_clob)
    bench.gateway.order_id(bench.sign("0.40", "GTC"))
    line, died = 0, True
    while died:
        mock_clob.clear_faults()
        if fault:
            mock_clob.fault(fault, method="POST", path="/orders")
        before = set(bench.accepted())
        journal = OrderJournal(tmp_path / f"{line}.sqlite")
        with DieAtLine(line) as death:
            bench.orders(journal).place_batch([bench.sign("0.40", "GTC") for _ in range(2)])
        died = death.reached
        journal.close()

        journal = OrderJournal(tmp_path / f"{line}.sqlite")  # the next start
        bench.orders(journal).settle()
        entries = journal.entries()
        assert {entry.state for entry in entries} <= {Written.PLACED}, f"died at line {line}"
        new = [order_id for order_id in bench.accepted() if order_id not in before]
        assert sorted(new) == sorted(e.order_id for e in entries), f"died at line {line}"
        assert died or len(new) == 2
        journal.close()
        line += 1
    assert line > 25, "the placing code was hardly traced"


KILLED = """
import os, sys
sys.path[:0] = {folders!r}
from order_journal import OrderJournal
from journaled_orders import JournaledOrders
from secure_client import secure_client
from secure_gateway import SecureGateway, YES

class Gateway(SecureGateway):
    def send(self, signed):
        if {when!r} == "before":
            os._exit(9)
        answer = super().send(signed)
        os._exit(9)

client = secure_client()
signed = client.create_limit_order(token_id=YES, side="BUY", price="0.40", size=10)
JournaledOrders(Gateway(client), OrderJournal({path!r})).place(signed)
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_that_is_killed_around_the_sending_is_made_up_for(
    mock_clob: MockClob, journal_path: Path, tmp_path: Path, when: str
) -> None:
    bench = secure(mock_clob)
    script = tmp_path / "killed.py"
    folders = [str(folder) for folder in SNIPPETS.iterdir() if folder.is_dir()]
    script.write_text(KILLED.format(folders=folders, when=when, path=str(journal_path)))
    process = subprocess.run(
        [sys.executable, script],
        env=_environment(mock_clob.server) | {"POLYMARKET_FUNDER": mock_clob.account(0).address},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 9, process.stderr
    assert len(bench.accepted()) == (when == "after")
    journal = OrderJournal(journal_path)
    (entry,) = bench.orders(journal).settle()
    assert entry.state is Written.PLACED
    agree(bench, journal)
    journal.close()


# What a crash leaves of an order whose moment has passed


class Scripted:
    """A gateway whose answers are given."""

    def __init__(self, *, rests: bool, sends: list[Any], states: list[Any]) -> None:
        self._rests, self._sends, self._states = rests, sends, states
        self.sent = 0

    def order_id(self, signed: str) -> str:
        return f"id of {signed}"

    def dump(self, signed: str) -> str:
        return signed

    def load(self, text: str) -> str:
        return text

    def rests(self, signed: str) -> bool:
        return self._rests

    def send(self, signed: str) -> Failure | None:
        self.sent += 1
        answer: Failure | None = self._sends.pop(0)
        return answer

    def look_up(self, order_id: str, *, since: float) -> Outcome:
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        if isinstance(state, Exception):
            raise state
        return Outcome(state)


UNKNOWN, REFUSED = Failure(Kind.UNKNOWN, "no answer"), Failure(Kind.REFUSED, "post-only crosses")
DUPLICATE = Failure(Kind.DUPLICATE, "order is invalid. Duplicated.")
LATER = Failure(Kind.UNAVAILABLE, "restarting", retry_after=20)


def placing(gateway: Scripted, journal: OrderJournal) -> tuple[JournaledOrders, list[float]]:
    now = [0.0]
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    orders = JournaledOrders(
        gateway, journal, seconds=60, patience=1.0, sleep=sleep, clock=lambda: now[0]
    )
    return orders, pauses


@pytest.mark.parametrize(
    ("sends", "states", "state", "sent"),
    [
        ([UNKNOWN], [State.OPEN], Written.PLACED, 1),
        ([UNKNOWN], [State.CLOSED], Written.PLACED, 1),
        ([UNKNOWN, None], [State.ABSENT], Written.PLACED, 2),
        ([UNKNOWN, DUPLICATE], [State.ABSENT], Written.PLACED, 2),
        ([UNKNOWN, REFUSED], [State.ABSENT], Written.REFUSED, 2),
        ([UNKNOWN, REFUSED], [State.ABSENT] * 4 + [State.OPEN], Written.PLACED, 2),
        ([UNKNOWN, REFUSED], [*[State.ABSENT] * 3, OSError("down"), State.OPEN], Written.PLACED, 2),
        ([UNKNOWN], [State.ABSENT, State.ABSENT, State.OPEN], Written.PLACED, 1),
        ([UNKNOWN], [RuntimeError("down"), State.OPEN], Written.PLACED, 1),
        ([LATER, LATER, None], [State.ABSENT], Written.PLACED, 3),
        ([REFUSED], [State.ABSENT], Written.REFUSED, 1),
    ],
)
def test_an_order_is_sent_again_only_after_it_was_looked_for(
    journal: OrderJournal, sends: list[Any], states: list[Any], state: Written, sent: int
) -> None:
    gateway = Scripted(rests=True, sends=[*sends], states=[*states])
    orders, _ = placing(gateway, journal)
    assert orders.place("an order").state is state
    assert gateway.sent == sent


def test_the_venues_wish_to_wait_is_kept(journal: OrderJournal) -> None:
    orders, pauses = placing(
        Scripted(rests=True, sends=[LATER, None], states=[State.ABSENT]), journal
    )
    orders.place("an order")
    assert pauses == [20]


@pytest.mark.parametrize(("rests", "state"), [(True, Written.PLACED), (False, Written.DROPPED)])
def test_after_a_restart_only_an_order_that_would_rest_is_sent_again(
    journal: OrderJournal, rests: bool, state: Written
) -> None:
    journal.write("id of an order", "an order")
    gateway = Scripted(rests=rests, sends=[None], states=[State.ABSENT])
    (entry,) = placing(gateway, journal)[0].settle()
    assert (entry.state, gateway.sent) == (state, int(rests))


def test_an_order_written_by_an_earlier_run_is_looked_for_before_it_is_sent(
    journal: OrderJournal,
) -> None:
    journal.write("id of an order", "an order")
    gateway = Scripted(rests=True, sends=[], states=[State.OPEN])
    assert placing(gateway, journal)[0].place("an order").state is Written.PLACED
    assert gateway.sent == 0


# An order whose date passes before anybody looks


@pytest.mark.parametrize(
    ("fault", "price", "size", "state", "trades"),
    [
        ("lose_reply", "0.60", 10, Written.PLACED, 1),
        ("lose_reply", "0.52", 5_000, Written.PLACED, 1),  # filled in part, the rest expired
        ("lose_reply", "0.30", 10, Written.REFUSED, 0),  # rested and expired: nothing names it
        ("reset", "0.60", 10, Written.REFUSED, 0),  # never arrived
    ],
)
def test_a_gtd_order_that_expires_before_the_look_up_ends_with_what_it_filled(
    mock_clob: MockClob,
    journal: OrderJournal,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    price: str,
    size: int,
    state: Written,
    trades: int,
) -> None:
    bench = secure(mock_clob)
    signed = bench.gateway._client.create_limit_order(
        token_id=YES,
        side="BUY",
        price=price,
        size=size,
        expiration=mock_clob.venue.clock.now_ms() // 1000 + 200,
    )
    mock_clob.fault(fault, method="POST", path="/order")
    mock_clob.fault("server_error", method="GET", path="/data/*", times=None)
    orders = bench.orders(journal, seconds=20)
    assert orders.place(signed).state is Written.OPEN
    mock_clob.advance(300)
    later = time.time() + 300
    monkeypatch.setattr(time, "time", lambda: later)  # the client stamps its requests with it
    mock_clob.clear_faults()
    (entry,) = orders.settle()
    assert (entry.state, len(bench.accepted())) == (state, trades)
    assert bench.gateway.open_orders() == set()
    if state is Written.REFUSED:
        assert "expiration" in entry.detail


# The journal, and the id


def test_an_answer_is_never_changed(journal: OrderJournal) -> None:
    assert journal.write("0xa1", "signed")
    journal.close_question("0xa1", Written.REFUSED, "no")
    journal.close_question("0xa1", Written.PLACED)
    assert not journal.write("0xa1", "other")
    entry = journal.entry("0xa1")
    assert (entry.state, entry.detail, entry.signed) == (Written.REFUSED, "no", "signed")


def test_an_order_that_was_never_written_is_no_entry(journal: OrderJournal) -> None:
    with pytest.raises(KeyError):
        journal.entry("0xa1")


def test_the_id_is_the_venues_in_a_neg_risk_market_too(mock_clob: MockClob) -> None:
    bench = secure(mock_clob)
    market = next(m for m in mock_clob.venue.engine.markets.values() if m.neg_risk)
    client = bench.gateway._client
    signed = client.create_limit_order(
        token_id=market.token_ids[0], side="BUY", price="0.05", size=10
    )
    assert client.post_order(signed).order_id == bench.gateway.order_id(signed)


def test_a_signed_order_survives_the_journal_byte_for_byte(bench: Bench) -> None:
    signed = bench.sign("0.40", "GTC")
    again = bench.gateway.load(bench.gateway.dump(signed))
    assert bench.gateway.dump(again) == bench.gateway.dump(signed)
    assert bench.gateway.order_id(again) == bench.gateway.order_id(signed)


def test_a_fok_of_py_clob_client_does_not_rest(mock_clob: MockClob) -> None:
    gateway = ClobGateway(clob(mock_clob).gateway._client, OrderType.FOK)
    assert not gateway.rests(None)  # type: ignore[arg-type]
