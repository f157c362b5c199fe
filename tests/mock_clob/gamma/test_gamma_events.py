"""Events, tags and series on Gamma."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from tests.mock_clob.gamma.conftest import Get
from tests.mock_clob.trade_on_2 import settle, trader

EVENTS = ["documented-market", "fine-tick", "winner", "taker-fee"]


def slugs(rows: list[Any]) -> list[str]:
    return [row["slug"] for row in rows]


def invalid(text: str) -> tuple[int, dict[str, str]]:
    return 422, {"type": "validation error", "error": text}


def test_neg_risk_event_has_its_markets(client: Any) -> None:
    event = client.get_event(slug="winner")
    assert event.title == "Who will win?"
    assert [market.group_item_title for market in event.markets] == ["A", "B", "C"]
    assert event.trading.neg_risk
    assert event.trading.neg_risk_market_id
    assert [tag.slug for tag in event.tags] == ["demo", "elections"]
    assert [series.slug for series in event.series] == ["winners"]


def test_event_sums_the_volume_of_its_markets(client: Any) -> None:
    with trader() as alice:
        for slug, amount in (("winner-a", "5.7"), ("winner-b", "3.2")):
            token_id = client.get_market(slug=slug).outcomes.yes.token_id
            settle(alice, alice.place_market_order(token_id=token_id, amount=amount, side="BUY"))
    metrics = client.get_event(slug="winner").metrics
    assert metrics.volume == metrics.volume_24hr == Decimal("8.9")


def test_event_is_closed_when_all_its_markets_are(venue: MockClob, get: Get) -> None:
    engine = venue.venue.engine
    winners = [m for m in engine.markets.values() if m.event_slug == "winner"]
    for market, outcome in zip(winners, ("Yes", "No", "No"), strict=True):
        assert "winner" in slugs(get("/events"))
        venue.call(partial(engine.resolve, market, outcome, 1))
    assert slugs(get("/events", closed="true")) == ["winner", "resolved-market"]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, EVENTS),
        ({"id": 30003}, ["winner"]),
        ({"slug": ["winner", "fine-tick"]}, ["fine-tick", "winner"]),
        ({"tag_id": 100002}, ["winner"]),
        ({"tag_slug": "crypto"}, ["taker-fee"]),
        ({"exclude_tag_id": [100002, 100003]}, EVENTS[:2]),
        ({"tag_id": 100003, "related_tags": "true"}, EVENTS),
        ({"title_search": "WIN"}, ["winner"]),
        ({"series_id": 1}, EVENTS[:1]),
        ({"recurrence": "weekly"}, ["winner"]),
        ({"volume_min": 1}, []),
        ({"liquidity_min": 1500, "liquidity_max": 1700}, ["winner"]),
        ({"start_date_max": "2025-12-31T23:59:59Z"}, []),
        ({"end_date_min": "2027-12-31T12:00:00+00:00"}, EVENTS),
        ({"active": "false"}, []),
        ({"live": "true"}, []),
        ({"live": "false"}, EVENTS),
        ({"version": "v2"}, []),
        ({"game_id": 5}, []),
    ],
)
def test_filter_keeps_what_it_says(get: Get, params: dict[str, Any], found: list[str]) -> None:
    assert slugs(get("/events", **params)) == found
    assert slugs(get("/events/keyset", **params)["events"]) == found


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"order": "volume_24hr"}, "order fields are not valid"),
        ({"tag_id": 100001, "exclude_tag_id": 100001}, "tag_id and exclude_tag_id overlap"),
        ({"recurrence": "yearly"}, 'expected value to be one of "daily, weekly, monthly"'),
        ({"event_date": "tomorrow"}, "event_date is invalid"),
        ({"closed": "no"}, "closed is invalid"),
        ({"keyword": "x"}, "keyword is no parameter of this route"),
    ],
)
def test_bad_parameter_is_refused(get: Get, params: dict[str, Any], text: str) -> None:
    assert get("/events", **params) == invalid(text)
    assert get("/events/keyset", **params) == invalid(text)


def test_pages_of_the_client_reach_every_event_once(client: Any) -> None:
    for ascending in (True, False):
        listing = client.list_events(order="volume", ascending=ascending, page_size=1)
        assert sorted(event.slug or "" for event in listing.iter_items()) == sorted(EVENTS)


def test_include_markets_false_leaves_the_key_out(get: Get) -> None:
    assert "markets" not in get("/events", include_markets="false")[0]
    assert "markets" in get("/events")[0]


def test_single_event_and_its_tags(client: Any, get: Get) -> None:
    assert client.get_event(id="30003").slug == "winner"
    assert client.get_event(url="https://polymarket.com/event/winner").id == "30003"
    assert [tag.slug for tag in client.get_event_tags(id="30003")] == ["demo", "elections"]
    lost = {"type": "not found error", "error": "slug not found"}
    assert get("/events/slug/nothing") == (404, lost)
    assert get("/events/7/tags") == (404, lost | {"error": "id not found"})
    assert get("/events/seven") == invalid("id is invalid")


# Tags


def test_tags_are_listed_and_found(client: Any, get: Get) -> None:
    listed = [tag.slug for tag in client.list_tags(page_size=3).iter_items()]
    assert listed == ["demo", "elections", "crypto", "soccer"]
    assert client.get_tag(slug="crypto") == client.get_tag(id="100003")
    assert get("/tags/slug/Crypto")["slug"] == "crypto"
    assert slugs(get("/tags", is_carousel="false")) == ["soccer"]
    assert slugs(get("/tags", order="label", ascending="false", limit=1)) == ["soccer"]
    assert get("/tags/slug/nothing")[0] == 404
    assert get("/tags/1")[0] == 404
    assert get("/tags", order="created_at") == invalid("order fields are not valid")


def test_related_tags_are_ranked(client: Any, get: Get) -> None:
    related = client.get_related_tags(slug="demo")
    assert [(row.rank, row.related_tag_id) for row in related] == [(1, 100002), (2, 100003)]
    found = client.get_related_tag_resources(id="100001", omit_empty=True)
    assert [(tag.slug, tag.active_events_count) for tag in found] == [
        ("elections", 1),
        ("crypto", 1),
    ]
    assert get("/tags/100001/related-tags", status="closed") == []
    assert get("/tags/100001/related-tags", status="old") == invalid(
        'expected value to be one of "active, closed, all"'
    )


# Series


def test_series_have_their_events(client: Any, get: Get) -> None:
    listed = [series.slug for series in client.list_series(page_size=3).iter_items()]
    assert listed == ["documentation", "winners", "epl", "lal"]
    winners = client.get_series(id="2")
    assert winners.events is not None
    assert [event.slug for event in winners.events] == ["winner"]
    assert slugs(get("/series", recurrence="monthly", exclude_events="true")) == ["documentation"]
    assert get("/series", closed="true") == []
    assert get("/series/9")[0] == 404


# Search


def test_search_finds_events_tags_and_profiles(client: Any) -> None:
    [page] = list(client.search(q="win"))
    assert [event.slug for event in page.items[0].events] == ["winner"]
    [page] = list(client.search(q="crypto", search_tags=True))
    assert [(tag.slug, tag.event_count) for tag in page.items[0].tags] == [("crypto", 1)]
    [page] = list(client.search(q="house", search_profiles=True))
    assert [profile.name for profile in page.items[0].profiles] == ["house"]


def test_search_pages_to_the_end(client: Any) -> None:
    pages = list(client.search(q="market", page_size=1))
    found = [event.slug for page in pages for bundle in page.items for event in bundle.events]
    assert found == ["documented-market", "fine-tick", "resolved-market", "taker-fee"]
    assert pages[0].total_count == 4


def test_search_without_a_hit_has_no_events_key(get: Get) -> None:
    found = get("/public-search", q="nothing at all")
    assert found == {"pagination": {"hasMore": False, "totalResults": 0}}


def test_optimized_search_answers_real_lists(get: Get) -> None:
    found = get("/public-search", q="who will", optimized="true")
    assert "pagination" not in found
    assert found["hasMore"] is False
    assert found["events"][0]["markets"][0]["outcomes"] == ["Yes", "No"]


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, 'query argument "q": empty'),
        ({"q": "a", "page": 0}, "page is invalid"),
        ({"q": "a", "events_status": "new"}, "expected value to be one of"),
        ({"q": "a", "sort": "age"}, "expected value to be one of"),
    ],
)
def test_bad_search_is_refused(get: Get, params: dict[str, Any], text: str) -> None:
    status, body = get("/public-search", **params)
    assert status == 422
    assert body["error"].startswith(text)


def test_search_filters_by_status_and_sort(get: Get) -> None:
    def found(**params: str) -> list[str]:
        return slugs(get("/public-search", q="market", **params).get("events", []))

    assert found(events_status="closed") == ["resolved-market"]
    assert found(events_status="active", events_tag="crypto") == ["taker-fee"]
    assert found(events_status="active", sort="liquidity")[0] == "documented-market"
    assert found(exclude_tag_id="100001") == []


def test_documented_market_is_the_first_event(get: Get) -> None:
    [market] = get("/events", limit=1)[0]["markets"]
    assert market["conditionId"] == DOCUMENTED.condition_id
    assert "events" not in market
