"""Batches, cancels, repricing, the heartbeat and the end: nothing is left open, nothing doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cancel_orders import MAX_IDS, StillOpen, cancel_for_sure
from failure import Failure, Kind
from heartbeat import Heartbeat
from journaled_orders import JournaledOrders
from order_journal import OrderJournal, Written
from outcome import Outcome, State
from polymarket import SecureClient
from polymarket.errors import TransportError
from post_only import closest_price, place_post_only
from secure_gateway import SecureGateway
from shutdown import shut_down, stop_on_signals

from mock_clob.pytest_plugin import MockClob
from mock_clob.run import _environment
from mock_clob.scenario import DOCUMENTED
from tests.snippets.order_bench import SNIPPETS, Bench, agree, secure

YES = DOCUMENTED.token_ids[0]


@pytest.fixture
def client(mock_clob: MockClob) -> Iterator[SecureClient]:
    mock_clob.reset(exchange=2, chain=False, throttle=False)
    account = mock_clob.account(0)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        yield client


class Waiting:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def arguments(self) -> dict[str, Any]:
        return {"sleep": self.sleep, "clock": lambda: self.now}


# Batches


def batch(bench: Bench, *prices: str) -> list[Any]:
    return [bench.sign(price, "GTC") for price in prices]


def posts(venue: MockClob) -> list[str]:
    return [e.path for e in venue.journal if e.method == "POST" and e.path.startswith("/order")]


def test_a_batch_is_one_request_and_each_leg_has_its_outcome(
    bench: Bench, journal: OrderJournal
) -> None:
    entries = bench.orders(journal).place_batch(batch(bench, "0.30", "0.31", "0.32"))
    assert [entry.state for entry in entries] == [Written.PLACED] * 3
    assert posts(bench.venue) == ["/orders"]
    agree(bench, journal)


def test_a_refused_leg_is_refused_and_the_others_are_placed(
    bench: Bench, journal: OrderJournal
) -> None:
    owner = bench.venue.account(0).address.lower()

    def leave_five_dollars() -> None:
        ledger = bench.venue.venue.ledger
        for key in [key for key in ledger.balances if key[0] == owner]:
            ledger.balances[key] = 5_000_000

    bench.venue.call(leave_five_dollars)
    entries = bench.orders(journal).place_batch(batch(bench, "0.30", "0.31", "0.32"))
    assert [entry.state for entry in entries] == [Written.PLACED, *[Written.REFUSED] * 2]
    assert "not enough balance" in entries[1].detail
    agree(bench, journal)


@pytest.mark.parametrize("fault", ["lose_reply", "reset", "error_after_accept", "server_error"])
def test_a_batch_whose_reply_is_lost_is_resolved_leg_by_leg(
    bench: Bench, journal: OrderJournal, fault: str
) -> None:
    bench.venue.fault(fault, method="POST", path="/orders")
    entries = bench.orders(journal).place_batch(batch(bench, "0.30", "0.31"))
    assert [entry.state for entry in entries] == [Written.PLACED] * 2
    agree(bench, journal)


def test_what_was_placed_before_is_not_sent_in_a_batch_again(
    bench: Bench, journal: OrderJournal
) -> None:
    orders, (first, second) = bench.orders(journal), batch(bench, "0.30", "0.31")
    orders.place(first)
    orders.place_batch([first, second])
    orders.place_batch([first, second])
    assert len(bench.accepted()) == 2
    agree(bench, journal)


def test_a_batch_of_too_many_is_refused_whole(bench: Bench, journal: OrderJournal) -> None:
    entries = bench.orders(journal).place_batch(batch(bench, *(f"0.{n}" for n in range(20, 36))))
    assert {entry.state for entry in entries} == {Written.REFUSED}
    assert bench.accepted() == []


class Legs:
    """A gateway whose batch is answered as given; single orders are accepted."""

    def __init__(self, answers: list[Failure | None]) -> None:
        self.answers, self.singles = answers, 0

    def order_id(self, signed: str) -> str:
        return f"id of {signed}"

    def dump(self, signed: str) -> str:
        return signed

    def rests(self, signed: str) -> bool:
        return True

    def send_all(self, signed: list[str]) -> list[Failure | None]:
        return self.answers

    def send(self, signed: str) -> None:
        self.singles += 1

    def look_up(self, order_id: str, *, since: float) -> Any:
        return Outcome(State.ABSENT)


def test_a_reply_with_too_few_legs_answers_none(journal: OrderJournal) -> None:
    gateway, waiting = Legs([None]), Waiting()
    orders: JournaledOrders = JournaledOrders(gateway, journal, **waiting.arguments())  # type: ignore[arg-type]
    entries = orders.place_batch(["a", "b"])
    assert [entry.state for entry in entries] == [Written.PLACED] * 2
    assert gateway.singles == 2


def test_a_batch_that_comes_too_soon_waits_once_as_long_as_it_is_told(
    journal: OrderJournal,
) -> None:
    from journaled_orders import JournaledOrders

    later = Failure(Kind.RATE_LIMITED, "Too Many Requests", retry_after=7)
    gateway, waiting = Legs([later, later]), Waiting()
    orders: JournaledOrders = JournaledOrders(gateway, journal, **waiting.arguments())  # type: ignore[arg-type]
    orders.place_batch(["a", "b"])
    assert waiting.pauses[0] == 7
    assert sum(pause == 7 for pause in waiting.pauses) == 1
    assert orders.place_batch([]) == []


# Cancels


CANCEL_FAULTS = ["lose_reply", "reset", "error_after_accept", "server_error", "cancel_lag"]


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("fault", CANCEL_FAULTS)
def test_after_a_cancel_nothing_is_open_whatever_became_of_its_reply(
    bench: Bench, journal: OrderJournal, fault: str, everything: bool
) -> None:
    placed = [
        e.order_id for e in bench.orders(journal).place_batch(batch(bench, "0.30", "0.31", "0.32"))
    ]
    arguments = {} if fault == "cancel_lag" else {"method": "DELETE", "path": "*"}
    bench.venue.fault(fault, **arguments, times=2)

    def sleep(seconds: float) -> None:
        waiting.sleep(seconds)
        bench.venue.advance(seconds)

    waiting = Waiting()
    cancel_for_sure(
        bench.gateway,
        None if everything else placed[:2],
        sleep=sleep,
        clock=lambda: waiting.now,
    )
    assert bench.gateway.open_orders() == set(placed[len(placed) if everything else 2 :])


def test_cancelling_what_was_filled_or_never_there_is_done_at_once(
    bench: Bench, journal: OrderJournal
) -> None:
    entry = bench.orders(journal).place(bench.sign("0.60", "GTC"))  # takes the asks
    waiting = Waiting()
    cancel_for_sure(bench.gateway, [entry.order_id, "0x" + "ab" * 32], **waiting.arguments())
    cancel_for_sure(bench.gateway, [], **waiting.arguments())
    assert waiting.pauses == []


def test_a_delayed_order_is_canceled_once_the_venue_lets_it(
    bench: Bench, journal: OrderJournal
) -> None:
    """While it is delayed no list shows it, and a cancel leaves it: it would rest afterwards."""
    delay(bench, milliseconds=3_000)
    entry = bench.orders(journal).place(bench.sign("0.60", "GTC"))  # would take the asks
    bench.venue.call(take_the_asks_away(bench))
    assert entry.order_id not in bench.gateway.open_orders()
    waiting = Waiting()

    def sleep(seconds: float) -> None:
        waiting.sleep(seconds)
        bench.venue.advance(seconds)

    cancel_for_sure(bench.gateway, [entry.order_id], sleep=sleep, clock=lambda: waiting.now)
    assert waiting.now >= 3
    bench.venue.advance(10)
    assert bench.gateway.open_orders() == set()
    assert bench.accepted() == []


def test_an_order_that_stays_delayed_is_told_with_the_venues_reason(
    bench: Bench, journal: OrderJournal
) -> None:
    delay(bench, milliseconds=3_000)
    entry = bench.orders(journal).place(bench.sign("0.60", "GTC"))
    with pytest.raises(StillOpen, match="delayed"):
        cancel_for_sure(bench.gateway, [entry.order_id], **Waiting().arguments())


def delay(bench: Bench, *, milliseconds: int) -> None:
    engine = bench.venue.venue.engine
    bench.venue.call(lambda: setattr(engine.by_token[YES], "taker_delay_ms", milliseconds))


def take_the_asks_away(bench: Bench) -> Callable[[], None]:
    engine = bench.venue.venue.engine

    def take() -> None:
        for order in [o for o in engine.open.values() if o.market is engine.by_token[YES]]:
            engine.cancel(order.id, bench.venue.venue.clock.now_ms())

    return take


class Answers:
    """A venue of which each cancel and each list is given; the last ones stay."""

    def __init__(self, cancels: list[Failure | None], lists: list[Any]) -> None:
        self.cancels, self.lists = cancels, lists
        self.asked: list[list[str] | None] = []

    def cancel(self, order_ids: Any) -> Failure | None:
        self.asked.append(order_ids)
        return self.cancels.pop(0) if len(self.cancels) > 1 else self.cancels[0]

    def open_orders(self) -> set[str]:
        listed = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
        if isinstance(listed, Exception):
            raise listed
        return set(listed)


UNKNOWN = Failure(Kind.UNKNOWN, "no answer")
LATER = Failure(Kind.UNAVAILABLE, "restarting", retry_after=9)


def test_an_empty_list_counts_only_once_a_cancel_was_answered() -> None:
    venue, waiting = Answers([UNKNOWN, UNKNOWN, None], [[]]), Waiting()
    cancel_for_sure(venue, ["a"], **waiting.arguments())
    assert venue.asked == [["a"]] * 3


def test_a_list_that_cannot_be_read_is_no_success() -> None:
    venue, waiting = Answers([None], [OSError("down"), ["a", "b"], ["b"]]), Waiting()
    cancel_for_sure(venue, ["a"], **waiting.arguments())
    assert len(venue.asked) == 3


def test_what_stays_open_is_named() -> None:
    for cancels, lists, named in (
        ([None], [["a", "c"]], {"a"}),
        ([UNKNOWN], [OSError("down")], None),
    ):
        with pytest.raises(StillOpen) as raised:
            cancel_for_sure(Answers(cancels, lists), ["a", "b"], **Waiting().arguments())
        assert raised.value.order_ids == named


def test_a_final_refusal_to_cancel_is_told_at_once() -> None:
    venue, waiting = Answers([Failure(Kind.AUTH, "no key")], [["a"]]), Waiting()
    with pytest.raises(StillOpen, match="no key"):
        cancel_for_sure(venue, **waiting.arguments())
    assert len(venue.asked) == 1
    assert waiting.pauses == []


def test_the_venues_wish_to_wait_is_kept_when_cancelling() -> None:
    waiting = Waiting()
    cancel_for_sure(Answers([LATER, None], [["a"], []]), **waiting.arguments())
    assert waiting.pauses == [9]


def test_what_is_delayed_is_asked_for_again_though_another_is_the_one_that_is_listed() -> None:
    venue = Answers([LATER, None], [["listed"], []])
    cancel_for_sure(venue, ["delayed", "listed"], **Waiting().arguments())
    assert venue.asked == [["delayed", "listed"]] * 2


def test_what_is_delayed_in_a_second_request_is_asked_for_again() -> None:
    venue = Answers([None, LATER, None], [[]])
    cancel_for_sure(venue, [f"{n:05}" for n in range(MAX_IDS + 1)], **Waiting().arguments())
    assert [len(ids or []) for ids in venue.asked] == [MAX_IDS, 1, 1]


def test_thousands_of_ids_go_in_requests_of_a_thousand() -> None:
    ids = [f"{n:05}" for n in range(2 * MAX_IDS + 1)]
    left = set(ids)

    asked: list[int] = []

    class Venue:
        def cancel(self, order_ids: Any) -> None:
            asked.append(len(order_ids))
            left.difference_update(order_ids)

        def open_orders(self) -> set[str]:
            return set(left)

    cancel_for_sure(Venue(), ids, **Waiting().arguments())
    assert asked == [MAX_IDS, MAX_IDS, 1]


# Post-only, repriced


def post_only_bid(client: SecureClient) -> Any:
    return lambda price: client.create_limit_order(
        token_id=YES, side="BUY", price=price, size=10, post_only=True
    )


def test_a_post_only_order_that_would_cross_goes_one_tick_before_the_best(
    client: SecureClient, journal: OrderJournal, mock_clob: MockClob
) -> None:
    orders = secure_orders(client, mock_clob, journal)
    entry = place_post_only(
        orders, post_only_bid(client), Decimal("0.60"), lambda: closest_price(client, YES, "BUY")
    )
    assert entry.state is Written.PLACED
    assert client.get_order(order_id=entry.order_id).price == Decimal("0.51")
    refused = [e for e in journal.entries() if e.state is Written.REFUSED]
    assert len(refused) == 1
    assert "crosses" in refused[0].detail


def secure_orders(client: SecureClient, venue: MockClob, journal: OrderJournal) -> Any:
    return Bench(venue, SecureGateway(client), lambda *_: None).orders(journal)


def test_tries_end_and_each_refused_price_stands_in_the_journal(
    client: SecureClient, journal: OrderJournal, mock_clob: MockClob
) -> None:
    orders = secure_orders(client, mock_clob, journal)
    running_away = iter([Decimal("0.59"), Decimal("0.58"), Decimal("0.57")])
    entry = place_post_only(
        orders, post_only_bid(client), Decimal("0.60"), lambda: next(running_away), tries=3
    )
    assert entry.state is Written.REFUSED
    assert len(journal.entries()) == 3
    agree(Bench(mock_clob, None, lambda *_: None), journal)


def test_another_refusal_and_a_market_without_room_end_at_once(
    client: SecureClient, journal: OrderJournal, mock_clob: MockClob
) -> None:
    orders = secure_orders(client, mock_clob, journal)
    bid = post_only_bid(client)
    assert place_post_only(orders, bid, Decimal("0.60"), lambda: None).state is Written.REFUSED
    mock_clob.call(lambda: mock_clob.venue.ledger.balances.clear())
    entry = place_post_only(orders, bid, Decimal("0.40"), lambda: pytest.fail("asked"))
    assert "not enough balance" in entry.detail


def test_the_closest_price_is_a_tick_inside_and_none_beyond_the_range(
    client: SecureClient, mock_clob: MockClob
) -> None:
    assert closest_price(client, YES, "SELL") == Decimal("0.49")
    mock_clob.call(lambda: [mock_clob.venue.engine.cancel(i, 0) for i in list(book(mock_clob))])
    assert closest_price(client, YES, "BUY") == Decimal("0.99")
    assert closest_price(client, YES, "SELL") == Decimal("0.01")
    client.place_limit_order(token_id=YES, side="BUY", price="0.99", size=10)
    assert closest_price(client, YES, "SELL") is None


def book(venue: MockClob) -> dict[str, Any]:
    return venue.venue.engine.open


# The heartbeat


class Now:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def beating(client: SecureClient, venue: MockClob) -> tuple[Heartbeat, Any]:
    """A heart whose clock is the venue's, and a way to let time pass for both."""
    venue.freeze()
    now = Now()

    def advance(seconds: float) -> None:
        now.seconds += seconds
        venue.advance(seconds)

    return Heartbeat(client, clock=now), advance


