"""Which production host answers which path. A host answers nothing that is another host's."""

from __future__ import annotations

import httpx
import pytest

from mock_clob.hosts import SERVED
from mock_clob.pytest_plugin import MockClob
from mock_clob.routing import PRODUCTION_HOSTS


@pytest.mark.parametrize(
    "url",
    [
        "https://clob.polymarket.com/time",
        "https://data-api.polymarket.com/v2/trades",
    ],
)
def test_host_answers_its_own_paths(mock_clob: MockClob, url: str) -> None:
    assert httpx.get(url).status_code == 200


@pytest.mark.parametrize("host", PRODUCTION_HOSTS)
def test_host_answers_no_path_of_another(mock_clob: MockClob, host: str) -> None:
    mock_clob.allow_unknown_routes()
    foreign = "/v2/trades" if host == "clob.polymarket.com" else "/time"
    reply = httpx.get(f"https://{host}{foreign}")
    assert reply.status_code == 404
    assert f"no route GET {host}{foreign}" in reply.json()["error"]
    assert [entry.host for entry in mock_clob.journal.unknown_routes()] == [host]


def test_hosts_that_are_routed_but_not_served_are_known() -> None:
    assert set(PRODUCTION_HOSTS) - set(SERVED) == {"polymarket.com"}
