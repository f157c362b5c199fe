"""Which call meets which fault."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import AssetType, BalanceAllowanceParams, OrderArgs
from py_clob_client.exceptions import PolyApiException
from py_clob_client.order_builder.constants import BUY

from mock_clob.faults import PRESETS, Effect, Faults, Phase, post_only_mode
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES = DOCUMENTED.token_ids[0]

BOOM = Effect(status=500, body="boom")
ALICE, BOB = "0xA11CE", "0xB0B"


@pytest.fixture
def faults() -> Faults:
    return Faults()


def posts(faults: Faults, count: int, phase: Phase = "before") -> str:
    """`count` times POST /order by Alice: x where a fault met the call, . where not."""
    return "".join(
        "x" if faults.take("POST", "/order", ALICE, phase) else "." for _ in range(count)
    )


def test_a_fault_meets_the_first_call_once(faults: Faults) -> None:
    faults.add(BOOM)
    assert faults.take("POST", "/order", ALICE, "before") == BOOM
    assert faults.take("POST", "/order", ALICE, "before") is None


@pytest.mark.parametrize(
    ("nth", "times", "met"),
    [
        (1, 1, "x....."),
        (3, 1, "..x..."),
        (2, 3, ".xxx.."),
        (1, None, "xxxxxx"),
        (5, None, "....xx"),
    ],
)
def test_nth_and_times_count_matching_calls(
    faults: Faults, nth: int, times: int | None, met: str
) -> None:
    faults.add(BOOM, nth=nth, times=times)
    assert posts(faults, 6) == met


def test_calls_that_do_not_match_are_not_counted(faults: Faults) -> None:
    fault = faults.add(BOOM, method="POST", path="/order", signer=ALICE, nth=2)
    faults.take("DELETE", "/order", ALICE, "before")
    faults.take("POST", "/orders", ALICE, "before")
    faults.take("POST", "/order", BOB, "before")
    faults.take("POST", "/order", ALICE, "after")
    assert (fault.seen, fault.fired) == (0, 0)
    assert posts(faults, 3) == ".x."
    assert (fault.seen, fault.fired) == (3, 1)


def test_signer_is_matched_in_any_spelling(faults: Faults) -> None:
    faults.add(BOOM, signer=ALICE)
    assert faults.take("GET", "/", ALICE.lower(), "before") == BOOM


def test_path_pattern_matches_every_id(faults: Faults) -> None:
    faults.add(BOOM, path="/data/order/*")
    assert faults.take("GET", "/data/orders", ALICE, "before") is None
    assert faults.take("GET", "/data/order/0x1", ALICE, "before") == BOOM


def test_several_paths_share_one_count(faults: Faults) -> None:
    faults.add(BOOM, path=("/order", "/orders"), nth=2)
    assert faults.take("POST", "/orders", ALICE, "before") is None
    assert faults.take("POST", "/order", ALICE, "before") == BOOM


def test_phases_are_apart(faults: Faults) -> None:
    faults.add(BOOM, phase="after")
    assert posts(faults, 2, "before") == ".."
    assert posts(faults, 2, "after") == "x."


def test_of_two_faults_the_older_goes_first(faults: Faults) -> None:
    first, second = Effect(status=500), Effect(status=502)
    faults.add(first)
    faults.add(second)
    taken = [faults.take("GET", "/", "", "before") for _ in range(3)]
    assert taken == [first, second, None]


def test_unfired_lists_what_no_call_met(faults: Faults) -> None:
    met = faults.add(BOOM, path="/order")
    missed = faults.add(BOOM, path="/ordr")
    posts(faults, 1)
    assert faults.unfired() == [missed]
    assert (met.fired, faults.fired, len(faults)) == (1, 1, 2)


def test_clear_ends_every_fault(faults: Faults) -> None:
    faults.add(BOOM, times=None)
    faults.clear()
    assert posts(faults, 2) == ".."
    assert faults.unfired() == []


def test_probability_follows_the_seed() -> None:
    def pattern(seed: int) -> str:
        faults = Faults(seed)
        faults.add(BOOM, times=None, probability=0.5)
        return posts(faults, 64)

    assert pattern(1) == pattern(1)
    assert pattern(1) != pattern(2)
    assert 16 < pattern(1).count("x") < 48


def test_clear_begins_the_seed_anew() -> None:
    faults = Faults(3)
    faults.add(BOOM, times=None, probability=0.5)
    first = posts(faults, 32)
    faults.clear()
    faults.add(BOOM, times=None, probability=0.5)
    assert posts(faults, 32) == first


@pytest.mark.parametrize(
    "bad", [{"nth": 0}, {"times": 0}, {"probability": 0.0}, {"probability": 1.5}]
)
def test_what_cannot_be_is_refused(faults: Faults, bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=str(next(iter(bad.values())))):
        faults.add(BOOM, **bad)  # type: ignore[arg-type]


def test_unknown_name_is_refused_with_the_names_there_are(faults: Faults) -> None:
    with pytest.raises(ValueError, match=r"no fault named 'lose-reply'.*lose_reply"):
        faults.add("lose-reply")


# Presets

STATUSES = {
    "engine_restart": 425,
    "post_only": 503,
    "cancel_only": 503,
    "disabled": 503,
    "rate_limited": 429,
    "cf_1015": 429,
    "cf_403": 403,
    "geoblock": 403,
    "server_error": 500,
    "bad_gateway": 502,
    "error_after_accept": 500,
    "lose_reply": 0,
    "timeout": 0,
    "reset": 0,
    "fresh_key_invalid": 401,
    "stale_balance": 0,
    "cancel_lag": 0,
    "matched_without_hashes": 0,
}
READS = ("stale_balance", "cancel_lag")


def test_every_preset_has_its_status() -> None:
    assert {name: preset.effect.status for name, preset in PRESETS.items()} == STATUSES


@pytest.mark.parametrize("name", [name for name in PRESETS if name not in READS])
def test_preset_meets_an_order_post(faults: Faults, name: str) -> None:
    faults.add(name)
    taken = faults.take("POST", "/order", ALICE, PRESETS[name].phase)
    assert taken is not None
    assert taken.name == name


@pytest.mark.parametrize("name", ["lose_reply", "error_after_accept", "timeout"])
def test_what_leaves_the_outcome_unknown_comes_after_acceptance(name: str) -> None:
    assert PRESETS[name].phase == "after"


def test_lost_reply_and_reset_close_the_connection() -> None:
    assert PRESETS["lose_reply"].effect.drop
    assert PRESETS["reset"].effect.drop


def test_timeout_is_longer_than_the_client_waits() -> None:
    assert PRESETS["timeout"].effect.delay > 5


@pytest.mark.parametrize("name", ["post_only", "cancel_only", "lose_reply", "geoblock"])
def test_order_faults_let_reads_and_cancels_pass(faults: Faults, name: str) -> None:
    faults.add(name, times=None)
    for phase in ("before", "after"):
        assert faults.take("GET", "/book", "", phase) is None
        assert faults.take("DELETE", "/order", ALICE, phase) is None


def test_engine_restart_refuses_cancels_too(faults: Faults) -> None:
    faults.add("engine_restart")
    assert faults.take("DELETE", "/cancel-all", ALICE, "before") is not None


def test_preset_yields_to_what_is_given(faults: Faults) -> None:
    faults.add("lose_reply", method="delete", path="/order")
    assert faults.take("DELETE", "/order", ALICE, "after") is not None


def test_post_only_mode_says_when_to_come_back() -> None:
    effect = post_only_mode(7)
    assert json.loads(effect.body)["code"] == "post_only_mode"
    assert json.loads(effect.body)["retry_after_seconds"] == 7
    assert effect.headers["Retry-After"] == "7"


@pytest.mark.parametrize("name", ["cf_1015", "cf_403", "bad_gateway"])
def test_network_pages_are_html(name: str) -> None:
    effect = PRESETS[name].effect
    assert effect.headers["Content-Type"].startswith("text/html")
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(effect.body)


# Every named fault, as py-clob-client meets it


def bid(client: ClobClient, price: float = 0.4) -> Any:
    return client.create_order(OrderArgs(token_id=YES, price=price, size=10, side=BUY))


def outcome(client: ClobClient) -> tuple[int | None, int]:
    """The status that a post raises (None: no reply), and how many orders rest after it."""
    status: int | None = 200
    try:
        client.post_order(bid(client))
    except PolyApiException as error:
        status = error.status_code
    return status, len(client.get_orders())


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "timeout"])
def test_named_fault_meets_the_client(alice: ClobClient, venue_1: MockClob, name: str) -> None:
    preset = PRESETS[name]
    method = None if name in READS else "POST"
    venue_1.fault(name, method=method, path="/order" if method else None)
    accepted = preset.phase == "after" or preset.effect.untrue
    status = preset.effect.status or (200 if preset.effect.untrue else None)
    assert outcome(alice) == (status, 1 if accepted else 0)
    if name == "stale_balance":
        alice.get_balance_allowance(BalanceAllowanceParams(asset_type=AssetType.COLLATERAL))
    assert venue_1.call(venue_1.venue.faults.unfired) == []
    assert outcome(alice)[0] == 200  # and it is over


def test_timeout_outlasts_the_client(alice: ClobClient, venue_1: MockClob) -> None:
    """The client waits 5 s of its own; the venue's clock makes the rest short."""
    venue_1.call(venue_1.venue.clock.freeze)
    venue_1.fault("timeout")
    with ThreadPoolExecutor(1) as pool:
        placing = pool.submit(alice.post_order, bid(alice))
        while not venue_1.call(lambda: venue_1.venue.faults.fired):
            pass
        assert not placing.done()
        venue_1.advance(6)
        assert placing.result()["success"]