def test_orders_live_while_the_heart_beats_and_go_when_it_stops(
    client: SecureClient, mock_clob: MockClob
) -> None:
    heart, advance = beating(client, mock_clob)
    heart.beat()
    client.place_limit_order(token_id=YES, side="BUY", price="0.10", size=10)
    for _ in range(6):
        advance(5)
        heart.beat()
    assert not heart.lapsed
    assert len(list(client.list_open_orders().iter_items())) == 1
    advance(10.1)
    assert heart.lapsed
    assert list(client.list_open_orders().iter_items()) == []
    assert heart.lapses == 0
    heart.beat()
    assert (heart.lapsed, heart.lapses) == (False, 1)


def test_a_lost_answer_does_not_break_the_chain(client: SecureClient, mock_clob: MockClob) -> None:
    heart, advance = beating(client, mock_clob)
    heart.beat()
    client.place_limit_order(token_id=YES, side="BUY", price="0.10", size=10)
    advance(5)
    mock_clob.fault("lose_reply", method="POST", path="/v1/heartbeats")
    with pytest.raises(TransportError):
        heart.beat()
    advance(4)
    heart.beat()
    advance(9)
    assert (heart.lapsed, heart.lapses) == (False, 0)
    assert len(list(client.list_open_orders().iter_items())) == 1


