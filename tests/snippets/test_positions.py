"""Fills, accounting and export: who owned which part, at what exact price, final or not."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from export_fills import write_csv
from fill import Fill
from hypothesis import given
from hypothesis import strategies as st
from own_fills import own_fills, read_fills
from profit_and_loss import Holding, average_cost
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, TradeParams

from mock_clob import rules
from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES, NO = DOCUMENTED.token_ids
ALICE, BOB = ACCOUNTS[0].address, ACCOUNTS[1].address
D = Decimal


def trade(client: ClobClient, side: str, price: float, size: float, token: str = YES) -> None:
    client.create_and_post_order(OrderArgs(token, price=price, size=size, side=side))


def shown(fills: list[Fill]) -> list[tuple[str, str, str, Decimal, Decimal]]:
    return [(f.role, f.side, f.outcome, f.size, f.price) for f in fills]


# Whose part, at what price


def test_a_taker_that_walks_the_book_has_a_fill_at_each_price(alice: ClobClient) -> None:
    trade(alice, "BUY", 0.53, 120)
    fills = read_fills(alice)
    assert shown(fills) == [
        ("TAKER", "BUY", "Yes", D(100), D("0.52")),
        ("TAKER", "BUY", "Yes", D(20), D("0.53")),
    ]
    assert {fill.status for fill in fills} == {"CONFIRMED"}


def test_a_maker_has_only_its_own_part_of_a_trade(alice: ClobClient, bob: ClobClient) -> None:
    trade(bob, "BUY", 0.49, 10)
    trade(alice, "SELL", 0.48, 25)  # 10 to bob, 15 to the house
    assert shown(read_fills(bob)) == [("MAKER", "BUY", "Yes", D(10), D("0.49"))]
    assert sum(fill.size for fill in read_fills(alice)) == 25


def test_two_buyers_of_opposite_outcomes_each_have_their_own(
    alice: ClobClient, bob: ClobClient
) -> None:
    trade(bob, "BUY", 0.51, 10, NO)
    trade(alice, "BUY", 0.52, 10, YES)  # meets bob's NO: a mint
    assert shown(read_fills(bob)) == [("MAKER", "BUY", "No", D(10), D("0.51"))]
    assert shown(read_fills(alice)) == [("TAKER", "BUY", "Yes", D(10), D("0.49"))]


def a_trade(**changes: Any) -> dict[str, Any]:
    """A reply of /data/trades in which bob rests and alice takes."""
    part = {"asset_id": YES, "side": "SELL", "outcome": "Yes", "maker_address": BOB}
    return {
        "id": "t",
        "status": "CONFIRMED",
        "market": DOCUMENTED.condition_id,
        "asset_id": YES,
        "side": "BUY",
        "size": "10",
        "price": "0.5",
        "outcome": "Yes",
        "match_time": "1700000000",
        "transaction_hash": "0x1",
        "trader_side": "TAKER",
        "maker_orders": [part | {"matched_amount": "10", "price": "0.52"}],
    } | changes


def test_parts_that_do_not_add_up_give_way_to_the_trades_own_price() -> None:
    fills = list(own_fills(a_trade(size="12"), ALICE))
    assert shown(fills) == [("TAKER", "BUY", "Yes", D(12), D("0.5"))]


def test_a_newer_status_prefix_is_taken_off() -> None:
    (fill,) = own_fills(a_trade(status="TRADE_STATUS_CONFIRMED"), ALICE)
    assert fill.status == "CONFIRMED"


def test_addresses_are_the_same_in_any_spelling() -> None:
    made = a_trade(trader_side="MAKER")
    assert len(list(own_fills(made, BOB.lower()))) == 1
    assert list(own_fills(made, ALICE)) == []


# What is final


def test_a_failed_trade_is_no_fill(mock_clob: MockClob, alice: ClobClient) -> None:
    mock_clob.call(lambda: setattr(mock_clob.venue.settlement, "failures", 1))
    trade(alice, "BUY", 0.52, 10)
    assert [made["status"] for made in alice.get_trades()] == ["FAILED"]
    assert read_fills(alice) == []


def test_a_trade_on_its_way_is_no_fill_yet(mock_clob: MockClob, alice: ClobClient) -> None:
    mock_clob.call(lambda: setattr(mock_clob.venue.settlement, "mode", "manual"))
    trade(alice, "BUY", 0.52, 10)
    assert [made["status"] for made in alice.get_trades()] == ["MATCHED"]
    assert read_fills(alice) == []


# Pages and filters


def test_every_page_is_read_oldest_first(
    alice: ClobClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "PAGE_SIZE", 2)
    for size in (5, 6, 7, 8, 9):
        trade(alice, "BUY", 0.52, size)
    assert [fill.size for fill in read_fills(alice)] == [5, 6, 7, 8, 9]


def test_the_time_filter_is_in_seconds(mock_clob: MockClob, alice: ClobClient) -> None:
    trade(alice, "BUY", 0.52, 5)
    mock_clob.advance(100)
    trade(alice, "BUY", 0.52, 6)
    between = alice.get_server_time() - 50
    assert [fill.size for fill in read_fills(alice, TradeParams(after=between))] == [6]
    assert [fill.size for fill in read_fills(alice, TradeParams(before=between))] == [5]


def test_a_strangers_history_is_empty(alice: ClobClient, bob: ClobClient) -> None:
    trade(alice, "BUY", 0.52, 5)
    assert read_fills(bob) == []
    assert read_fills(bob, TradeParams(maker_address=ALICE)) == []


# Profit and loss

amounts = st.decimals(min_value="0.01", max_value="1000", places=2)
prices = st.decimals(min_value="0.001", max_value="0.999", places=3)


@given(st.lists(st.tuples(st.sampled_from(["BUY", "SELL"]), amounts, prices), max_size=30))
def test_what_was_gained_less_what_is_left_is_the_money_that_moved(
    rows: list[tuple[str, Decimal, Decimal]],
) -> None:
    fills, held = [], D(0)
    for side, size, price in rows:
        if side == "BUY" or size <= held:
            held += size if side == "BUY" else -size
            fills.append(Fill("1", side, size, price))
    position = average_cost(fills).get("1", Holding())
    moved = sum((f.size * f.price * (1 if f.side == "SELL" else -1) for f in fills), D(0))
    assert position.shares == held
    assert abs(position.realized - position.cost - moved) < D("1e-18")


def test_all_sold_leaves_no_cost() -> None:
    rows = [("BUY", "7", "0.31"), ("BUY", "2", "0.4"), ("SELL", "9", "0.5")]
    held = average_cost(Fill("1", side, D(size), D(price)) for side, size, price in rows)["1"]
    assert (held.shares, held.cost, held.realized) == (0, 0, D("1.53"))


def test_tokens_are_apart() -> None:
    held = average_cost([Fill("1", "BUY", D(5), D("0.4")), Fill("2", "BUY", D(5), D("0.6"))])
    assert held["1"].cost == 2
    assert held["2"].cost == 3


def test_a_sale_of_shares_from_elsewhere_is_an_error() -> None:
    with pytest.raises(ValueError, match="sells 5 of 0 shares: 1"):
        average_cost([Fill("1", "SELL", D(5), D("0.5"))])


def test_an_opening_holding_gives_them_their_cost() -> None:
    opening = {"1": Holding(shares=D(100), cost=D(50))}
    held = average_cost([Fill("1", "SELL", D(40), D("0.7"))], opening)["1"]
    assert (held.shares, held.cost, held.realized) == (60, 30, 8)


# Export


def test_what_was_written_reads_back() -> None:
    fill = Fill(
        YES,
        "BUY",
        D("1E+2"),
        D("0.520"),
        'Yes, "really"',
        time=datetime(2026, 11, 23, 12, tzinfo=UTC),
    )
    stream = io.StringIO()
    write_csv([fill], stream)
    (row,) = csv.DictReader(io.StringIO(stream.getvalue()))
    assert row["token_id"] == YES
    assert row["size"] == "100"
    assert row["price"] == "0.520"
    assert row["outcome"] == 'Yes, "really"'
    assert datetime.fromisoformat(row["time"]) == fill.time


def test_no_fills_give_the_header_alone() -> None:
    stream = io.StringIO()
    write_csv([], stream)
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().startswith("token_id,side,size,price,")
