"""What the journal keeps, what it finds and what it never keeps."""

from __future__ import annotations

from dataclasses import fields

import pytest

from mock_clob.journal import Entry, Journal


@pytest.fixture
def journal() -> Journal:
    journal = Journal()
    for method, path in (
        ("GET", "/book"),
        ("POST", "/order"),
        ("POST", "/order"),
        ("GET", "/data/order/0x1"),
    ):
        journal.arrive(method=method, path=path, arrived_ms=1_000).status = 200
    return journal


def test_entries_are_numbered_in_order_of_arrival(journal: Journal) -> None:
    assert [entry.sequence for entry in journal] == [1, 2, 3, 4]
    assert len(journal) == journal.total == 4


def test_requests_are_found_by_method_and_path(journal: Journal) -> None:
    assert [e.sequence for e in journal.requests("POST")] == [2, 3]
    assert [e.sequence for e in journal.requests(path="/book")] == [1]
    assert [e.sequence for e in journal.requests("GET", "/data/order/*")] == [4]
    assert journal.requests("DELETE", "/order") == []
    assert len(journal.requests()) == 4


def test_delayed_requests_are_found(journal: Journal) -> None:
    journal.requests("POST")[1].delay_ms = 40
    assert [e.sequence for e in journal.delayed()] == [3]


def test_unknown_routes_are_found(journal: Journal) -> None:
    journal.requests(path="/book")[0].unknown_route = True
    assert [e.path for e in journal.unknown_routes()] == ["/book"]


def test_summary_is_one_line_of_counts(journal: Journal) -> None:
    first, second, third, _ = journal
    first.delay_ms, second.delay_ms, second.status, third.status = 5, 40, 429, 0
    assert journal.summary() == (
        "4 requests (1 x no reply, 2 x 200, 1 x 429), 2 delayed (longest 40 ms), 0 unknown routes"
    )


def test_summary_of_nothing_says_so() -> None:
    assert Journal().summary() == "0 requests, 0 delayed, 0 unknown routes"


def test_only_the_last_entries_are_kept_and_the_rest_is_counted() -> None:
    journal = Journal(limit=2)
    for path in ("/a", "/b", "/c"):
        journal.arrive(method="GET", path=path, arrived_ms=0)
    assert [entry.path for entry in journal] == ["/b", "/c"]
    assert journal.total == 3
    assert journal.summary().endswith("the oldest 1 no longer kept")


def test_clear_starts_from_one_again(journal: Journal) -> None:
    journal.clear()
    assert journal.arrive(method="GET", path="/", arrived_ms=0).sequence == 1


def test_credentials_in_a_query_are_not_kept() -> None:
    journal = Journal()
    entry = journal.arrive(
        method="GET",
        path="/auth/validate-readonly-api-key",
        query="address=0xa&key=not-to-be-kept",
        arrived_ms=0,
    )
    assert entry.query == "address=0xa&key=..."
    assert "not-to-be-kept" not in repr(list(journal))


def test_a_query_without_credentials_is_kept_as_sent() -> None:
    query = "token_id=1&next_cursor=MA%3D%3D&side="
    entry = Journal().arrive(method="GET", path="/price", query=query, arrived_ms=0)
    assert entry.query == query


def test_an_entry_has_no_place_for_a_body_or_headers() -> None:
    assert {field.name for field in fields(Entry)} == {
        "sequence",
        "method",
        "path",
        "query",
        "host",
        "ip",
        "signer",
        "arrived_ms",
        "delay_ms",
        "status",
        "verdict",
        "unknown_route",
        "error",
    }


def test_a_signer_that_is_no_address_is_not_kept(journal: Journal) -> None:
    secret = "my-api-secret"
    entry = journal.arrive(method="GET", path="/ok", arrived_ms=0, signer=secret)
    assert entry.signer == ""
    address = "0x" + "ab" * 20
    assert journal.arrive(method="GET", path="/ok", arrived_ms=0, signer=address).signer == address


def test_what_a_stranger_wrote_is_kept_in_part_only(journal: Journal) -> None:
    long = "x" * 60_000
    entry = journal.arrive(method="GET", path=long, query=long, host=long, arrived_ms=0)
    assert {len(text) for text in (entry.path, entry.query, entry.host)} == {2_000}
