"""Markets on Gamma: their shape, their filters, their pages, and the trades that move them."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from polymarket import AsyncPublicClient, PublicClient
from polymarket.errors import RequestRejectedError

from mock_clob.model import Market
from mock_clob.position_ids import position_ids, structural_condition_id
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from tests.mock_clob.gamma.conftest import Get
from tests.mock_clob.trade_on_2 import settle, trader

YES, NO = DOCUMENTED.token_ids
OPEN = ["documented-market", "fine-tick", "winner-a", "winner-b", "winner-c", "taker-fee"]


def slugs(rows: list[Any]) -> list[str]:
    return [row["slug"] for row in rows]


def invalid(text: str) -> tuple[int, dict[str, str]]:
    return 422, {"type": "validation error", "error": text}


def list_market(venue: MockClob, number: int) -> None:
    market = Market(
        f"0x{number:064x}", f"Question {number}?", f"more-{number}", (f"1{number}", f"2{number}")
    )
    engine = venue.venue.engine
    venue.call(lambda: engine.list_market(market))


def test_lists_of_a_market_are_json_inside_strings(get: Get) -> None:
    [row] = get("/markets", slug="documented-market")
    assert json.loads(row["outcomes"]) == ["Yes", "No"]
    assert json.loads(row["outcomePrices"]) == ["0.5", "0.5"]
    assert json.loads(row["clobTokenIds"]) == [YES, NO]
    assert (row["liquidity"], row["liquidityNum"]) == ("800", 800)


def test_closed_markets_are_left_out_unless_asked_for(get: Get) -> None:
    assert slugs(get("/markets")) == OPEN
    assert slugs(get("/markets", closed="true")) == ["resolved-market"]
    assert slugs(get("/markets", closed="True")) == ["resolved-market"]  # as requests sends it
    assert get("/markets", slug="resolved-market") == []


def test_trade_shows_in_price_and_volume(client: Any) -> None:
    with trader() as alice:
        settle(alice, alice.place_market_order(token_id=YES, amount="52", side="BUY"))
    market = client.get_market(slug="documented-market")
    assert market.prices.last_trade_price == Decimal("0.52")
    assert (market.prices.best_bid, market.prices.best_ask) == (Decimal("0.48"), Decimal("0.53"))
    assert market.outcomes.yes.price == Decimal("0.505")
    assert market.outcomes.no.price == Decimal("0.495")
    assert market.metrics.volume_num == market.metrics.volume_24hr == Decimal(52)


def test_price_of_a_one_sided_book_is_that_of_the_last_trade(client: Any) -> None:
    with trader() as alice:
        settle(alice, alice.place_market_order(token_id=YES, amount="433", side="BUY"))  # all asks
    market = client.get_market(slug="documented-market")
    assert (market.prices.best_bid, market.prices.best_ask) == (Decimal("0.48"), Decimal(1))
    assert market.outcomes.yes.price == market.prices.last_trade_price == Decimal("0.55")


def test_middle_of_a_book_wider_than_ten_cents_says_nothing(venue: MockClob) -> None:
    venue.reset(exchange=2, chain=False, scenario="empty")
    alice: Any
    with trader() as alice, PublicClient() as client:
        for price, side in (("0.45", "BUY"), ("0.55", "SELL")):
            alice.place_limit_order(token_id=YES, price=price, size="10", side=side)
        assert client.get_market(slug="documented-market").outcomes.yes.price == Decimal("0.5")
        alice.cancel_all()
        for price, side in (("0.30", "BUY"), ("0.80", "SELL")):
            alice.place_limit_order(token_id=YES, price=price, size="10", side=side)
        market = client.get_market(slug="documented-market")
        assert market.prices.spread == market.outcomes.yes.price == Decimal("0.5")  # not 0.55


def test_resolved_market_pays_one_and_says_when(venue: MockClob, client: Any) -> None:
    engine = venue.venue.engine
    market = engine.by_token[YES]
    at = venue.venue.clock.now_ms()
    venue.call(lambda: engine.resolve(market, "No", at))
    found = client.get_market(slug="documented-market")
    assert (found.outcomes.yes.price, found.outcomes.no.price) == (0, 1)
    assert found.state.closed
    assert found.state.closed_time == datetime.fromtimestamp(at // 1000, UTC)
    assert found.resolution.uma_resolution_status == "resolved"


def test_fee_schedule_is_of_the_markets_that_charge(client: Any) -> None:
    taxed = client.get_market(slug="taker-fee").trading
    assert taxed.fees_enabled
    assert taxed.fee_schedule is not None
    assert (taxed.fee_schedule.rate, taxed.fee_schedule.taker_only) == (Decimal("0.07"), True)
    assert not client.get_market(slug="documented-market").trading.fees_enabled


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"condition_ids": DOCUMENTED.condition_id.upper().replace("0X", "0x")}, OPEN[:1]),
        ({"clob_token_ids": NO}, OPEN[:1]),
        ({"clob_token_ids": [NO, YES]}, OPEN[:1]),
        ({"slug": ["winner-c", "fine-tick"]}, ["fine-tick", "winner-c"]),
        ({"id": [500002, 500003]}, ["fine-tick", "winner-a"]),
        ({"id": 9}, []),
        ({"tag_id": 100002}, ["winner-a", "winner-b", "winner-c"]),
        ({"tag_id": [100001, 100003], "tag_match": "all"}, ["taker-fee"]),
        ({"tag_id": 100003, "related_tags": "true"}, OPEN),
        ({"decimalized": "true"}, ["fine-tick"]),
        ({"decimalized": "false", "slug": "fine-tick"}, []),
        ({"liquidity_num_min": 1300}, []),
        ({"liquidity_num_min": "880", "liquidity_num_max": "880.5"}, ["winner-a"]),
        ({"volume_num_min": 1}, []),
        ({"end_date_min": "2027-12-31T12:00:01Z"}, []),
        ({"end_date_max": "2027-12-31T12:00:00Z", "limit": 1}, OPEN[:1]),
        ({"start_date_min": "2026-01-01", "limit": 1}, OPEN[:1]),
        ({"active": "true", "archived": "false", "limit": 1}, OPEN[:1]),
        ({"active": "false"}, []),
        ({"archived": "true"}, []),
        ({"rewards_min_size": 20}, OPEN[:1]),
        ({"rewards_min_size": 21}, []),
        ({"uma_resolution_status": "resolved"}, []),
        ({"uma_resolution_status": "resolved", "closed": "true"}, ["resolved-market"]),
        ({"version": "v2"}, []),
        ({"version": ["v1", "v2"], "limit": 1}, OPEN[:1]),
        ({"position_ids": YES}, []),
        ({"game_id": "1"}, []),
    ],
)
def test_filter_keeps_what_it_says(get: Get, params: dict[str, Any], found: list[str]) -> None:
    assert slugs(get("/markets", **params)) == found
    assert slugs(get("/markets/keyset", **params)["markets"]) == found


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"closed": "maybe"}, "closed is invalid"),
        ({"id": "one"}, "id is invalid"),
        ({"id": "1,2"}, "id is invalid"),
        ({"limit": "-1"}, "limit is invalid"),
        ({"limit": "ten"}, "limit is invalid"),
        ({"limit": ["1", "2"]}, "limit is invalid"),
        ({"order": "volume_24hr"}, "order fields are not valid"),
        ({"order": "volumeNum,nothing"}, "order fields are not valid"),
        ({"ascending": "down"}, "ascending is invalid"),
        ({"liquidity_num_min": "much"}, "liquidity_num_min is invalid"),
        ({"liquidity_num_min": "NaN"}, "liquidity_num_min is invalid"),
        ({"end_date_min": "soon"}, "end_date_min is invalid"),
        ({"tag_id": "elections"}, "tag_id is invalid"),
        ({"tag_match": "some"}, 'expected value to be one of "any, all"'),
        ({"version": "v3"}, "version is invalid"),
        ({"status": "open"}, "status is no parameter of this route"),
        (
            {"uma_resolution_status": "done"},
            'expected value to be one of "disputed, proposed, requested, resolved, settled"',
        ),
    ],
)
def test_bad_parameter_is_refused(get: Get, params: dict[str, Any], text: str) -> None:
    assert get("/markets", **params) == invalid(text)
    assert get("/markets/keyset", **params) == invalid(text)


def test_offset_pages_end_at_2000(get: Get) -> None:
    assert slugs(get("/markets", limit=2, offset=4)) == OPEN[4:]
    assert get("/markets", offset=2000) == []
    assert get("/markets", offset=2001) == invalid(
        "offset too large, use /markets/keyset for deeper pagination"
    )


def test_keyset_refuses_offset_and_foreign_cursors(get: Get) -> None:
    refused = invalid("offset is not allowed on keyset endpoints")
    assert get("/markets/keyset", offset=0) == refused
    cursor = get("/markets/keyset", limit=1)["next_cursor"]
    for after, order in (("nonsense", "id"), (cursor, "volumeNum"), ("e30=", "id"), ("[", "id")):
        asked = get("/markets/keyset", after_cursor=after, order=order)
        assert asked == invalid("after_cursor is invalid")


def test_limit_above_100_is_served_as_100_without_a_word(venue: MockClob, get: Get) -> None:
    for number in range(100, 200):
        list_market(venue, number)
    assert len(get("/markets", limit=500)) == 100
    page = get("/markets/keyset", limit=500)
    assert len(page["markets"]) == 100
    rest = get("/markets/keyset", limit=500, after_cursor=page["next_cursor"])
    assert len(rest["markets"]) == 6
    assert "next_cursor" not in rest


@pytest.mark.parametrize("order", [None, "volume24hr", "endDate,slug", "liquidity"])
@pytest.mark.parametrize("ascending", [None, True, False])
def test_pages_of_the_client_reach_every_market_once(
    client: Any, order: str | None, ascending: bool | None
) -> None:
    found = client.list_markets(order=order, ascending=ascending, page_size=2).iter_items()
    assert sorted(market.slug or "" for market in found) == sorted(OPEN)


def test_order_sorts_and_text_volume_sorts_as_text(client: Any, get: Get) -> None:
    with trader() as alice:
        for slug, amount in (("winner-a", "114"), ("fine-tick", "9.6")):
            market = client.get_market(slug=slug)
            token_id = market.outcomes.yes.token_id
            settle(alice, alice.place_market_order(token_id=token_id, amount=amount, side="BUY"))
    first = next(client.list_markets(order="volume", ascending=False).iter_items())
    assert first.slug == "winner-a"
    raw = get("/markets", order="volume", ascending="false", limit=2)
    assert slugs(raw) == ["fine-tick", "winner-a"]  # "9.6" > "114"


async def _two_pages() -> list[str]:
    async with AsyncPublicClient() as client:
        return [m.slug or "" async for m in client.list_markets(page_size=4).iter_items()]


def test_async_client_reads_the_same(venue: MockClob) -> None:
    assert asyncio.run(_two_pages()) == OPEN


def test_single_market_is_found_by_id_slug_and_url(client: Any) -> None:
    by_id = client.get_market(id="500003", include_tag=True)
    assert by_id.slug == "winner-a"
    assert [tag.slug for tag in by_id.tags] == ["demo", "elections"]
    assert by_id.events[0].slug == "winner"
    url = "https://polymarket.com/event/winner/winner-a"
    assert client.get_market(url=url).id == by_id.id
    assert client.get_market(slug="resolved-market").state.closed
    assert [tag.slug for tag in client.get_market_tags(id="500003")] == ["demo", "elections"]


def test_market_that_is_not_there_is_a_404_and_a_bad_id_a_422(get: Get) -> None:
    lost = {"type": "not found error", "error": "id not found"}
    assert get("/markets/1") == (404, lost)
    assert get("/markets/1/tags") == (404, lost)
    assert get("/markets/slug/nothing") == (404, lost | {"error": "slug not found"})
    assert get(f"/markets/{DOCUMENTED.condition_id}") == invalid("id is invalid")
    assert get("/markets/slug/two words") == invalid("slug is invalid")
    assert get("/markets/500001", colour="red") == invalid("colour is no parameter of this route")


def test_client_tells_a_missing_market_apart(client: Any) -> None:
    with pytest.raises(RequestRejectedError) as refused:
        client.get_market(slug="nothing")
    assert refused.value.status == 404


def test_late_market_gets_the_next_id_and_others_keep_theirs(venue: MockClob, get: Get) -> None:
    before = [row["id"] for row in get("/markets")]
    list_market(venue, 7)
    assert [row["id"] for row in get("/markets")] == [*before, "500008"]


def test_protocol_v2_market_has_position_ids_instead(venue: MockClob, get: Get) -> None:
    condition_id = structural_condition_id("a v2 market")
    market = Market(condition_id, "V2?", "v2-market", position_ids(condition_id))
    engine = venue.venue.engine
    venue.call(lambda: engine.list_market(market))
    [row] = get("/markets", version="v2")
    assert row["positionIds"] == list(market.token_ids)
    assert "clobTokenIds" not in row
    assert slugs(get("/markets", position_ids=market.token_ids[1])) == ["v2-market"]
    assert slugs(get("/markets", resolution_status="active")) == ["v2-market"]
    with PublicClient() as client:
        assert client.get_market(slug="v2-market").outcomes.yes.position_id == market.token_ids[0]


def test_numbers_are_exact_in_the_text_of_the_reply(venue: MockClob) -> None:
    with trader() as alice:
        settle(alice, alice.place_market_order(token_id=YES, amount="5.2", side="BUY"))
    text = httpx.get("https://gamma-api.polymarket.com/markets?limit=1").text
    assert '"volume":"5.2"' in text
    assert '"volumeNum":5.2,' in text
    assert '"orderPriceMinTickSize":0.01,' in text