def test_a_venue_that_let_it_lapse_is_noticed_though_our_clock_did_not(
    client: SecureClient, mock_clob: MockClob
) -> None:
    heart, _ = beating(client, mock_clob)
    heart.beat()
    mock_clob.advance(11)
    assert not heart.lapsed
    heart.beat()
    assert heart.lapses == 1


def test_the_thread_goes_on_beating_through_failures(
    client: SecureClient, mock_clob: MockClob, caplog: pytest.LogCaptureFixture
) -> None:
    beats = threading.Semaphore(0)

    class Counted(Heartbeat):
        def beat(self) -> None:
            try:
                super().beat()
            finally:
                beats.release()

    mock_clob.fault("server_error", method="POST", path="/v1/heartbeats", nth=2, times=2)
    with Counted(client, every=0.01) as heart:
        for _ in range(6):
            assert beats.acquire(timeout=10)
        assert (heart.lapsed, heart.lapses) == (False, 0)
    assert "no heartbeat" in caplog.text
    assert not any(thread.name == "heartbeat" for thread in threading.enumerate())


# The end


def test_shutting_down_leaves_no_order_and_no_question(bench: Bench, journal: OrderJournal) -> None:
    orders = bench.orders(journal, seconds=1)
    bench.orders(journal).place(bench.sign("0.30", "GTC"))
    bench.venue.fault("lose_reply", method="POST", path="/order", times=None)
    bench.venue.fault("reset", method="GET", path="*", times=None)
    assert orders.place(bench.sign("0.31", "GTC")).state is Written.OPEN
    bench.venue.clear_faults()
    sent = len(posts(bench.venue))
    shut_down(bench.gateway, orders)
    assert bench.gateway.open_orders() == set()
    assert journal.open_questions() == []
    assert len(posts(bench.venue)) == sent


