"""GET /v2/positions and /v2/value: what a wallet holds, what it cost, what it gained."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from mock_clob.accounts import ACCOUNTS
from mock_clob.model import UNIT
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED, HOUSE
from tests.mock_clob.data.conftest import Get
from tests.mock_clob.trade_on_2 import settle, trader

YES, NO = DOCUMENTED.token_ids
ALICE, BOB = ACCOUNTS[0].address, ACCOUNTS[1].address


def buy(index: int, amount: str, token_id: str = YES) -> None:
    with trader(index) as client:
        settle(client, client.place_market_order(token_id=token_id, amount=amount, side="BUY"))


def sell(index: int, shares: str, token_id: str = YES) -> None:
    with trader(index) as client:
        settle(client, client.place_market_order(token_id=token_id, shares=shares, side="SELL"))


def resolve(venue: MockClob, outcome: str = "Yes", token_id: str = YES) -> None:
    engine = venue.venue.engine
    market, now = engine.by_token[token_id], venue.venue.clock.now_ms()
    venue.call(lambda: engine.resolve(market, outcome, now))


def rows(client: Any, **asked: Any) -> list[Any]:
    return list(client.list_positions(**asked).iter_items())


def test_shares_of_the_start_count_as_split_at_half_a_dollar(client: Any) -> None:
    for position in rows(client, user=ALICE):
        assert (position.current_size, position.avg_price) == (100, Decimal("0.5"))
        assert (position.entry_cost_usdc, position.current_value) == (50, 50)
        assert (position.total_pnl, position.status, position.mergeable) == (0, "OPEN", True)
        assert position.first_entry_at is not None
        assert position.first_entry_at.date() == date(2026, 1, 1)


def test_purchase_enters_at_its_price(client: Any) -> None:
    buy(1, "52")
    [position] = rows(client, user=BOB)
    assert (position.asset_id, position.current_size) == (YES, 100)
    assert (position.avg_price, position.entry_cost_usdc) == (Decimal("0.52"), 52)
    assert (position.current_price, position.unrealized_pnl) == (Decimal("0.52"), 0)
    assert (position.outcome, position.opposite_asset_id) == ("Yes", NO)
    assert (position.event_id, position.event_slug) == ("30001", "documented-market")


def test_sale_realizes_against_the_average_cost(client: Any) -> None:
    buy(1, "52")
    sell(1, "40")
    [position] = rows(client, user=BOB)
    assert (position.current_size, position.total_size) == (60, 100)
    assert position.entry_cost_usdc == Decimal("31.2")
    assert position.realized_pnl == Decimal("-1.6")  # 40 x (0.48 - 0.52)
    assert position.unrealized_pnl == Decimal("-2.4")  # 60 x (0.48 - 0.52)
    assert position.total_pnl == -4
    assert position.percent_pnl == Decimal("-7.692308")


def test_fees_are_told_beside_the_cost(client: Any, venue: MockClob) -> None:
    taxed = next(m for m in venue.venue.engine.markets.values() if m.slug == "taker-fee")
    buy(1, "5.2", taxed.token_ids[0])
    [position] = rows(client, user=BOB)
    assert position.entry_cost_usdc == Decimal("5.2")
    assert position.entry_fees_usdc == Decimal("0.17472")
    assert position.total_cost_usdc == Decimal("5.37472")


def test_sold_position_is_closed_and_no_longer_open(client: Any) -> None:
    buy(1, "52")
    sell(1, "100")
    assert rows(client, user=BOB) == []
    [closed] = rows(client, user=BOB, status="CLOSED")
    assert (closed.status, closed.current_size, closed.realized_pnl) == ("CLOSED", 0, -4)


def test_resolution_makes_winners_and_losers_redeemable(venue: MockClob, client: Any) -> None:
    resolve(venue)
    winner, loser = rows(client, user=ALICE, status="REDEEMABLE", sort_by="TOKENS")
    assert (winner.asset_id, winner.current_price, winner.current_value) == (YES, 1, 100)
    assert (loser.asset_id, loser.current_price, loser.total_pnl) == (NO, 0, -50)
    assert winner.redeemable
    assert not winner.mergeable
    assert winner.status == loser.status == "REDEEMABLE"
    assert [row.asset_id for row in rows(client, user=ALICE, status="REDEEMABLE_LOST")] == [NO]
    assert rows(client, user=ALICE, status="MERGEABLE") == []
    assert len(rows(client, user=ALICE, status="OPEN")) == 2  # held still
    assert client.get_portfolio_value(user=ALICE).value == 100


def test_mergeable_are_live_pairs(client: Any) -> None:
    buy(1, "52")
    assert rows(client, user=BOB, status="MERGEABLE") == []
    assert len(rows(client, user=ALICE, status="MERGEABLE")) == 2


def test_market_anchor_lists_everybody(client: Any) -> None:
    buy(1, "52")
    held = rows(client, condition_id=DOCUMENTED.condition_id, sort_by="TOKENS")
    assert {row.wallet for row in held} == {ALICE, BOB, HOUSE.address}
    assert held[0].name == "house"
    assert sum(row.current_size for row in held if row.asset_id == YES) == 100_100


@pytest.mark.parametrize(
    ("asked", "slugs"),
    [
        ({"title": "TENTHS"}, ["fine-tick"]),
        ({"title": "will % win"}, ["winner-a"]),
        ({"title": "nothing"}, []),
        ({"title": "   "}, ["winner-a", "fine-tick", "taker-fee"]),
        ({"event_id": [30003, 30005]}, ["winner-a", "taker-fee"]),
        ({"event_id": 9}, []),
        ({"filter_type": "TOKENS", "filter_amount": 20}, ["fine-tick"]),
        ({"filter_type": "CASH", "filter_amount": 8}, ["winner-a"]),
        ({"sort_by": "TOKENS"}, ["fine-tick", "winner-a", "taker-fee"]),
        ({"sort_by": "PRICE", "sort_direction": "ASC"}, ["fine-tick", "taker-fee", "winner-a"]),
        ({"end": 1}, []),
        ({"start": 1}, ["winner-a", "fine-tick", "taker-fee"]),
    ],
)
def test_filter_and_sort_are_applied(
    client: Any, venue: MockClob, asked: dict[str, Any], slugs: list[str]
) -> None:
    markets = {m.slug: m.token_ids[0] for m in venue.venue.engine.markets.values()}
    for slug, amount in (("fine-tick", "6.72"), ("winner-a", "8.55"), ("taker-fee", "5.2")):
        buy(1, amount, markets[slug])
    assert [row.slug for row in rows(client, user=BOB, **asked)] == slugs


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({}, "required query param 'user' or 'condition' not provided"),
        ({"user": "0x1"}, "required query param 'user' not provided"),
        ({"event_id": 1}, "required query param 'user' or 'condition' not provided"),
        ({"user": ALICE, "sort_by": "NOPE"}, "invalid position sortBy: NOPE"),
        ({"user": ALICE, "sortBy": "NOPE"}, "invalid position sortBy: NOPE"),
        ({"user": ALICE, "status": "open"}, "invalid query param 'status'"),
        ({"user": ALICE, "sort_direction": "UP"}, "invalid query param 'sort_direction'"),
        ({"user": ALICE, "filter_type": "SHARES"}, "invalid query param 'filter_type'"),
        ({"user": ALICE, "filter_amount": "-1"}, "invalid query param 'filter_amount'"),
        ({"user": ALICE, "filter_amount": "NaN"}, "invalid query param 'filter_amount'"),
        ({"user": ALICE, "condition": "0xzz"}, "invalid condition id: 0xzz"),
        ({"user": ALICE, "limit": 1001}, "invalid query param 'limit'"),
        ({"user": ALICE, "cursor": "MTA="}, "invalid cursor"),
        ({"user": ALICE, "offset": 5}, "offset is not supported"),
        ({"user": ALICE, "title": "x" * 201}, "title must be at most 200 characters"),
        ({"user": ALICE, "include_archived": "True"}, "invalid query param 'include_archived'"),
        ({"user": ALICE, "start": "yesterday"}, "invalid query param 'start'"),
        ({"user": ALICE, "size_threshold": 1}, "invalid query param 'size_threshold'"),
        (
            {"condition": DOCUMENTED.condition_id, "status": "REDEEMABLE_LOST"},
            "REDEEMABLE_LOST requires user",
        ),
        (
            {"user": ALICE, "status": "CLOSED", "include_archived": "true"},
            "include_archived does not go with CLOSED",
        ),
    ],
)
def test_bad_parameter_is_refused(
    venue: MockClob, get: Get, asked: dict[str, Any], text: str
) -> None:
    status, error = get("/v2/positions", **asked)
    assert status == 400
    assert error.startswith(text)


def test_refusal_has_code_parameter_and_trace_id(venue: MockClob) -> None:
    reply = httpx.get("https://data-api.polymarket.com/v2/positions?user=me")
    body = reply.json()
    assert reply.status_code == 400
    assert (body["code"], body["parameter"], body["retryable"]) == (
        "invalid_request",
        "user",
        False,
    )
    assert body["trace_id"] == reply.headers["x-trace-id"]


def test_contract_of_the_venue_has_no_books(venue: MockClob, get: Get) -> None:
    contract = venue.venue.contracts.exchange_v2
    assert get("/v2/value", user=contract)[0] == 400


def test_cursor_binds_its_order_and_needs_its_anchor(venue: MockClob, get: Get) -> None:
    page = get("/v2/positions", user=ALICE, limit=1, sort_by="PRICE")
    assert page["pagination"] | {"next_cursor": ""} == {
        "limit": 1,
        "offset": 0,
        "has_more": True,
        "next_cursor": "",
    }
    cursor = page["pagination"]["next_cursor"]
    rest = get("/v2/positions", user=ALICE, cursor=cursor)
    assert rest["pagination"]["has_more"] is False
    assert rest["data"][0]["token_id"] != page["data"][0]["token_id"]
    assert get("/v2/positions", user=ALICE, cursor=cursor, sort_by="TOKENS") == (
        400,
        "invalid cursor",
    )
    assert get("/v2/positions", cursor=cursor)[0] == 400
    assert get("/v2/holders", condition=DOCUMENTED.condition_id, cursor=cursor)[0] == 400
    tampered = cursor[:-4] + "AAAA"
    assert get("/v2/positions", user=ALICE, cursor=tampered) == (400, "invalid cursor")


def test_pages_reach_every_position_once(client: Any) -> None:
    listing = client.list_positions(user=HOUSE.address, page_size=3)
    found = [(row.condition_id, row.outcome) for row in listing.iter_items()]
    assert len(found) == len(set(found)) == 14  # seven markets, both outcomes


def test_numbers_are_exact_in_the_text_of_the_reply(venue: MockClob) -> None:
    for amount in ("33.33", "7.77", "1.01"):
        buy(1, amount)
    text = httpx.get(f"https://data-api.polymarket.com/v2/positions?user={BOB}").text
    numbers = re.findall(r":(-?[0-9][0-9.eE+-]*)[,}]", text)
    assert len(numbers) > 12
    assert all(re.fullmatch(r"-?\d+(\.\d{1,6})?", number) for number in numbers)
    [row] = json.loads(text, parse_float=Decimal)["data"]
    assert row["total_cost_usdc"] == row["entry_cost_usdc"] + row["entry_fees_usdc"]
    assert row["total_pnl"] == row["realized_pnl"] + row["unrealized_pnl"]
    assert row["unrealized_pnl"] == row["current_value"] - row["entry_cost_usdc"]


def test_value_is_the_sum_of_the_positions(client: Any) -> None:
    buy(0, "52")
    values = [row.current_value for row in rows(client, user=ALICE)]
    assert client.get_portfolio_value(user=ALICE).value == sum(values)
    one = client.get_portfolio_value(user=ALICE, condition_ids=DOCUMENTED.condition_id)
    assert one.value == sum(values)
    assert client.get_portfolio_value(user="0x" + "9" * 40).value == 0


def test_combos_are_none(client: Any, get: Get) -> None:
    assert list(client.list_combo_positions(user=ALICE).iter_items()) == []
    assert get("/v2/positions/combos", user=ALICE, sort_by="AGE") == (
        400,
        "sortBy must be one of FIRST_ENTRY, ENTRY_COST, CURRENT_VALUE, UPDATED",
    )
    assert get("/v2/positions/combos", user=ALICE, status="LOST")[0] == 400


def test_shares_given_by_hand_are_held_without_a_trade(venue: MockClob, client: Any) -> None:
    balances = venue.venue.ledger.balances
    venue.call(lambda: balances.__setitem__((BOB.lower(), YES), 7 * UNIT))
    [position] = rows(client, user=BOB)
    assert (position.current_size, position.avg_price) == (7, Decimal("0.5"))