def test_stale_balance_is_the_one_before_the_settlement(
    alice: ClobClient, venue_1: MockClob
) -> None:
    collateral = BalanceAllowanceParams(asset_type=AssetType.COLLATERAL)
    alice.post_order(bid(alice, 0.52))
    venue_1.fault("stale_balance")
    assert alice.get_balance_allowance(collateral)["balance"] == "10000000000"
    assert alice.get_balance_allowance(collateral)["balance"] == "9994800000"


def test_canceled_order_is_still_listed_under_cancel_lag(
    alice: ClobClient, venue_1: MockClob
) -> None:
    order_id = alice.post_order(bid(alice))["orderID"]
    alice.cancel(order_id)
    venue_1.fault("cancel_lag", times=None)
    assert [order["status"] for order in alice.get_orders()] == ["LIVE"]
    assert alice.get_order(order_id)["id"] == order_id
    assert alice.cancel(order_id)["canceled"] == []
    venue_1.advance(2)
    assert alice.get_orders() == []


def test_matched_order_without_hashes_settles_later(alice: ClobClient, venue_1: MockClob) -> None:
    venue_1.fault("matched_without_hashes")
    placed = alice.post_order(bid(alice, 0.52))
    assert placed["status"] == "matched"
    assert "transactionsHashes" not in placed
    assert alice.post_order(bid(alice, 0.52))["transactionsHashes"]