def test_an_order_that_shows_up_only_after_the_cancel_is_canceled_too() -> None:
    cancels: list[str] = []

    class Orders:
        def settle(self, *, resend: bool) -> list[str]:
            assert not resend
            cancels.append("settled")
            return ["an order that was in doubt"]

    shut_down(None, Orders(), lambda _: cancels.append("canceled"))  # type: ignore[arg-type]
    assert cancels == ["canceled", "settled", "canceled"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_sets_the_event_and_the_old_handler_comes_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_on_signals() as stop:
        assert not stop.is_set()
        signal.raise_signal(number)
        assert stop.is_set()
    assert signal.getsignal(number) is before


BOT = """
import sys
sys.path[:0] = {folders!r}
from heartbeat import Heartbeat
from journaled_orders import JournaledOrders
from order_journal import OrderJournal
from secure_client import secure_client
from secure_gateway import YES, SecureGateway
from shutdown import shut_down, stop_on_signals

with secure_client() as client, stop_on_signals() as stop, Heartbeat(client, every=1):
    gateway = SecureGateway(client)
    orders = JournaledOrders(gateway, OrderJournal({path!r}))
    for price in ("0.10", "0.11"):
        orders.place(client.create_limit_order(token_id=YES, side="BUY", price=price, size=10))
    print("quoting", flush=True)
    stop.wait()
    shut_down(gateway, orders)
    print("over", flush=True)
"""


def test_a_process_that_is_told_to_end_leaves_nothing_open(
    mock_clob: MockClob, tmp_path: Path, journal_path: Path
) -> None:
    bench = secure(mock_clob)
    script = tmp_path / "bot.py"
    folders = [str(folder) for folder in SNIPPETS.iterdir() if folder.is_dir()]
    script.write_text(BOT.format(folders=folders, path=str(journal_path)))
    bot = subprocess.Popen(
        [sys.executable, script],
        env=_environment(mock_clob.server) | {"POLYMARKET_FUNDER": mock_clob.account(0).address},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert bot.stdout
    assert bot.stdout.readline() == "quoting\n"
    assert len(bench.accepted()) == 2
    bot.send_signal(signal.SIGTERM)
    assert bot.communicate(timeout=20)[0] == "over\n"
    assert bot.returncode == 0
    assert bench.accepted() == []
