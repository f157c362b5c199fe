"""What is known of an account's orders and trades, whatever order the news comes in."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import account_state
import pytest
from account_state import AccountSnapshot, AccountState
from hypothesis import given
from hypothesis import strategies as st


def trade(trade_id: str, status: str = "MATCHED", at: int = 100, **more: Any) -> dict[str, Any]:
    return {
        "id": trade_id,
        "status": status,
        "match_time": str(at),
        "size": "10",
        "taker_order_id": "taker",
        "maker_orders": [],
    } | more


def order(order_id: str, matched: str = "0", status: str = "LIVE", **more: Any) -> dict[str, Any]:
    return {"id": order_id, "status": status, "size_matched": matched, "original_size": "10"} | more


def fills(order_id: str, shares: str, trade_id: str = "t1", status: str = "MATCHED") -> Any:
    maker = {"order_id": order_id, "matched_amount": shares}
    return trade(trade_id, status, maker_orders=[maker, {"order_id": "x", "matched_amount": "1"}])


def merged(
    state: AccountState, orders: list[Any], trades: list[Any], expected: set[str] | None = None
) -> list[Any]:
    return list(state.merge(AccountSnapshot(orders, trades), expected or set()))


def test_a_trade_is_news_once_for_each_status() -> None:
    state = AccountState()
    way = ["MATCHED", "MATCHED", "MINED", "MINED", "CONFIRMED", "CONFIRMED"]
    assert [state.take_trade(trade("t", each)) for each in way] == [True, False] * 3


def test_a_trade_never_goes_back() -> None:
    state = AccountState()
    assert state.take_trade(trade("t", "CONFIRMED"))
    for late in ("MATCHED", "RETRYING", "MINED", "FAILED", "SOMETHING_NEW"):
        assert not state.take_trade(trade("t", late))
    assert state.trades["t"]["status"] == "CONFIRMED"


def test_a_trade_that_is_sent_again_and_fails_is_news() -> None:
    state = AccountState()
    way = ["MATCHED_NOT_BROADCASTED", "MATCHED", "RETRYING", "FAILED"]
    assert all(state.take_trade(trade("t", each)) for each in way)


def test_statuses_with_the_rest_prefix_are_the_same_statuses() -> None:
    state = AccountState()
    assert state.take_trade(trade("t", "MINED"))
    assert not state.take_trade(trade("t", "TRADE_STATUS_MINED"))
    news = merged(state, [], [trade("t", "TRADE_STATUS_CONFIRMED")])
    assert [each["status"] for each in news] == ["CONFIRMED"]


def test_an_order_is_news_when_it_is_filled_further_or_closed() -> None:
    state = AccountState()
    assert state.take_order(order("o"))
    assert not state.take_order(order("o"))
    assert state.take_order(order("o", "4"))
    assert not state.take_order(order("o", "2")), "an UPDATE that was overtaken"
    assert state.take_order(order("o", "4", "CANCELED", type="CANCELLATION"))
    assert not state.take_order(order("o", "4"))
    assert state.open_orders() == set()


@pytest.mark.parametrize(
    "closed",
    [
        order("o", "10", "MATCHED"),
        order("o", "3", "CANCELED"),
        order("o", "3", "CANCELED_order couldn't be fully filled"),
        order("o", "3", "ORDER_STATUS_CANCELED_MARKET_RESOLVED"),
        order("o", "3", "INVALID"),
        order("o", "3", "LIVE", type="CANCELLATION"),
    ],
)
def test_ways_in_which_an_order_is_closed(closed: dict[str, Any]) -> None:
    state = AccountState()
    state.take_order(order("o"))
    assert state.open_orders() == {"o"}
    assert state.take_order(closed)
    assert state.open_orders() == set()


def test_a_half_filled_order_is_open() -> None:
    state = AccountState()
    state.take_order(order("o", "5", "MATCHED"))
    assert state.open_orders() == {"o"}


def test_a_snapshot_brings_the_trades_and_orders_that_were_missed() -> None:
    state = AccountState()
    state.take_trade(trade("t1"))
    news = merged(state, [order("o")], [trade("t1"), trade("t2")])
    assert [(each["event_type"], each["id"]) for each in news] == [("trade", "t2"), ("order", "o")]
    assert merged(state, [order("o")], [trade("t1"), trade("t2")]) == []


def test_an_expected_order_that_is_gone_was_closed_and_its_trades_say_how_far_it_was_filled() -> (
    None
):
    state = AccountState()
    state.take_order(order("o", "2"))
    trades = [fills("o", "2.5"), fills("o", "4", "t2"), trade("t3", "MINED")]
    news = merged(state, [], trades, expected=state.open_orders())
    assert news[-1]["type"] == "CLOSED_UNSEEN"
    assert news[-1]["size_matched"] == "6.5"
    assert state.open_orders() == set()


def test_an_order_placed_while_the_snapshot_was_read_stays_open() -> None:
    state = AccountState()
    expected = state.open_orders()
    state.take_order(order("new"))
    assert merged(state, [], [], expected) == []
    assert state.open_orders() == {"new"}


def test_an_order_cancelled_while_the_snapshot_was_read_stays_closed() -> None:
    state = AccountState()
    state.take_order(order("o"))
    expected = state.open_orders()
    state.take_order(order("o", status="CANCELED"))
    assert merged(state, [order("o")], [], expected) == []
    assert merged(state, [], [], expected) == []
    assert state.open_orders() == set()


def test_filled_counts_the_taker_and_every_maker_but_no_failed_trade() -> None:
    state = AccountState()
    for each in (
        trade("t1", taker_order_id="o", size="1.25"),
        fills("o", "2.5", "t2"),
        fills("o", "100", "t3", "FAILED"),
        fills("other", "50", "t4"),
    ):
        state.take_trade(each)
    assert state.filled("o") == Decimal("3.75")


def test_trades_are_read_again_from_the_oldest_that_is_not_settled() -> None:
    state = AccountState()
    assert state.read_from(7) == 7
    state.take_trade(trade("t1", "CONFIRMED", at=100))
    state.take_trade(trade("t2", "CONFIRMED", at=300))
    assert state.read_from(7) == 300
    late = trade("t3", "MINED", at=0, matchtime="200")
    state.take_trade(late)
    del late["match_time"]
    assert state.read_from(7) == 200


def test_memory_is_bounded_and_what_is_open_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_state, "REMEMBERED", 3)
    state = AccountState()
    for number in range(5):
        state.take_order(order(f"open {number}"))
    for number in range(5):
        state.take_order(order(f"closed {number}", "10", "MATCHED"))
    assert state.open_orders() == {f"open {number}" for number in range(5)}
    assert len(state.orders) == 5
    for number in range(5):
        state.take_trade(trade(f"t{number}", "CONFIRMED"))
    assert list(state.trades) == ["t2", "t3", "t4"]


STATUSES = ["MATCHED", "RETRYING", "MINED", "CONFIRMED"]


@given(st.permutations(list(itertools.product(["t1", "t2"], STATUSES)) * 2))
def test_any_order_and_repetition_of_news_ends_in_the_same_state(way: list[Any]) -> None:
    state = AccountState()
    told = [(each, status) for each, status in way if state.take_trade(trade(each, status))]
    assert {each: t["status"] for each, t in state.trades.items()} == dict.fromkeys(
        ["t1", "t2"], "CONFIRMED"
    )
    assert len(told) == len(set(told))
