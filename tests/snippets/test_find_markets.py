"""Markets found with the client and without one: every page, closed ones left out, ids as lists."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from find_markets import outcomes
from gamma_pages import decoded, pages
from neg_risk_event import legs
from polymarket import PublicClient

from mock_clob.faults import Effect
from mock_clob.pytest_plugin import MockClob


@pytest.fixture
def client(mock_clob: MockClob) -> Iterator[PublicClient]:
    mock_clob.reset(exchange=2)
    with PublicClient() as client:
        yield client


def test_each_open_market_gives_both_of_its_outcomes(client: PublicClient) -> None:
    markets = [*client.list_markets().iter_items(), *client.list_markets(closed=True).iter_items()]
    found = list(outcomes(markets))
    assert len(found) == 2 * sum(market.state.closed is False for market in markets)
    for outcome in found:
        assert client.get_order_book(token_id=outcome.asset_id).market == outcome.condition_id
    assert {outcome.neg_risk for outcome in found if "win?" in outcome.market} == {True}


def test_a_market_of_protocol_v2_is_known_by_its_position_ids(mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=3)
    with PublicClient() as client:
        market = client.list_markets(version="v2").first_page().items[0]
        (yes, no) = outcomes([market])
        sides = market.outcomes
        assert sides.yes.position_id
        assert (yes.asset_id, no.asset_id) == (sides.yes.position_id, sides.no.position_id)


def test_a_market_without_ids_is_left_out(client: PublicClient) -> None:
    market = client.get_market(slug="documented-market")
    nameless = market.outcomes.yes.model_copy(update={"token_id": None})
    sides = market.outcomes.model_copy(update={"yes": nameless})
    (left,) = outcomes([market.model_copy(update={"outcomes": sides})])
    assert left.label == "No"


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_pages_are_read_to_the_last_one(client: PublicClient, limit: int) -> None:
    slugs = [market["slug"] for market in pages("/markets/keyset", limit=limit)]
    assert len(slugs) == len(set(slugs)) == len(list(client.list_markets().iter_items()))
    assert "resolved-market" not in slugs
    assert [m["slug"] for m in pages("/markets/keyset", closed="true")] == ["resolved-market"]
    assert [e["slug"] for e in pages("/events/keyset", slug="winner")] == ["winner"]


def test_a_page_that_fails_is_no_end(client: PublicClient, mock_clob: MockClob) -> None:
    mock_clob.fault(Effect(status=500, body="no"), path="/markets/keyset", nth=2)
    with pytest.raises(requests.HTTPError, match="500"):
        list(pages("/markets/keyset", limit=2))


def test_lists_are_lists() -> None:
    raw = {"slug": "a", "outcomes": '["Yes", "No"]', "clobTokenIds": None, "outcomePrices": ["1"]}
    assert decoded(raw) == {**raw, "outcomes": ["Yes", "No"]}


def test_an_event_whose_outcomes_do_not_exclude_each_other_is_refused(client: PublicClient) -> None:
    with pytest.raises(ValueError, match="no neg-risk event"):
        legs(client, "documented-market")


def test_outcomes_that_are_decided_or_have_no_book_yet(
    client: PublicClient, mock_clob: MockClob
) -> None:
    mock_clob.reset(exchange=2, scenario="empty")
    assert [(leg.bid, leg.ask) for leg in legs(client, "winner")] == [(None, None)] * 3
    (_, second, _) = legs(client, "winner")
    mock_clob.resolve(second.token_id, "No")
    assert second not in legs(client, "winner")
    assert len(legs(client, "winner")) == 2
