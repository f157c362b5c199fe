"""One token's book against every message that may come, in and out of order."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest
from live_book import LiveBook, NeedsResync
from py_clob_client.clob_types import OrderBookSummary, OrderSummary

YES, NO = "71", "52"
D = Decimal


def level(price: str, size: str) -> dict[str, str]:
    return {"price": price, "size": size}


def snapshot(at: int = 10, **sides: list[dict[str, str]]) -> dict[str, Any]:
    bids = [level("0.45", "500"), level("0.47", "200"), level("0.48", "100")]
    asks = [level("0.55", "500"), level("0.53", "200"), level("0.52", "100")]
    both = {"bids": bids, "asks": asks} | sides
    return {"event_type": "book", "asset_id": YES, "timestamp": str(at), "hash": "", **both}


def change(price: str, size: str, side: str = "BUY", token: str = YES, **best: Any) -> Any:
    return {"asset_id": token, "price": price, "size": size, "side": side, "hash": "", **best}


def changes(*each: Any, at: int = 11) -> dict[str, Any]:
    return {"event_type": "price_change", "timestamp": str(at), "price_changes": list(each)}


@pytest.fixture
def book() -> LiveBook:
    live = LiveBook(YES)
    live.apply(snapshot())
    return live


def test_the_last_level_of_each_side_is_the_best(book: LiveBook) -> None:
    assert (book.best_bid, book.best_ask) == (D("0.48"), D("0.52"))
    assert book.bids[D("0.45")] == 500
    assert book.ready
    assert not book.doubt


def test_a_new_book_has_no_prices() -> None:
    book = LiveBook(YES)
    assert (book.best_bid, book.best_ask, book.ready) == (None, None, False)


def test_a_change_sets_the_levels_new_total(book: LiveBook) -> None:
    book.apply(changes(change("0.48", "30.5", best_bid="0.48", best_ask="0.52")))
    assert book.bids[D("0.48")] == D("30.5")
    assert book.changed_ms == 11
    assert not book.doubt


def test_size_zero_removes_the_level(book: LiveBook) -> None:
    book.apply(changes(change("0.52", "0", "SELL", best_bid="0.48", best_ask="0.53")))
    assert book.best_ask == D("0.53")
    assert not book.doubt


def test_removing_a_level_that_is_not_there_is_harmless(book: LiveBook) -> None:
    before = asdict(book)["bids"]
    book.apply(changes(change("0.10", "0")))
    assert book.bids == before


def test_prices_are_the_same_however_they_are_spelled(book: LiveBook) -> None:
    book.apply(changes(change(".48", "0"), change("0.470", "7")))
    assert book.bids == {D("0.45"): 500, D("0.47"): 7}
    book.apply(changes(change(0.47, 0, best_bid="0.45")))  # type: ignore[arg-type]
    assert book.best_bid == D("0.45")
    assert not book.doubt


def test_the_other_tokens_levels_are_not_taken(book: LiveBook) -> None:
    before = LiveBook(YES)
    before.apply(snapshot())
    book.apply(changes(change("0.49", "10", token=NO, best_bid="0.49"), at=12))
    assert book == before
    assert book.changed_ms == 10


def test_changes_before_the_first_snapshot_are_discarded() -> None:
    book = LiveBook(YES)
    book.apply(changes(change("0.10", "10")))
    assert book == LiveBook(YES)


def test_changes_that_the_snapshot_already_holds_are_discarded(book: LiveBook) -> None:
    book.apply(changes(change("0.48", "1"), at=9))
    assert book.bids[D("0.48")] == 100


def test_a_repeated_change_changes_nothing(book: LiveBook) -> None:
    message = changes(change("0.49", "10", best_bid="0.49", best_ask="0.52"))
    book.apply(message)
    once = asdict(book)
    book.apply(message)
    assert asdict(book) == once


def test_a_change_that_was_overtaken_by_a_later_one_needs_a_resync(book: LiveBook) -> None:
    book.apply(changes(change("0.49", "10"), at=20))
    with pytest.raises(NeedsResync, match="19 ms came after one of 20 ms"):
        book.apply(changes(change("0.49", "5"), at=19))
    assert book == LiveBook(YES)


def test_a_new_snapshot_replaces_everything(book: LiveBook) -> None:
    book.apply(changes(change("0.49", "10"), at=20))
    book.apply(snapshot(at=15, bids=[level("0.30", "1")], asks=[]))
    assert (book.bids, book.asks) == ({D("0.30"): 1}, {})
    book.apply(changes(change("0.31", "1"), at=16))  # counts from the snapshot again
    assert book.best_bid == D("0.31")


def test_a_missed_change_shows_as_doubt_about_the_top(book: LiveBook) -> None:
    book.apply(changes(change("0.40", "10", best_bid="0.49", best_ask="0.52")))
    assert book.doubt == "best_bid is 0.48, the venue says 0.49"
    book.apply(changes(change("0.40", "11", best_bid="0.48", best_ask="0.51"), at=12))
    assert book.doubt == "best_ask is 0.52, the venue says 0.51"


def test_a_crossed_book_is_in_doubt_until_the_other_half_of_the_match_comes(
    book: LiveBook,
) -> None:
    book.apply(changes(change("0.52", "20", best_bid="0.52", best_ask="0.53")))
    assert book.doubt == "crossed: bid 0.52, ask 0.52"
    book.apply(changes(change("0.52", "0", "SELL", best_bid="0.52", best_ask="0.53"), at=12))
    assert book.doubt == ""


def test_a_crossed_snapshot_is_in_doubt() -> None:
    book = LiveBook(YES)
    book.apply(snapshot(bids=[level("0.6", "1")]))
    assert book.doubt.startswith("crossed")


def test_the_top_is_compared_with_what_the_last_change_says(book: LiveBook) -> None:
    first = change("0.48", "0", best_bid="0.47", best_ask="0.52")
    book.apply(changes(first, change("0.47", "0", best_bid="0.45", best_ask="0.52")))
    assert book.best_bid == D("0.45")
    assert not book.doubt


@pytest.mark.parametrize("told", ["0", "1"])
def test_an_empty_side_is_told_as_zero_or_one(told: str) -> None:
    book = LiveBook(YES)
    book.apply(snapshot(bids=[level("0.3", "1")], asks=[level("0.4", "1")]))
    book.apply(changes(change("0.4", "0", "SELL", best_bid="0.3", best_ask=told)))
    assert (book.best_ask, book.doubt) == (None, "")
    book.apply(changes(change("0.3", "0", "BUY", best_bid=told, best_ask=told), at=12))
    assert (book.best_bid, book.doubt) == (None, "")


@pytest.mark.parametrize("best", [{}, {"best_bid": None, "best_ask": None}, {"best_bid": ""}])
def test_without_best_prices_there_is_nothing_to_doubt(book: LiveBook, best: Any) -> None:
    book.apply(changes(change("0.40", "10", **best)))
    assert book.doubt == ""


MALFORMED = {
    "no changes": {"event_type": "price_change", "timestamp": "11"},
    "changes of the schema before 2025-09-15": {
        "event_type": "price_change",
        "asset_id": YES,
        "timestamp": "11",
        "changes": [{"price": "0.4", "side": "BUY", "size": "1"}],
    },
    "no timestamp": {"event_type": "price_change", "price_changes": [change("0.4", "1")]},
    "timestamp is text": changes(change("0.4", "1")) | {"timestamp": "now"},
    "unknown side": changes(change("0.4", "1", "LONG")),
    "price is text": changes(change("cheap", "1")),
    "price is no number": changes(change("NaN", "1")),
    "price above one": changes(change("1.01", "1")),
    "price is zero": changes(change("0", "1")),
    "size below zero": changes(change("0.4", "-1")),
    "no size": changes({"asset_id": YES, "price": "0.4", "side": "BUY"}),
    "change is text": changes("0.4"),
    "best is text": changes(change("0.4", "1", best_bid="high")),
    "book without asks": {"event_type": "book", "timestamp": "11", "bids": []},
    "levels are numbers": snapshot(at=11, bids=[0.48]),  # type: ignore[list-item]
    "levels are missing": snapshot(at=11, bids=None),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("message", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_message_needs_a_resync_and_leaves_no_price(
    book: LiveBook, message: Any
) -> None:
    with pytest.raises(NeedsResync, match="cannot be applied"):
        book.apply(message)
    assert book == LiveBook(YES)


def test_a_rest_book_compares_equal(book: LiveBook) -> None:
    live = snapshot()
    rest = OrderBookSummary(
        market="0x5f",
        asset_id=YES,
        timestamp="99",
        bids=[OrderSummary(**each) for each in live["bids"]],
        asks=[OrderSummary(**each) for each in live["asks"]],
    )
    other = LiveBook(YES)
    other.apply(asdict(rest))
    assert book == other
    book.apply(changes(change("0.48", "99")))
    assert book != other
