"""No query string brings Gamma or the Data API down, changes anything, or is answered loosely."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_clob.data.routes import DataApi
from mock_clob.gamma.routes import Gamma
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED, HOUSE
from mock_clob.venue import Options, Venue

_VENUE = Venue(Options(chain=False))
PATHS = sorted(
    {("/gamma", route.path) for route in Gamma(_VENUE).routes()}
    | {("/data-api", route.path) for route in DataApi(_VENUE).routes()}
)
NAMES = (
    *("user", "market", "condition", "condition_id", "event_id", "eventId", "id", "slug", "limit"),
    *(
        "offset",
        "cursor",
        "after_cursor",
        "order",
        "ascending",
        "sort_by",
        "sortBy",
        "start",
        "end",
    ),
    *("interval", "fidelity", "bucket_seconds", "as_of", "token_id", "question_id", "q", "page"),
    *("type", "side", "status", "filter_type", "filter_amount", "title", "time_period", "closed"),
    *("tag_id", "end_date_min", "parent_entity_type", "parent_entity_id", "address", "nothing"),
)
VALUES = st.one_of(
    st.sampled_from(
        [
            *("", "0", "1", "-1", "true", "True", "null", "NaN", "Infinity", "1e400", "1e9", "%"),
            *("OPEN", "CLOSED", "TRADE", "BUY", "1h", "max", "day", "id", "Event", "2026-13-01"),
            *(DOCUMENTED.condition_id, DOCUMENTED.token_ids[0], HOUSE.address, "0x", "winner"),
            *("9" * 400, "0x" + "f" * 64, "\x00", "é", "[" * 5_000, "e30=", "W10=", "١"),
        ]
    ),
    st.text(max_size=30),
)


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


@given(
    st.sampled_from(PATHS), st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4), VALUES
)
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_query_is_answered_or_refused(
    mock_clob: MockClob,
    http: httpx.Client,
    path: tuple[str, str],
    params: list[tuple[str, str]],
    name: str,
) -> None:
    if mock_clob.venue.options != Options(chain=False, throttle=False):
        mock_clob.reset(chain=False, throttle=False)
    mock_clob.allow_unknown_routes()
    prefix, route = path
    for key in ("{id}", "{slug}", "{address}"):
        route = route.replace(key, quote(name, safe="") or "1")
    before = dict(mock_clob.venue.ledger.balances)
    reply = http.get(f"{mock_clob.url}{prefix}{route}?{urlencode(params)}")
    assert reply.status_code in (200, 400, 404, 422), reply.text
    if any(each == "nothing" for each, _ in params):
        assert reply.status_code != 200 or route in ("/status", "/")
    assert dict(mock_clob.venue.ledger.balances) == before


@pytest.mark.parametrize(("prefix", "path"), PATHS)
def test_unknown_parameter_is_refused_everywhere(
    mock_clob: MockClob, prefix: str, path: str
) -> None:
    mock_clob.reset(chain=False)
    route = path.replace("{id}", "30001").replace("{slug}", "demo").replace("{address}", "0x1")
    if route in ("/status", "/"):
        return
    reply = httpx.get(f"{mock_clob.url}{prefix}{route}", params={"no_such_filter": "1"})
    assert reply.status_code in (400, 404, 422)
