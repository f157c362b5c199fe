"""What v2 tells of markets: holders, interest, volume, history, resolutions, tokens; and boards."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from mock_clob.accounts import ACCOUNTS
from mock_clob.builders import Builders
from mock_clob.gamma.catalog import question_id
from mock_clob.model import UNIT
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED, HOUSE
from tests.mock_clob.data.conftest import Get
from tests.mock_clob.trade_on_2 import settle, trader

YES, NO = DOCUMENTED.token_ids
CONDITION = DOCUMENTED.condition_id
ALICE, BOB = ACCOUNTS[0].address, ACCOUNTS[1].address


def buy(index: int, amount: str, token_id: str = YES, **more: Any) -> None:
    with trader(index) as client:
        placed = client.place_market_order(token_id=token_id, amount=amount, side="BUY", **more)
        settle(client, placed)


def resolve(venue: MockClob, outcome: str = "Yes") -> None:
    engine = venue.venue.engine
    market, now = engine.by_token[YES], venue.venue.clock.now_ms()
    venue.call(lambda: engine.resolve(market, outcome, now))


# Holders


def test_holders_are_netted_and_gross_with_pnl(client: Any) -> None:
    buy(1, "52")
    netted = {
        (group.asset_id, holder.wallet): holder.amount
        for group in client.list_market_holders(condition_ids=CONDITION).iter_items()
        for holder in group.holders
    }
    assert netted == {(YES, BOB): 100, (YES, ALICE): 0, (NO, HOUSE.address): 100}
    gross = {
        (group.asset_id, holder.wallet): (holder.amount, holder.total_pnl)
        for page in client.list_market_holders(
            condition_ids=CONDITION, include_pnl=True, page_size=100
        )
        for group in page.items
        for holder in group.holders
    }
    assert gross[YES, BOB] == (100, 0)
    assert gross[YES, ALICE] == (100, 2)
    assert gross[NO, ALICE] == (100, -2)
    assert sum(amount for (token, _), (amount, _) in gross.items() if token == YES) == 100_100


def test_holders_pages_reach_everybody_once(client: Any) -> None:
    for index in range(1, 5):
        buy(index, "5.2")
    found = [
        (group.asset_id, holder.wallet)
        for page in client.list_market_holders(condition_ids=CONDITION, page_size=1)
        for group in page.items
        for holder in group.holders
    ]
    assert len(found) == len(set(found)) == 6
    kept = client.list_market_holders(condition_ids=CONDITION, min_balance=1).iter_items()
    assert sum(len(group.holders) for group in kept) == 5


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({}, "required query param 'condition' not provided"),
        ({"condition": "market"}, "invalid condition id: market"),
        ({"condition": f"{CONDITION},0x{'1' * 64}", "include_pnl": "true"}, "include_pnl takes"),
        ({"condition": CONDITION, "include_pnl": "true", "limit": 101}, "include_pnl takes"),
        ({"condition": CONDITION, "min_balance": "x"}, "invalid query param 'min_balance'"),
    ],
)
def test_bad_holders_request_is_refused(
    venue: MockClob, get: Get, asked: dict[str, Any], text: str
) -> None:
    status, error = get("/v2/holders", **asked)
    assert status == 400
    assert error.startswith(text)


# Interest and volume


def test_open_interest_prices_every_share(client: Any, get: Get) -> None:
    [one] = client.get_open_interests(condition_ids=CONDITION)
    assert one.value == 100_100  # as many pairs, at a dollar together
    [all_of_it] = client.get_open_interests()
    assert (all_of_it.condition_id, all_of_it.value) == (None, 700_100)
    assert client.get_open_interests(condition_ids="0x" + "1" * 64) == ()
    assert get("/v2/oi", condition="0x1") == (400, "invalid condition id: 0x1")


def test_live_volume_counts_the_takers_shares(client: Any, get: Get) -> None:
    buy(1, "52")
    buy(1, "5.2", NO)
    found = client.get_event_live_volume(event_ids=[30001, 30003])
    assert found.taker_volume_total == 110
    assert [row.taker_volume for row in found.markets] == [110, 0, 0, 0]
    assert get("/v2/live-volume", id="30001")["data"]["taker_volume_total"] == 110
    assert get("/v2/live-volume")[0] == 400
    assert get("/v2/live-volume", event_id="x") == (400, "invalid event id: x")


# Price history


def test_history_holds_a_price_until_the_next_trade(venue: MockClob, client: Any) -> None:
    buy(1, "52")
    venue.advance(200)
    buy(1, "53")
    points = list(client.list_price_history(asset_id=YES, interval="1d").iter_items())
    assert {point.price for point in points} == {Decimal("0.52"), Decimal("0.53")}
    assert (points[0].price, points[0].resolution_seconds) == (Decimal("0.52"), 60)
    assert (points[-1].price, points[-1].resolution_seconds) == (Decimal("0.53"), 0)
    mirrored = list(client.list_price_history(asset_id=NO, interval="1d").iter_items())
    assert [1 - point.price for point in mirrored] == [point.price for point in points]


def test_history_pages_are_the_whole(venue: MockClob, client: Any) -> None:
    buy(1, "52")
    venue.advance(1_200)
    whole = list(client.list_price_history(asset_id=YES, interval="1h").iter_items())
    paged = client.list_price_history(asset_id=YES, interval="1h", page_size=3)
    assert [point.timestamp for point in paged.iter_items()] == [p.timestamp for p in whole]
    assert len(whole) >= 20


def test_history_as_of_an_instant_is_the_last_trade_before(venue: MockClob, client: Any) -> None:
    buy(1, "52")
    before = datetime.fromtimestamp(venue.venue.clock.now(), UTC) - timedelta(hours=1)
    after = before + timedelta(hours=2)
    assert list(client.list_price_history(asset_id=YES, as_of=before).iter_items()) == []
    [point] = client.list_price_history(asset_id=YES, as_of=after).iter_items()
    assert (point.price, point.resolution_seconds) == (Decimal("0.52"), 0)


def test_history_of_a_resolved_market_ends_with_its_payout(venue: MockClob, client: Any) -> None:
    buy(1, "52")
    resolve(venue, "No")
    *_, last = client.list_price_history(asset_id=YES, interval="max").iter_items()
    assert (last.price, last.resolution_seconds) == (0, 0)


def test_history_of_an_untraded_token_is_empty(client: Any) -> None:
    assert list(client.list_price_history(asset_id=YES, interval="max").iter_items()) == []
    assert list(client.list_price_history(asset_id="5", interval="1h").iter_items()) == []


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({}, "provide exactly one of"),
        ({"interval": "2d"}, "interval must be one of max, all, 1m, 1w, 1d, 6h, 1h"),
        ({"interval": "1h", "start": 5}, "provide exactly one of"),
        ({"end": 5}, "provide exactly one of"),
        ({"interval": "1h", "end": 5}, "'end' requires 'start'"),
        ({"start": 0}, "invalid query param 'start'"),
        ({"start": 1, "end": 2_000_000}, "the window ends before it starts"),
        ({"interval": "1w", "bucket_seconds": 60}, "invalid query param 'bucket_seconds'"),
        ({"as_of": 5, "bucket_seconds": 60}, "'as_of' does not go with"),
        ({"interval": "1h", "limit": 10_001}, "invalid query param 'limit'"),
    ],
)
def test_bad_history_request_is_refused(
    venue: MockClob, get: Get, asked: dict[str, Any], text: str
) -> None:
    status, error = get("/v2/prices-history", token_id=YES, **asked)
    assert status == 400
    assert error.startswith(text)
    assert get("/v2/prices-history")[0] == 400
    assert get("/v2/prices-history", token_id="0xff", interval="1h")[0] == 400


# How it ended


def test_resolution_is_told_by_condition_event_and_question(venue: MockClob, client: Any) -> None:
    [before] = client.get_resolutions(condition_ids=CONDITION)
    assert (before.status, before.payouts) == ("posed", None)
    resolve(venue, "No")
    [after] = client.get_resolutions(event_ids=30001)
    assert (after.status, after.payouts, after.market_type) == ("resolved", (0, 1), "BINARY")
    assert (after.resolution_source, after.reporter) == ("reported", "UMA_OO")
    [by_question] = client.get_resolutions(question_id=question_id(DOCUMENTED))
    assert (by_question.condition_id, by_question.price) == (None, 0)
    assert client.get_resolutions(question_id="0x" + "1" * 64) == ()


def test_resolutions_take_one_key(venue: MockClob, get: Get) -> None:
    text = "provide exactly one of 'question_id', 'condition', or 'event_id'"
    assert get("/v2/resolutions") == (400, text)
    assert get("/v2/resolutions", event_id=1, condition=CONDITION) == (400, text)
    assert get("/v2/resolutions", question_id="7") == (400, "invalid question id")


def test_token_references_tell_market_event_and_payout(
    venue: MockClob, client: Any, get: Get
) -> None:
    yes, no = client.get_token_references(asset_ids=[YES, f"00{NO}", "7", YES])
    assert (yes.outcome, yes.opposite_asset_id, yes.resolved) == ("Yes", NO, False)
    assert (no.outcome_index, no.event_slug, no.module) == (1, "documented-market", "v1_ctf")
    resolve(venue)
    yes, no = client.get_token_references(condition_ids=CONDITION)
    assert (yes.final_price, no.final_price, yes.closed) == (1, 0, True)
    winner = client.get_event(slug="winner").trading.neg_risk_market_id
    assert winner is not None
    found = client.get_token_references(condition_ids=winner)
    assert [row.question_index for row in found] == [0, 0, 1, 1, 2, 2]
    assert get("/v2/tokens") == (400, "provide exactly one of 'token_id' or 'condition'")
    assert get("/v2/tokens", token_id="0x5") == (400, "invalid token id: 0x5")
    assert get("/v2/tokens", token_ids=",".join(map(str, range(51))))[0] == 400
    assert get("/v2/tokens", condition="0x12")[0] == 400


# Boards


def test_leaderboard_ranks_profit_and_volume(client: Any) -> None:
    buy(1, "52")
    buy(2, "53")
    by_volume = list(client.list_trader_leaderboard(sort_by="VOLUME").iter_items())
    assert [(row.wallet, row.rank, row.volume) for row in by_volume] == [
        (HOUSE.address, 1, 200),
        (ACCOUNTS[2].address, 2, 100),
        (BOB, 2, 100),
    ]
    by_pnl = list(client.list_trader_leaderboard(page_size=1).iter_items())
    assert [row.pnl for row in by_pnl] == sorted((row.pnl for row in by_pnl), reverse=True)
    standing = client.get_trader_leaderboard_standing(user=BOB)
    assert standing is not None
    assert (standing.pnl, standing.volume, standing.volume_rank) == (1, 100, 2)
    assert client.get_trader_leaderboard_standing(user=ALICE) is None
    assert list(client.list_trader_leaderboard(category="sports").iter_items()) == []


def test_biggest_winners_are_of_resolved_markets(venue: MockClob, client: Any) -> None:
    buy(1, "52")
    assert list(client.list_biggest_winners().iter_items()) == []
    resolve(venue)
    found = {row.wallet: row for row in client.list_biggest_winners(page_size=1).iter_items()}
    assert (found[BOB].pnl, found[BOB].initial_value, found[BOB].final_value) == (48, 52, 100)
    assert found[HOUSE.address].rank == 1
    venue.advance(2 * 86_400)
    assert list(client.list_biggest_winners().iter_items()) == []
    assert len(list(client.list_biggest_winners(window="week").iter_items())) == 3


def test_builders_rank_by_the_shares_they_brought(client: Any, get: Get) -> None:
    code = Builders.code_of(BOB)
    buy(1, "52", builder_code=code)
    buy(2, "5.2")
    [standing] = client.list_builder_leaderboard().iter_items()
    assert (standing.builder_code, standing.volume, standing.active_users) == (code, 100, 1)
    [point] = client.get_builder_volumes()
    assert (point.builder_code, point.volume, point.rank) == (code, 100, 1)
    assert client.get_builder_volumes(interval="all")[0].bucket_date.day == 1
    assert get("/v2/builders/volume", limit=0)["data"] == []
    assert get("/v2/builders/volume", limit=91)[0] == 400


@pytest.mark.parametrize(
    ("path", "asked", "text"),
    [
        ("/v2/leaderboard", {"sort_by": "ROI"}, "sort_by must be PNL or VOLUME"),
        (
            "/v2/leaderboard",
            {"time_period": "year"},
            "time_period must be one of day, week, month, all",
        ),
        ("/v2/biggest-winners", {"time_period": "1d"}, "time_period must be one of"),
        ("/v2/builders/leaderboard", {"time_period": "DAY"}, "time_period must be one of"),
        ("/v2/builders/volume", {"interval": "hour"}, "time_period must be one of"),
        ("/v2/leaderboard", {"user": "bob"}, "required query param 'user' not provided"),
    ],
)
def test_bad_board_request_is_refused(
    venue: MockClob, get: Get, path: str, asked: dict[str, Any], text: str
) -> None:
    status, error = get(path, **asked)
    assert status == 400
    assert error.startswith(text)


# One wallet's profit


def test_user_pnl_is_cumulative_and_net_of_fees(venue: MockClob, client: Any) -> None:
    taxed = next(m for m in venue.venue.engine.markets.values() if m.slug == "taker-fee")
    buy(1, "5.2", taxed.token_ids[0])
    venue.advance(7_200)
    series = client.get_user_pnl(user=BOB, interval="6h", fidelity="1h")
    assert series.interval == "6h"
    last = series.points[-1]
    assert (last.realized_pnl, last.unrealized_pnl) == (Decimal("-0.17472"), 0)
    assert (last.volume, last.volume_usdc, last.trade_count) == (10, Decimal("5.2"), 1)
    assert last.fees == Decimal("-0.17472")
    assert client.get_user_pnl(user="0x" + "9" * 40).points == ()


def test_user_stats_and_volume(venue: MockClob, client: Any, get: Get) -> None:
    buy(1, "52")
    resolve(venue)
    stats = client.get_user_stats(user=BOB)
    assert stats is not None
    assert (stats.traded_market_count, stats.biggest_win) == (1, 48)
    assert stats.all_time_pnl is not None
    assert stats.all_time_pnl.position_pnl == 48
    assert client.get_user_stats(user="0x" + "9" * 40) is None
    volume = client.get_user_volume(user=BOB)
    assert (volume.volume, volume.volume_usdc, volume.trade_count) == (100, 52, 1)
    assert client.get_user_volume(user=BOB, end=UNIT).trade_count == 0
    assert get("/v2/user-pnl", user=BOB, interval="2d") == (
        400,
        "interval must be one of max, all, 1m, 1w, 1d, 12h, 6h",
    )
    assert get("/v2/user-pnl", user=BOB, fidelity="5m") == (
        400,
        "fidelity must be one of 1d, 18h, 12h, 3h, 1h",
    )


def test_accounting_snapshot_is_a_zip_of_two_tables(client: Any, get: Get) -> None:
    archive = zipfile.ZipFile(io.BytesIO(client.download_accounting_snapshot(user=ALICE)))
    assert archive.namelist() == ["positions.csv", "equity.csv"]
    [equity] = csv.DictReader(io.TextIOWrapper(archive.open("equity.csv")))
    assert (equity["cashBalance"], equity["equity"]) == ("10000", "10100")
    held = list(csv.DictReader(io.TextIOWrapper(archive.open("positions.csv"))))
    assert {row["asset"]: row["size"] for row in held} == {YES: "100", NO: "100"}
    assert get("/v1/accounting/snapshot") == (400, "required query param 'user' not provided")


def test_approvals_without_a_chain_are_the_ledgers(client: Any) -> None:
    state = client.get_trading_approvals_state(wallet=ALICE)
    assert not state.is_fully_approved  # the adapters are of the chain only
    assert len(state.missing.erc20) == 5
