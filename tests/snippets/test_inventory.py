"""What a bot holds: each fill counted once, whatever order its statuses come in."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inventory import Inventory

MINE = {"mine"}


def trade(status: str, size: str = "4", side: str = "BUY", **fields: Any) -> dict[str, Any]:
    part = {"order_id": "mine", "side": side, "matched_amount": size, "price": "0.47"}
    other = part | {"order_id": "somebody's", "matched_amount": "100"}
    return {"id": "t1", "status": status, "maker_orders": [part, other]} | fields


@pytest.mark.parametrize("prefix", ["", "TRADE_STATUS_"])
def test_a_fill_counts_from_the_match_and_once(prefix: str) -> None:
    inventory = Inventory(D(20), D(1_000))
    moved = [
        inventory.take(trade(prefix + status), MINE)
        for status in ("MATCHED", "MATCHED", "MINED", "RETRYING", "CONFIRMED")
    ]
    assert moved == [4, 0, 0, 0, 0]
    assert inventory.shares == 24
    assert inventory.settled == (24, D("998.12"))
    assert inventory.is_settled


def test_a_fill_that_fails_is_taken_back() -> None:
    inventory = Inventory(D(20), D(1_000))
    assert inventory.take(trade("MATCHED", side="SELL"), MINE) == -4
    assert not inventory.is_settled
    assert inventory.take(trade("FAILED", side="SELL"), MINE) == 4
    assert (inventory.settled, inventory.fills) == ((20, 1_000), 0)


def test_trades_of_others_change_nothing() -> None:
    inventory = Inventory(D(20), D(1_000))
    assert inventory.take(trade("CONFIRMED"), {"another"}) == 0
    assert inventory.differs(D(20), D(1_000)) == ""


def test_shares_are_exact_and_dollars_within_a_base_unit_a_fill() -> None:
    inventory = Inventory(D(0), D(10))
    inventory.take(trade("CONFIRMED", "3.333333"), MINE)
    exact = inventory.settled[1]
    unit = D("0.000001")
    assert inventory.differs(D("3.333333"), exact - unit) == ""
    assert inventory.differs(D("3.333334"), exact) != ""
    assert inventory.differs(D("3.333333"), exact - 2 * unit) != ""


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["MATCHED", "MINED", "CONFIRMED"])),
        max_size=40,
    )
)
def test_confirmed_and_pending_fills_add_up(events: list[tuple[int, str]]) -> None:
    """As a user stream tells them: repeated, out of order, but nothing after CONFIRMED."""
    inventory, seen, final = Inventory(D(0), D(0)), set[int](), set[int]()
    for number, status in events:
        if number not in final:
            inventory.take(trade(status, str(number + 1), id=str(number)), MINE)
            seen.add(number)
            final |= {number} if status == "CONFIRMED" else set()
    assert inventory.shares == sum(number + 1 for number in seen)
    assert inventory.settled[0] == sum(number + 1 for number in final)
    assert inventory.is_settled == (seen == final)
