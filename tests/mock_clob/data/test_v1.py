"""Data API v1: the bare lists that most code out there still reads."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from mock_clob.accounts import ACCOUNTS
from mock_clob.builders import Builders
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED, HOUSE
from tests.mock_clob.data.conftest import Get
from tests.mock_clob.trade_on_2 import settle, trader

YES, NO = DOCUMENTED.token_ids
CONDITION = DOCUMENTED.condition_id
ALICE, BOB = ACCOUNTS[0].address, ACCOUNTS[1].address


@pytest.fixture
def traded(venue: MockClob) -> MockClob:
    """Bob buys 100 Yes at 0.52 and sells 40 of them at 0.48."""
    with trader(1) as bob:
        code = Builders.code_of(BOB)
        bought = bob.place_market_order(token_id=YES, amount="52", side="BUY", builder_code=code)
        settle(bob, bought)
        settle(bob, bob.place_market_order(token_id=YES, shares="40", side="SELL"))
    return venue


def test_position_has_the_documented_fields(traded: MockClob, get: Get) -> None:
    [row] = get("/positions", user=BOB)
    assert (row["asset"], row["conditionId"], row["size"]) == (YES, CONDITION, 60)
    assert (row["avgPrice"], row["initialValue"], row["currentValue"]) == (0.52, 31.2, 28.8)
    assert (row["cashPnl"], row["realizedPnl"], row["totalBought"]) == (-2.4, -1.6, 100)
    assert (row["oppositeAsset"], row["outcome"], row["redeemable"]) == (NO, "Yes", False)
    text = httpx.get(f"https://data-api.polymarket.com/positions?user={BOB}").text
    assert '"size":60,' in text
    assert json.loads(text, parse_float=Decimal)[0]["avgPrice"] == Decimal("0.52")


@pytest.mark.parametrize(
    ("asked", "tokens"),
    [
        ({}, [YES, NO]),
        ({"sizeThreshold": 101}, []),
        ({"sizeThreshold": "100.000001"}, []),
        ({"mergeable": "true"}, [YES, NO]),
        ({"redeemable": "true"}, []),
        ({"redeemable": "false"}, [YES, NO]),
        ({"title": "DOCUMENTED"}, [YES, NO]),
        ({"title": "nothing"}, []),
        ({"eventId": "30001,30002"}, [YES, NO]),
        ({"market": "0x" + "1" * 64}, []),
        ({"limit": 1}, [YES]),
        ({"limit": 1, "offset": 1}, [NO]),
        ({"sortBy": "PRICE", "sortDirection": "ASC"}, [YES, NO]),
    ],
)
def test_positions_filter_keeps_what_it_says(
    venue: MockClob, get: Get, asked: dict[str, Any], tokens: list[str]
) -> None:
    assert [row["asset"] for row in get("/positions", user=ALICE, **asked)] == tokens


def test_closed_positions_are_those_that_were_sold(traded: MockClob, get: Get) -> None:
    assert get("/closed-positions", user=BOB) == []
    with trader(1) as bob:
        settle(bob, bob.place_market_order(token_id=YES, shares="60", side="SELL"))
    [row] = get("/closed-positions", user=BOB)
    assert (row["asset"], row["totalBought"], row["realizedPnl"]) == (YES, 100, -4)
    assert "size" not in row
    assert get("/positions", user=BOB) == []


def test_trades_newest_first_on_the_takers_side(traded: MockClob, get: Get) -> None:
    sale, purchase = get("/trades", user=BOB)
    assert (sale["side"], sale["size"], sale["price"]) == ("SELL", 40, 0.48)
    assert (purchase["side"], purchase["asset"], purchase["proxyWallet"]) == ("BUY", YES, BOB)
    assert len(get("/trades", takerOnly="false")) == 4
    assert len(get("/trades", side="SELL")) == 1
    assert len(get("/trades", filterType="CASH", filterAmount=50)) == 1
    assert len(get("/trades", market=CONDITION, limit=1, offset=1)) == 1


def test_activity_tells_kinds_and_sorts(traded: MockClob, get: Get) -> None:
    assert [row["type"] for row in get("/activity", user=BOB)] == ["TRADE", "TRADE"]
    [split] = get("/activity", user=ALICE)
    assert (split["type"], split["size"], split["usdcSize"]) == ("SPLIT", 100, 100)
    by_cash = get("/activity", user=BOB, sortBy="CASH", sortDirection="ASC")
    assert [row["usdcSize"] for row in by_cash] == [19.2, 52]
    assert get("/activity", user=BOB, type="SPLIT,MERGE") == []
    assert len(get("/activity", user=BOB, side="BUY")) == 1
    assert get("/activity", user=BOB, end=1) == []


def test_holders_value_interest_and_volume(traded: MockClob, get: Get) -> None:
    yes, no = get("/holders", market=CONDITION)
    assert (yes["token"], no["token"]) == (YES, NO)
    assert [(row["proxyWallet"], row["amount"]) for row in yes["holders"]] == [
        (HOUSE.address, 99_940),
        (ALICE, 100),
        (BOB, 60),
    ]
    assert len(get("/holders", market=CONDITION, limit=1)[0]["holders"]) == 1
    assert len(get("/holders", market=CONDITION, minBalance=61)[0]["holders"]) == 2
    assert get("/value", user=BOB) == [{"user": BOB, "value": 28.8}]
    assert get("/traded", user=BOB) == {"user": BOB, "traded": 1}
    assert get("/oi", market=CONDITION) == [{"market": CONDITION, "value": 100_100}]
    [volume] = get("/live-volume", id=30001)
    assert (volume["total"], volume["markets"][0]["market"]) == (71.2, CONDITION)


def test_market_positions_are_by_outcome(traded: MockClob, get: Get) -> None:
    yes, no = get("/v1/market-positions", market=CONDITION, sortBy="TOKENS")
    assert [row["name"] for row in yes["positions"]] == [
        "house",
        "test-account-0",
        "test-account-1",
    ]
    assert yes["positions"][2]["totalPnl"] == -4
    assert get("/v1/market-positions", market=CONDITION, user=BOB)[1]["positions"] == []
    closed = get("/v1/market-positions", market=CONDITION, status="CLOSED")
    assert [group["positions"] for group in closed] == [[], []]
    assert no["token"] == NO


def test_boards(traded: MockClob, get: Get) -> None:
    rows = get("/v1/leaderboard", orderBy="VOL", timePeriod="ALL")
    assert {row["proxyWallet"] for row in rows} == {BOB, HOUSE.address}
    assert [row["rank"] for row in rows] == ["1", "1"]
    [own] = get("/v1/leaderboard", user=BOB)
    assert (own["userName"], own["vol"], own["pnl"]) == ("test-account-1", 140, -4)
    [builder] = get("/v1/builders/leaderboard", timePeriod="WEEK")
    assert (builder["builderCode"], builder["volume"]) == (Builders.code_of(BOB), 100)
    [day] = get("/v1/builders/volume")
    assert day["dt"].endswith("T00:00:00Z")


@pytest.mark.parametrize(
    ("path", "asked", "text"),
    [
        ("/positions", {}, "required query param 'user' not provided"),
        ("/positions", {"user": "0x7163a9e5"}, "required query param 'user' not provided"),
        ("/positions", {"user": BOB, "limit": 501}, "invalid query param 'limit'"),
        ("/positions", {"user": BOB, "sortBy": "SIZE"}, "invalid query param 'sortBy'"),
        ("/positions", {"user": BOB, "status": "OPEN"}, "invalid query param 'status'"),
        ("/positions", {"user": BOB, "title": "x" * 101}, "title must be at most"),
        ("/closed-positions", {"user": BOB, "limit": 51}, "invalid query param 'limit'"),
        ("/trades", {"offset": 3001}, "max historical activity offset of 3000 exceeded"),
        ("/trades", {"filterType": "CASH"}, "filterType and filterAmount go together"),
        ("/trades", {"market": CONDITION, "eventId": 1}, "'market' and 'event_id' are mutually"),
        ("/activity", {"user": BOB, "type": "BUY"}, "invalid activity type: BUY"),
        ("/activity", {"user": BOB, "offset": 3001}, "max historical activity offset of 3000"),
        ("/holders", {}, "required query param 'market' not provided"),
        ("/holders", {"market": YES}, "invalid condition id"),
        ("/holders", {"market": CONDITION, "limit": 21}, "invalid query param 'limit'"),
        ("/live-volume", {}, "required query param 'id' not provided"),
        ("/v1/market-positions", {}, "required query param 'market' not provided"),
        ("/v1/leaderboard", {"category": "sports"}, "invalid query param 'category'"),
        ("/v1/leaderboard", {"limit": 0}, "invalid query param 'limit'"),
        ("/v1/builders/leaderboard", {"timePeriod": "day"}, "invalid query param 'timePeriod'"),
    ],
)
def test_bad_parameter_is_refused_with_a_text_alone(
    venue: MockClob, get: Get, path: str, asked: dict[str, Any], text: str
) -> None:
    status, error = get(path, **asked)
    assert status == 400
    assert error.startswith(text)
    body = httpx.get(f"https://data-api.polymarket.com{path}", params=asked).json()
    assert list(body) == ["error"]


def test_health_is_ok(venue: MockClob, get: Get) -> None:
    assert get("/") == {"data": "OK"}
    assert httpx.get(f"{venue.url}/data-api/").json() == {"data": "OK"}
