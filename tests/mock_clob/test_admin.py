"""`/__mock/`: every control over HTTP and through the fixture; who is let in, and who is not."""

from __future__ import annotations

import json
import ssl
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import ApiCreds, OrderArgs
from web3 import Web3

from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES, NO = DOCUMENTED.token_ids
ALICE = ACCOUNTS[0].address


@pytest.fixture
def venue(mock_clob: MockClob) -> MockClob:
    mock_clob.reset(chain=False)
    return mock_clob


class Door:
    """The controls of a venue over HTTP."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/__mock")

    def get(self, path: str, **query: str) -> Any:
        answer = self._http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, /, **arguments: Any) -> Any:
        answer = self._http.post(path, json=arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refusal(self, path: str, /, **arguments: Any) -> str:
        answer = self._http.post(path, json=arguments)
        assert answer.status_code == 400, answer.text
        return str(answer.json()["error"])


@pytest.fixture
def door(venue: MockClob) -> Door:
    return Door(venue.url)


# What there is


def test_a_page_lists_every_control_in_a_line(venue: MockClob) -> None:
    page = httpx.get(f"{venue.url}/__mock/")
    assert page.headers["content-type"].startswith("text/plain")
    lines = page.text.splitlines()
    assert len(lines) == 20
    assert (
        "POST /__mock/clock/advance {seconds}: Move the clock forward; what falls due" in page.text
    )
    for line in lines:
        method, path = line.split()[:2]
        assert method in ("GET", "POST", "DELETE")
        assert path.startswith("/__mock/")
        assert len(line.partition(": ")[2]) > 15


def test_every_control_is_a_method_of_the_fixture_too(venue: MockClob) -> None:
    names = {name for name in vars(type(venue.controls)) if not name.startswith("_")}
    spelled = {"add_fault": "fault", "requests": "journal", "faults": "fault"}
    assert {spelled.get(name, name) for name in names} <= set(dir(MockClob))


# State, reset, scenario


def test_state_tells_what_a_test_wants_to_know(venue: MockClob, door: Door) -> None:
    state = door.get("/state")
    assert state["options"]["exchange"] == 2
    assert state["accounts"][0]["address"] == ALICE
    assert state["accounts"][0]["collateral"] == "10000"
    assert state["accounts"][0]["shares"] == {YES: "100", NO: "100"}
    market = state["markets"][0]
    assert (market["slug"], market["best_bid"], market["best_ask"]) == (
        "documented-market",
        "0.48",
        "0.52",
    )
    assert state["orders"] == {"open": 36, "delayed": 0, "known": 36}
    assert state == venue.state() | {"clock": state["clock"]}


def test_reset_keeps_the_options_that_are_not_named(venue: MockClob, door: Door) -> None:
    venue.reset(chain=False, seed=5)
    assert door.post("/reset", exchange=1)["seed"] == 5
    assert httpx.get(f"{venue.url}/version").json() == {"version": 1}
    assert door.get("/state")["options"]["chain"] is False


def test_a_scenario_is_changed_in_place(venue: MockClob, door: Door) -> None:
    door.post("/scenario", name="empty")
    assert door.get("/state")["orders"]["open"] == 0
    assert "no scenario named 'x'" in door.refusal("/scenario", name="x")
    venue.play("default")
    assert venue.state()["orders"]["open"] == 36


# Clock


def test_the_clock_is_moved_stopped_and_let_go(venue: MockClob, door: Door) -> None:
    before = door.post("/clock/freeze")["now_ms"]
    assert door.post("/clock/advance", seconds=90.5) == {"now_ms": before + 90_500, "frozen": True}
    assert venue.venue.clock.now_ms() == before + 90_500
    later = before + 1_000_000
    assert door.post("/clock/freeze", at_ms=later)["now_ms"] == later
    assert door.post("/clock/unfreeze")["frozen"] is False
    assert "only moves forward" in door.refusal("/clock/freeze", at_ms=before)


# Faults and modes


def test_a_fault_by_name_meets_the_next_call(venue: MockClob, door: Door) -> None:
    door.post("/faults", name="bad_gateway", path="/ok", nth=2)
    seen = [httpx.get(f"{venue.url}/ok").status_code for _ in range(3)]
    assert seen == [200, 502, 200]
    assert [(each["name"], each["fired"]) for each in door.get("/faults")] == [("bad_gateway", 1)]
    httpx.delete(f"{venue.url}/__mock/faults")
    assert door.get("/faults") == []


def test_a_fault_of_ones_own_is_answered_as_it_is_written(venue: MockClob, door: Door) -> None:
    door.post("/faults", status=418, body="short", headers={"X-Kind": "pot"}, path="/ok")
    answer = httpx.get(f"{venue.url}/ok")
    assert (answer.status_code, answer.text, answer.headers["x-kind"]) == (418, "short", "pot")


def test_faults_never_meet_the_controls(venue: MockClob, door: Door) -> None:
    door.post("/faults", name="reset", times=None)
    assert door.get("/state")["faults"] == 1


def test_a_fault_of_the_streams_is_set_and_cleared(venue: MockClob, door: Door) -> None:
    door.post("/faults", name="ws_slow", stream={"seconds": 2})
    assert venue.venue.hub._pace == 2
    venue.clear_faults()
    assert venue.venue.hub._pace == 0
    assert "unexpected keyword" in door.refusal("/faults", name="ws_slow", stream={"x": 1})


def test_modes_are_set(venue: MockClob, door: Door) -> None:
    door.post("/mode", trading="cancel_only", closed_only=[ALICE], banned=["1"])
    modes = venue.venue.modes
    assert modes.trading == "cancel_only"
    assert modes.closed_only(ALICE)
    assert modes.banned(ACCOUNTS[1].address)
    assert not modes.banned(ALICE)
    venue.mode(trading="open", geoblocked=True, restart=True)
    assert (modes.trading, modes.geoblocked) == ("open", True)


# Accounts, markets, settlement


def test_an_account_gets_money_on_the_chain_as_well(mock_clob: MockClob) -> None:
    mock_clob.fund(3, "12.5")
    contract = mock_clob.venue.contracts.pusd
    web3 = Web3(Web3.HTTPProvider(mock_clob.rpc_url))
    asked = "0x70a08231" + ACCOUNTS[3].address[2:].rjust(64, "0")
    held = web3.eth.call({"to": Web3.to_checksum_address(contract), "data": asked})  # type: ignore[typeddict-item]
    assert int.from_bytes(held, "big") == 10_012_500_000
    assert mock_clob.state()["accounts"][3]["collateral"] == "10012.5"


def test_an_account_gets_money_without_a_chain(door: Door) -> None:
    assert door.post("/accounts/fund", account=ALICE.lower(), amount="0.000001") == {
        "address": ALICE,
        "collateral": "10000.000001",
    }


def test_a_tier_is_given(venue: MockClob, door: Door) -> None:
    assert door.post("/accounts/tier", account=0, tier="Gold")["order"] == {
        "per_second": 400,
        "burst": 600,
    }
    assert venue.venue.signers.tier_of(ALICE).name == "gold"


def test_a_tick_is_changed_and_a_market_resolved(venue: MockClob, door: Door) -> None:
    assert door.post("/markets/tick", market="documented-market", tick="0.001")["tick_size"] == (
        "0.001"
    )
    resolved = door.post("/markets/resolve", market=YES, outcome="No")
    assert (resolved["closed"], resolved["winner"]) == (True, "No")
    assert "is resolved" in door.refusal("/markets/resolve", market=YES, outcome="No")
    venue.change_tick("winner-a", "0.005")
    venue.resolve("winner-a", "Yes")
    assert venue.state()["markets"][2]["winner"] == "Yes"


def test_trades_settle_when_they_are_told_to(venue_1: MockClob, alice: ClobClient) -> None:
    venue_1.settle(mode="manual", failures=1)
    for _ in range(2):
        order = alice.create_order(OrderArgs(token_id=YES, price=0.52, size=10, side="BUY"))
        alice.post_order(order)
    assert venue_1.state()["trades"] == {"MATCHED": 2}
    venue_1.settle()
    assert venue_1.state()["trades"] == {"FAILED": 1, "CONFIRMED": 1}


# The two journals


def test_controls_are_journalled_apart(venue: MockClob, door: Door) -> None:
    httpx.get(f"{venue.url}/ok")
    door.post("/clock/advance", seconds=1)
    assert [entry["path"] for entry in door.get("/journal")] == ["/ok"]
    assert door.get("/journal", method="POST") == []
    apart = door.get("/journal/admin")
    assert [entry["path"] for entry in apart][-4:-1] == [
        "/__mock/clock/advance",
        "/__mock/journal",
        "/__mock/journal",
    ]


# What is refused


@pytest.mark.parametrize(
    ("path", "arguments", "complaint"),
    [
        ("/clock/advance", {}, "the argument 'seconds' is missing"),
        ("/clock/advance", {"seconds": "1"}, "seconds must be a number, not a string"),
        ("/clock/advance", {"seconds": True}, "seconds must be a number, not true or false"),
        ("/clock/advance", {"seconds": -1}, "seconds must lie between 0 and 31622400, not -1"),
        ("/clock/advance", {"seconds": 1e12}, "seconds must lie between"),
        ("/clock/advance", {"s": 1}, "no argument 's'; there are: seconds"),
        ("/clock/freeze", {"at_ms": 10**30}, "at_ms must be at most"),
        ("/reset", {"exchange": 4}, "exchange must be 1, 2 or 3, not 4"),
        ("/reset", {"edition": "1999"}, "edition must be one of"),
        ("/reset", {"flow": 1e9}, "flow must be at most 1000 a second"),
        ("/reset", {"time_scale": 1e-300}, "time_scale must lie between"),
        ("/reset", {"signer_limits": "no"}, "signer_limits must be 'off' or 'warn' or 'enforce'"),
        ("/faults", {"name": "x"}, "no fault named 'x'; there are: engine_restart"),
        ("/faults", {}, "a fault needs the name of a preset, or a status, a delay or drop"),
        ("/faults", {"status": 99}, "a status lies between 200 and 599, not 99"),
        ("/faults", {"status": 200, "headers": {"a": "b\r\nc: d"}}, "no header: 'a'"),
        ("/faults", {"status": 200, "headers": {"a": 1}}, "headers must be an object"),
        ("/faults", {"status": 500, "nth": 0}, "nth and times count from 1"),
        ("/mode", {"trading": "shut"}, "trading must be 'open' or 'cancel_only' or 'disabled'"),
        ("/mode", {"banned": ["0x1"]}, "no test account '0x1'"),
        ("/settle", {"failures": -1}, "cannot be negative"),
        ("/accounts/fund", {"account": 99, "amount": "1"}, "no test account 99"),
        ("/accounts/fund", {"account": 0, "amount": "0"}, "an amount is a decimal string"),
        ("/accounts/fund", {"account": 0, "amount": "0.0000001"}, "with at most six places"),
        ("/accounts/fund", {"account": 0, "amount": "nan"}, "an amount is a decimal string"),
        ("/accounts/fund", {"account": 0, "amount": "1e99"}, "an amount is a decimal string"),
        ("/accounts/tier", {"account": 0, "tier": "tin"}, "no tier named 'tin'; there are: stand"),
        ("/markets/tick", {"market": "x", "tick": "0.01"}, "no market 'x': give a token id"),
        ("/markets/tick", {"market": YES, "tick": "0.02"}, "no tick of '0.02'; there are: 0.1"),
        ("/markets/resolve", {"market": YES, "outcome": "Maybe"}, "it has: Yes, No"),
        ("/restore", {}, "no snapshot named 'default'; there are: none yet"),
    ],
)
def test_what_cannot_be_is_refused_in_one_clear_line(
    path: str, arguments: dict[str, Any], complaint: str, venue: MockClob, door: Door
) -> None:
    before = venue.state()["digest"]
    refusal = door.refusal(path, **arguments)
    assert complaint in refusal
    assert "\n" not in refusal
    assert venue.state()["digest"] == before


def test_an_unknown_control_says_where_the_list_is(venue: MockClob) -> None:
    answer = httpx.get(f"{venue.url}/__mock/nothing")
    assert (answer.status_code, answer.json()) == (
        404,
        {"error": "no control /__mock/nothing; GET /__mock/ lists them"},
    )
    answer = httpx.get(f"{venue.url}/__mock/reset")
    assert answer.status_code == 405
    assert answer.json() == {"error": "/__mock/reset takes POST, not GET"}


def test_a_body_that_is_no_json_or_too_long_is_refused(venue: MockClob) -> None:
    url = f"{venue.url}/__mock/reset"
    assert httpx.post(url, content=b"{").json() == {"error": "the body is no JSON"}
    assert httpx.post(url, content=b"[]").json()["error"].startswith("the arguments are a JSON obj")
    long = httpx.post(url, content=b" " * 100_001)
    assert long.json() == {"error": "a body has at most 100000 bytes"}


# Who is let in


def test_production_names_do_not_lead_to_the_controls(venue: MockClob) -> None:
    venue.allow_unknown_routes()
    for url in ("https://clob.polymarket.com/__mock/state", "http://clob.polymarket.com/__mock/"):
        answer = httpx.get(url)
        assert answer.status_code == 404
        assert "mock-clob: no route GET clob.polymarket.com/__mock/" in answer.text
    assert [entry.unknown_route for entry in venue.journal] == [True, True]


def test_the_tls_port_does_not_lead_to_the_controls(venue: MockClob) -> None:
    venue.allow_unknown_routes()
    context = ssl.create_default_context(cafile=str(venue.server.ca_pem))
    url = f"https://127.0.0.1:{venue.server.tls_port}/__mock/state"
    assert httpx.get(url, verify=context).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},  # a name that was made to lead here
        {"Host": "clob.polymarket.com:8137"},
        {"Host": ""},
        {"Origin": "https://evil.example"},  # a page in a browser
        {"Origin": "null"},
    ],
)
def test_neither_another_name_nor_a_page_in_a_browser_is_let_in(
    headers: dict[str, str], venue: MockClob
) -> None:
    venue.allow_unknown_routes()
    answer = httpx.post(f"{venue.url}/__mock/reset", headers=headers, json={"exchange": 1})
    assert answer.status_code in (400, 404)
    assert venue.state()["options"]["exchange"] == 2


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_loopback_names_are_let_in(name: str, venue: MockClob) -> None:
    url = f"http://{name}:{venue.server.port}/__mock/state"
    assert httpx.get(url).status_code == 200


def test_the_state_shows_no_secret(venue_1: MockClob, alice: ClobClient) -> None:
    creds: ApiCreds = alice.creds
    text = json.dumps(venue_1.state())
    for secret in (creds.api_secret, creds.api_passphrase, ACCOUNTS[0].key, ACCOUNTS[0].key[2:]):
        assert secret not in text


# Whatever is asked


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
NAMES: tuple[str, ...] = (
    "seconds",
    "at_ms",
    "name",
    "status",
    "headers",
    "account",
    "amount",
    "tier",
    "market",
)
NAMES += ("tick", "outcome", "path", "method", "nth", "times", "probability", "delay", "body")
PATHS: tuple[str, ...] = (
    "/clock/advance",
    "/clock/freeze",
    "/faults",
    "/mode",
    "/settle",
    "/restore",
    "/scenario",
)
PATHS += ("/accounts/fund", "/accounts/tier", "/markets/tick", "/markets/resolve", "/snapshot", "/")


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    path=st.sampled_from(PATHS),
    given_arguments=st.dictionaries(st.sampled_from(NAMES), ODD, max_size=4) | ODD,
)
def test_nothing_that_is_asked_crashes_the_controls(
    path: str, given_arguments: Any, venue: MockClob
) -> None:
    body = json.dumps(given_arguments).encode()
    answer = httpx.post(f"{venue.url}/__mock{path}", content=body)
    assert answer.status_code in (200, 400, 404, 405), (path, body, answer.text)
