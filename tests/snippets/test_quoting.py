"""Quotes that cross nothing and stay within their limits, and the least change that brings them."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quoting import Limits, Quote, best_of_others, changes, wanted

ticks = st.sampled_from([D("0.1"), D("0.01"), D("0.005"), D("0.0025"), D("0.001"), D("0.0001")])
prices = st.decimals(D("0.0001"), D("0.9999"), places=4)
quotes = st.builds(Quote, st.sampled_from(["BUY", "SELL"]), prices, st.sampled_from([D(5), D(10)]))


@given(prices, prices, st.decimals(0, 100, places=2), ticks, prices)
def test_quotes_are_on_the_tick_cross_nothing_and_keep_the_limits(
    bid: D, ask: D, held: D, tick: D, half_spread: D
) -> None:
    bid, ask = (price // tick * tick for price in sorted((bid, ask)))
    limits = Limits(half_spread, D(10), D(50))
    for quote in wanted(bid, ask, held, tick=tick, limits=limits):
        assert quote.price % tick == 0
        assert tick <= quote.price <= 1 - tick
        assert abs(quote.price - (bid + ask) / 2) >= half_spread
        if quote.side == "BUY":
            assert quote.price < ask
            assert held + quote.size <= limits.max_position
        else:
            assert quote.price > bid
            assert held >= quote.size


def test_both_sides_are_quoted_around_the_middle() -> None:
    found = wanted(D("0.48"), D("0.52"), D(20), limits=Limits(half_spread=D("0.03")))
    assert found == [Quote("BUY", D("0.47"), D(10)), Quote("SELL", D("0.53"), D(10))]


@pytest.mark.parametrize(
    ("bid", "ask"), [(None, D("0.5")), (D("0.5"), None), (D("0.5"), D("0.5")), (D("0.6"), D("0.5"))]
)
def test_nothing_is_wanted_of_a_book_that_is_empty_or_crossed(bid: D | None, ask: D | None) -> None:
    assert wanted(bid, ask, D(20), limits=Limits()) == []


@pytest.mark.parametrize(("held", "sides"), [(0, ["BUY"]), (45, ["SELL"]), (20, ["BUY", "SELL"])])
def test_a_side_that_would_break_a_limit_is_left_out(held: int, sides: list[str]) -> None:
    found = wanted(D("0.48"), D("0.52"), D(held), limits=Limits())
    assert [quote.side for quote in found] == sides


@given(st.lists(quotes, max_size=4), st.lists(quotes, max_size=4))
def test_after_the_changes_every_quote_is_there_once(want: list[Quote], have: list[Quote]) -> None:
    resting = [(f"id {number}", quote) for number, quote in enumerate(have)]
    cancel, place = changes(want, resting, tolerance=D(0))
    left = [quote for order_id, quote in resting if order_id not in cancel]
    key = lambda quote: (quote.side, quote.price, quote.size)  # noqa: E731
    assert sorted(left + place, key=key) == sorted(want, key=key)
    assert not {key(quote) for quote in place} & {
        key(quote) for order_id, quote in resting if order_id in cancel
    }, "an order was cancelled only to be placed again"


def test_an_order_that_is_near_enough_keeps_its_place_in_the_queue() -> None:
    want = [Quote("BUY", D("0.47"), D(10))]
    assert changes(want, [("a", Quote("BUY", D("0.46"), D(10)))]) == ([], [])
    assert changes(want, [("a", Quote("BUY", D("0.45"), D(10)))]) == (["a"], want)


def test_an_order_that_is_partly_filled_is_replaced() -> None:
    want = [Quote("BUY", D("0.47"), D(10))]
    assert changes(want, [("a", Quote("BUY", D("0.47"), D(4)))]) == (["a"], want)


def test_own_quotes_do_not_count_as_the_market() -> None:
    bids = {D("0.47"): D(10), D("0.45"): D(500)}
    own = [Quote("BUY", D("0.47"), D(10)), Quote("SELL", D("0.45"), D(500))]
    assert best_of_others(bids, "BUY", own) == D("0.45")
    assert best_of_others(bids | {D("0.47"): D(11)}, "BUY", own) == D("0.47")
    asks = {D("0.53"): D(5), D("0.55"): D(1)}
    told_late = [Quote("SELL", D("0.53"), D(10)), Quote("SELL", D(1), D(1))]
    assert best_of_others(asks, "SELL", told_late) == D("0.55")
    assert best_of_others({}, "SELL", own) is None
