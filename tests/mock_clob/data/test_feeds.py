"""GET /v2/trades and /v2/activity: what happened, page by page."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from polymarket.models.data import SplitActivity, TradeActivity

from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED, HOUSE
from tests.mock_clob.data.conftest import Get
from tests.mock_clob.trade_on_2 import settle, trader

YES, NO = DOCUMENTED.token_ids
ALICE, BOB = ACCOUNTS[0].address, ACCOUNTS[1].address


def buy(index: int, amount: str, token_id: str = YES) -> None:
    with trader(index) as client:
        settle(client, client.place_market_order(token_id=token_id, amount=amount, side="BUY"))


def test_trade_shows_once_on_its_takers_side(client: Any) -> None:
    buy(1, "52")
    [trade] = client.list_trades().iter_items()
    assert (trade.wallet, trade.side, trade.size, trade.price) == (BOB, "BUY", 100, Decimal("0.52"))
    assert (trade.title, trade.outcome, trade.outcome_index) == (DOCUMENTED.question, "Yes", 0)
    assert trade.event_slug == "documented-market"
    both = list(client.list_trades(taker_only=False).iter_items())
    assert [(row.wallet, row.side) for row in both] == [(HOUSE.address, "SELL"), (BOB, "BUY")]
    assert len({row.transaction_hash for row in both}) == 1


def test_minted_pair_is_two_purchases(client: Any) -> None:
    buy(1, "52", NO)  # meets the house's bid for Yes
    both = list(client.list_trades(taker_only=False).iter_items())
    assert {(row.outcome, row.side, row.price) for row in both} == {
        ("No", "BUY", Decimal("0.52")),
        ("Yes", "BUY", Decimal("0.48")),
    }


def test_unsettled_trade_is_not_told(venue: MockClob, client: Any) -> None:
    venue.call(lambda: setattr(venue.venue.settlement, "mode", "manual"))
    with trader(1) as bob:
        bob.place_market_order(token_id=YES, amount="5.2", side="BUY")
    assert list(client.list_trades().iter_items()) == []
    assert list(client.list_positions(user=BOB).iter_items()) == []


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"user": BOB}, 2),
        ({"user": ALICE}, 1),
        ({"side": "SELL"}, 1),
        ({"user": BOB, "side": "SELL"}, 0),
        ({"condition_id": DOCUMENTED.condition_id}, 3),
        ({"condition_id": "0x" + "1" * 64}, 0),
        ({"event_id": 30001}, 3),
        ({"event_id": 30002}, 0),
        ({"filter_type": "CASH", "filter_amount": 10}, 1),
        ({"filter_type": "TOKENS", "filter_amount": 10}, 3),
        ({"filter_amount": "10.1"}, 1),
        ({"user": BOB, "start": 4_000_000_000}, 0),
        ({"user": BOB, "start": 1}, 2),
        ({"user": BOB, "end": 1}, 0),
        ({"start": 4_000_000_000}, 3),  # bounds are for a user's trades
    ],
)
def test_filter_keeps_what_it_says(
    venue: MockClob, get: Get, asked: dict[str, Any], count: int
) -> None:
    buy(1, "5.2")
    buy(1, "52")
    with trader(0) as alice:
        settle(alice, alice.place_market_order(token_id=YES, shares="10", side="SELL"))
    assert len(get("/v2/trades", **asked)["data"]) == count


@pytest.mark.parametrize("page_size", [1, 2, 7])
def test_pages_reach_every_trade_once_while_new_ones_arrive(client: Any, page_size: int) -> None:
    for _ in range(4):
        buy(1, "5.2")
    pages = iter(client.list_trades(user=BOB, page_size=page_size))
    found = list(next(pages).items)
    buy(1, "1.04")  # at the top, where no page is read any more
    for page in pages:
        found += page.items
    assert [row.size for row in found] == [10] * 4


def test_activity_tells_splits_and_trades_newest_first(client: Any) -> None:
    buy(0, "52")
    trade, split = client.list_activity(user=ALICE).iter_items()
    assert (type(trade), type(split)) == (TradeActivity, SplitActivity)
    assert (trade.shares, trade.amount, trade.price) == (100, 52, Decimal("0.52"))
    assert (split.amount, split.condition_id) == (100, DOCUMENTED.condition_id)
    first, _ = client.list_activity(user=ALICE, sort_direction="ASC").iter_items()
    assert first.type == "SPLIT"


def test_activity_is_filtered_by_type_side_and_time(client: Any) -> None:
    buy(0, "52")

    def kinds(**asked: Any) -> list[str]:
        return [row.type for row in client.list_activity(user=ALICE, **asked).iter_items()]

    assert kinds(activity_types=["SPLIT"]) == ["SPLIT"]
    assert kinds(activity_types=["MERGE", "TRADE"]) == ["TRADE"]
    assert kinds(side="BUY") == ["TRADE"]
    assert kinds(side="SELL") == []
    assert kinds(start=int(time.time()) - 3_600) == ["TRADE"]
    assert kinds(end=1_767_225_600) == ["SPLIT"]
    assert kinds(full_history=True) == ["TRADE", "SPLIT"]
    assert kinds(event_id=30002) == []


def test_activity_cursor_keeps_its_direction(venue: MockClob, get: Get) -> None:
    buy(0, "5.2")
    cursor = get("/v2/activity", user=ALICE, limit=1, sort_direction="ASC")["pagination"][
        "next_cursor"
    ]
    assert get("/v2/activity", user=ALICE, cursor=cursor)["data"][0]["type"] == "TRADE"
    assert get("/v2/activity", user=ALICE, cursor=cursor, sort_direction="DESC") == (
        400,
        "invalid cursor",
    )


@pytest.mark.parametrize(
    ("path", "asked", "text"),
    [
        ("/v2/activity", {}, "required query param 'user' not provided"),
        ("/v2/activity", {"user": ALICE, "type": "TRADES"}, "invalid activity type: TRADES"),
        (
            "/v2/activity",
            {"user": ALICE, "sort_by": "CASH"},
            "only sortBy=TIMESTAMP with sortDirection=DESC is supported",
        ),
        ("/v2/trades", {"side": "buy"}, "side must be BUY or SELL"),
        ("/v2/trades", {"filter_type": "USDC"}, "filterType must be CASH or TOKENS"),
        ("/v2/trades", {"condition": "0x1", "limit": 5}, "invalid condition id"),
        ("/v2/trades", {"event_id": "one"}, "invalid event id: one"),
        (
            "/v2/trades",
            {"condition": DOCUMENTED.condition_id, "event_id": 1},
            "'condition' and 'event_id' are mutually exclusive",
        ),
        (
            "/v2/trades",
            {"event_id": ",".join(map(str, range(1, 22)))},
            "at most 20 distinct values of 'event_id'",
        ),
        ("/v2/trades", {"taker_only": "yes"}, "invalid query param 'taker_only'"),
        ("/v2/trades", {"market": DOCUMENTED.condition_id}, "invalid query param 'market'"),
    ],
)
def test_bad_parameter_is_refused(
    venue: MockClob, get: Get, path: str, asked: dict[str, Any], text: str
) -> None:
    status, error = get(path, **asked)
    assert status == 400
    assert error.startswith(text)


def test_camel_case_is_read_as_well(venue: MockClob, get: Get) -> None:
    buy(1, "5.2")
    assert len(get("/v2/trades", takerOnly="false")["data"]) == 2
    assert get("/v2/trades", conditionId="0x" + "1" * 64)["data"] == []


def test_combo_activity_is_none(client: Any) -> None:
    assert list(client.list_combo_activity(user=ALICE).iter_items()) == []
