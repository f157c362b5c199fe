"""BalanceTracker: exact changes, a history that survives failures and reorgs, books that agree."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from types import SimpleNamespace

import balance_tracker
import pytest
from balance_tracker import BalanceTracker
from polygon_rpc import ChainUnreadable, polygon
from py_clob_client.clob_types import OrderArgs
from settled_trade import settled_trade
from trading_client import trading_client
from web3 import Web3

from mock_clob.accounts import ACCOUNTS
from mock_clob.faults import Effect
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from tests.snippets.chain_moves import mine, revert, send, snapshot

WALLET = ACCOUNTS[0].address
D = Decimal


@pytest.fixture
def w3(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> Web3:
    """The chain of a venue whose clock stands still: no block comes that the test did not mine."""
    mock_clob.call(mock_clob.venue.clock.freeze)
    monkeypatch.delenv("POLYGON_RPC_URL", raising=False)
    return polygon()


@pytest.fixture
def tracker(w3: Web3) -> BalanceTracker:
    """It has seen the first balance, 10,000 USDC.e."""
    tracker = BalanceTracker(WALLET)
    tracker.update()
    return tracker


# Following


def test_a_new_tracker_has_asked_nothing(mock_clob: MockClob) -> None:
    tracker = BalanceTracker(WALLET)
    assert (tracker.last_balance, list(tracker.history)) == (None, [])
    assert len(mock_clob.journal) == 0


def test_the_first_update_has_no_change(tracker: BalanceTracker) -> None:
    (entry,) = tracker.history
    assert (entry.balance, entry.change) == (10_000, 0)
    assert tracker.last_balance == 10_000


def test_every_change_is_exact(w3: Web3, tracker: BalanceTracker) -> None:
    for base_units in (1, 333_333, 4_666_666):
        send(w3, base_units)
        tracker.update()
    changes = [entry.change for entry in tracker.history]
    assert changes == [0, D("-0.000001"), D("-0.333333"), D("-4.666666")]
    assert tracker.last_balance == D(9_995)


def test_an_entry_names_its_block(w3: Web3, tracker: BalanceTracker) -> None:
    send(w3, 1)
    entry = tracker.update()
    block = w3.eth.get_block(entry.block_number)
    assert entry.block_hash == block["hash"].to_0x_hex()
    assert entry.timestamp.timestamp() == block["timestamp"]


def test_the_same_block_is_one_entry(tracker: BalanceTracker) -> None:
    assert tracker.update() is tracker.update()
    assert len(tracker.history) == 1


def test_another_token_can_be_followed(w3: Web3) -> None:
    tracker = BalanceTracker(WALLET, "pUSD")
    tracker.update()
    send(w3, 5_000_000)  # USDC.e
    assert tracker.update().change == 0


def test_the_history_has_an_end(w3: Web3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balance_tracker, "MAX_ENTRIES", 2)
    tracker = BalanceTracker(WALLET)
    for _ in range(3):
        mine(w3)
        tracker.update()
    assert len(tracker.history) == 2


def test_threads_that_update_at_once_add_one_entry(w3: Web3, tracker: BalanceTracker) -> None:
    mine(w3)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: tracker.update(), range(8)))
    assert len(set(found)) == 1
    assert len(tracker.history) == 2


# Failing


@pytest.mark.parametrize("request_number", range(1, 6))
def test_an_update_that_fails_midway_changes_nothing(
    mock_clob: MockClob, w3: Web3, tracker: BalanceTracker, request_number: int
) -> None:
    send(w3, 5_000_000)
    before = list(tracker.history)
    fault = mock_clob.fault(Effect(status=503), path="*", nth=request_number)
    with pytest.raises(ChainUnreadable):
        tracker.update()
    assert fault.fired == 1
    assert list(tracker.history) == before
    assert tracker.last_balance == 10_000

    assert tracker.update().change == -5  # and nothing is lost


@pytest.mark.usefixtures("w3")
def test_the_first_update_can_fail_and_be_repeated(mock_clob: MockClob) -> None:
    tracker = BalanceTracker(WALLET)
    mock_clob.fault(Effect(status=503), path="*")
    with pytest.raises(ChainUnreadable):
        tracker.update()
    assert (tracker.last_balance, list(tracker.history)) == (None, [])
    assert tracker.update().balance == 10_000


def test_a_node_that_is_behind_is_not_believed(w3: Web3, tracker: BalanceTracker) -> None:
    start = snapshot(w3)
    send(w3, 5_000_000)
    newest = tracker.update()
    revert(w3, start)
    with pytest.raises(ChainUnreadable, match="the RPC is behind: its newest block is"):
        tracker.update()
    assert tracker.history[-1] == newest


# Reorgs


def test_a_change_that_a_reorg_takes_back_leaves_the_history(
    w3: Web3, tracker: BalanceTracker
) -> None:
    start = snapshot(w3)
    send(w3, 5_000_000)
    lost = tracker.update()
    revert(w3, start)
    send(w3, 2_000_000)  # another block at the same height

    entry = tracker.update()

    assert entry.block_number == lost.block_number
    assert tracker.orphaned == [lost]
    assert [e.change for e in tracker.history] == [0, -2]
    assert sum(e.change for e in tracker.history) == entry.balance - 10_000


def test_a_deep_reorg_takes_back_several_entries(w3: Web3, tracker: BalanceTracker) -> None:
    start = snapshot(w3)
    for _ in range(3):
        send(w3, 1_000_000)
        tracker.update()
    revert(w3, start)
    send(w3, 500_000)
    for _ in range(3):
        mine(w3)
    assert tracker.update().change == D("-0.5")
    assert len(tracker.orphaned) == 3
    assert len(tracker.history) == 2


def test_a_reorg_of_everything_starts_again(w3: Web3) -> None:
    start = snapshot(w3)
    send(w3, 5_000_000)
    tracker = BalanceTracker(WALLET)
    tracker.update()
    revert(w3, start)
    send(w3, 1_000_000)
    entry = tracker.update()
    assert (entry.balance, entry.change) == (9_999, 0)
    assert len(tracker.history) == 1


# Reconciling


def test_books_that_agree_have_no_discrepancy(w3: Web3, tracker: BalanceTracker) -> None:
    send(w3, 5_000_000)
    found = tracker.reconcile(D("-5"))
    assert (found.expected, found.actual, found.discrepancy) == (-5, -5, 0)


def test_several_changes_are_reconciled_together(w3: Web3, tracker: BalanceTracker) -> None:
    for _ in range(3):
        send(w3, 10_000_000)
        tracker.update()
    assert tracker.reconcile(D(-30)).discrepancy == 0


def test_a_single_base_unit_is_a_discrepancy(w3: Web3, tracker: BalanceTracker) -> None:
    send(w3, 5_000_001)
    assert tracker.reconcile(D(-5)).discrepancy == D("-0.000001")


def test_open_books_close_once_the_rest_has_settled(w3: Web3, tracker: BalanceTracker) -> None:
    send(w3, 2_000_000)
    assert tracker.reconcile(D(-5)).discrepancy == 3
    send(w3, 3_000_000)
    assert tracker.reconcile(D(-5)).discrepancy == 0
    assert tracker.reconcile(D(0)).discrepancy == 0  # agreed: it does not count again


def test_a_reorg_opens_books_that_had_agreed(w3: Web3, tracker: BalanceTracker) -> None:
    start = snapshot(w3)
    send(w3, 5_000_000)
    assert tracker.reconcile(D(-5)).discrepancy == 0
    revert(w3, start)
    mine(w3)
    assert tracker.reconcile(D(0)).discrepancy == 5


def test_reconciling_without_a_first_update_is_an_error(w3: Web3) -> None:
    with pytest.raises(ValueError, match=r"update\(\) once before"):
        BalanceTracker(WALLET).reconcile(D(0))


def test_a_reconciliation_that_cannot_read_changes_nothing(
    mock_clob: MockClob, w3: Web3, tracker: BalanceTracker
) -> None:
    send(w3, 5_000_000)
    mock_clob.fault(Effect(status=503), path="*")
    with pytest.raises(ChainUnreadable):
        tracker.reconcile(D(-5))
    assert len(tracker.history) == 1
    assert tracker.reconcile(D(-5)).discrepancy == 0


def test_a_float_is_refused(tracker: BalanceTracker) -> None:
    with pytest.raises(TypeError):
        _ = tracker.reconcile(-0.1).discrepancy  # type: ignore[arg-type]


# Fills


@pytest.fixture
def exchange_1(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> MockClob:
    mock_clob.reset(exchange=1)
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", ACCOUNTS[0].key)
    monkeypatch.setenv("POLYMARKET_FUNDER", WALLET)
    monkeypatch.delenv("POLYMARKET_SIGNATURE_TYPE", raising=False)
    monkeypatch.delenv("POLYGON_RPC_URL", raising=False)
    return mock_clob


@pytest.mark.usefixtures("exchange_1")
def test_fills_reconcile_to_the_last_base_unit() -> None:
    client, tracker = trading_client(), BalanceTracker(WALLET)
    tracker.update()
    expected = D(0)
    for side, price, size in (("BUY", 0.53, 123.45), ("SELL", 0.47, 67.89), ("BUY", 0.53, 5.01)):
        order = client.create_order(OrderArgs(DOCUMENTED.token_ids[0], price, size, side))
        reply = client.post_order(order)
        for trade_id in reply["tradeIDs"]:
            settled_trade(client, trade_id)
        bought = side == "BUY"
        expected += -D(reply["makingAmount"]) if bought else D(reply["takingAmount"])
    assert tracker.reconcile(expected).discrepancy == 0


def test_a_trade_that_fails_is_an_error_and_moves_nothing(exchange_1: MockClob) -> None:
    client, tracker = trading_client(), BalanceTracker(WALLET)
    tracker.update()
    exchange_1.call(lambda: setattr(exchange_1.venue.settlement, "failures", 1))
    reply = client.create_and_post_order(OrderArgs(DOCUMENTED.token_ids[0], 0.52, 10, "BUY"))
    with pytest.raises(RuntimeError, match="failed to settle: nothing has moved"):
        settled_trade(client, reply["tradeIDs"][0])
    assert tracker.reconcile(D(0)).discrepancy == 0


def test_a_trade_that_stays_on_its_way_times_out(
    exchange_1: MockClob, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(10))
    clock = SimpleNamespace(monotonic=lambda: next(now), sleep=lambda seconds: None)
    monkeypatch.setattr("settled_trade.time", clock)
    client = trading_client()
    exchange_1.call(lambda: setattr(exchange_1.venue.settlement, "mode", "manual"))
    reply = client.create_and_post_order(OrderArgs(DOCUMENTED.token_ids[0], 0.52, 10, "BUY"))
    with pytest.raises(TimeoutError, match="is not final after 3 s"):
        settled_trade(client, reply["tradeIDs"][0], timeout=3)


@pytest.mark.usefixtures("exchange_1")
def test_a_trade_that_is_unknown_times_out() -> None:
    with pytest.raises(TimeoutError, match="trade 0x0 is not final after 0 s"):
        settled_trade(trading_client(), "0x0", timeout=0)
