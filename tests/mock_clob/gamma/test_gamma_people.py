"""Comments, profiles and sports: seeded tables, read as the client reads the venue's."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from tests.mock_clob.gamma.conftest import Get

EVENT = "30001"
UNDER_EVENT = {"parent_entity_type": "Event", "parent_entity_id": EVENT}


def invalid(text: str) -> tuple[int, dict[str, str]]:
    return 422, {"type": "validation error", "error": text}


def ids(rows: list[Any]) -> list[str]:
    return [row["id"] for row in rows]


def test_comments_come_with_their_replies_newest_thread_first(client: Any) -> None:
    for holders_only in (None, False):  # by cursor, and by offset
        listing = client.list_comments(
            parent_entity_id=EVENT,
            parent_entity_type="Event",
            holders_only=holders_only,
            page_size=1,
        )
        assert [comment.id for comment in listing.iter_items()] == ["3", "1", "2", "4"]


def test_comment_tells_who_wrote_it_and_to_whom(client: Any) -> None:
    first, reply, _ = client.get_comment_thread(id="2")
    assert (first.id, reply.parent_comment_id) == ("1", "1")
    assert reply.profile is not None
    assert reply.profile.name == "house"
    assert reply.reply_address == ACCOUNTS[1].address


def test_positions_beside_a_comment_are_what_the_wallet_holds(client: Any, get: Get) -> None:
    [comment] = client.list_comments_by_user_address(address=ACCOUNTS[0].address).iter_items()
    assert comment.parent_entity_type == "Series"
    [shown] = get("/comments/7", get_positions="true")
    held = {row["tokenId"]: row["positionSize"] for row in shown["profile"]["positions"]}
    assert held == dict.fromkeys(DOCUMENTED.token_ids, 100)


def test_holders_only_keeps_those_who_hold(get: Get) -> None:
    assert ids(get("/comments", **UNDER_EVENT, holders_only="true")) == []


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, "required query parameter is missing"),
        ({"parent_entity_type": "Event"}, "required query parameter is missing"),
        (
            {"parent_entity_type": "market", "parent_entity_id": "1"},
            'expected value to be one of "Event, Series, PerpsAsset"',
        ),
        ({**UNDER_EVENT, "order": "created_at"}, "order fields are not valid"),
        (
            {**UNDER_EVENT, "offset": "201"},
            "offset too large, use /comments/keyset for deeper pagination",
        ),
    ],
)
def test_bad_parameter_is_refused(get: Get, params: dict[str, str], text: str) -> None:
    assert get("/comments", **params) == invalid(text)


def test_unknown_comment_and_bad_address_are_refused(get: Get) -> None:
    assert get("/comments/99")[0] == 404
    assert get("/comments/user_address/0x1") == invalid("user_address is invalid")
    assert get("/comments/keyset", **UNDER_EVENT, order="updatedAt") == invalid(
        "order fields are not valid"
    )


def test_every_test_account_has_a_profile(client: Any) -> None:
    for account in ACCOUNTS:
        profile = client.get_public_profile(account.address.lower())
        assert profile is not None
        assert profile.wallet == account.address


def test_stranger_has_no_profile(client: Any, get: Get) -> None:
    stranger = "0x" + "1" * 40
    assert client.get_public_profile(stranger) is None
    lost = {"type": "not found error", "error": "profile not found"}
    assert get("/public-profile", address=stranger) == (404, lost)
    assert get("/public-profile") == invalid("required query parameter is missing")
    assert get("/public-profile", address="me") == invalid("address is invalid")


def test_sports_tell_leagues_market_types_and_teams(client: Any, get: Get) -> None:
    assert [sport.sport for sport in client.get_sports()] == ["epl", "lal"]
    assert "moneyline" in (client.get_sports_market_types().market_types or ())
    teams = list(client.list_teams(league="lal", page_size=3).iter_items())
    assert [team.abbreviation for team in teams] == ["BAR", "RMA", "ATM", "SEV"]
    assert get("/teams", name="Arsenal") == [get("/teams/1")]
    assert get("/teams/99")[0] == 404
    assert get("/teams", league=["epl"], provider_id="x") == invalid("provider_id is invalid")


def test_status_is_ok(venue: MockClob) -> None:
    assert httpx.get("https://gamma-api.polymarket.com/status").text == "OK"
    assert httpx.get(f"{venue.url}/gamma/markets?limit=1").json()[0]["id"] == "500001"
