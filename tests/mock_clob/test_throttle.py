"""The per-IP windows against a brute-force reading of the rule; the per-signer buckets by hand."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_clob.ip_limits import CURRENT_EDITION, EDITIONS, Group, Window, groups, groups_of
from mock_clob.ip_throttle import BLOCK, IpThrottle, Verdict
from mock_clob.signer_throttle import CANCEL, ORDER, TIERS, SignerThrottle, bucket_of

NOW = 1_790_000_000.0


# The tables


def names(api: str, method: str, path: str) -> list[str]:
    return [group.name for group in groups_of(groups(), api, method, path)]


@pytest.mark.parametrize(
    ("method", "path", "counted_in"),
    [
        ("POST", "/order", ["general", "CLOB general", "POST /order"]),
        ("DELETE", "/orders", ["general", "CLOB general", "DELETE /orders"]),
        ("GET", "/book", ["general", "CLOB general", "/book"]),
        ("POST", "/books", ["general", "CLOB general", "/books"]),
        ("GET", "/data/orders", ["general", "CLOB general", "ledger", "/data/orders"]),
        ("GET", "/data/order/0x1", ["general", "CLOB general", "ledger"]),
        ("GET", "/notifications", ["general", "CLOB general", "ledger", "/notifications"]),
        ("GET", "/balance-allowance", ["general", "CLOB general", "balance allowance"]),
        (
            "GET",
            "/balance-allowance/update",
            ["general", "CLOB general", "balance allowance update"],
        ),
        ("GET", "/auth/derive-api-key", ["general", "CLOB general", "API keys"]),
        ("GET", "/time", ["general", "CLOB general"]),
    ],
)
def test_clob_request_counts_in_every_window_that_names_it(
    method: str, path: str, counted_in: list[str]
) -> None:
    assert names("clob", method, path) == counted_in


@pytest.mark.parametrize(
    ("api", "path", "counted_in"),
    [
        ("gamma", "/markets/1", ["Gamma general", "Gamma /markets", "Gamma /markets and /events"]),
        ("gamma", "/public-search", ["Gamma general", "Gamma /public-search"]),
        ("data", "/positions", ["Data general", "Data /positions"]),
        ("data", "/v2/trades", ["Data general", "Data /trades"]),
        ("relayer", "/submit", ["relayer /submit"]),
    ],
)
def test_other_hosts_have_windows_of_their_own(api: str, path: str, counted_in: list[str]) -> None:
    assert names(api, "GET", path) == ["general", *counted_in]


@pytest.mark.parametrize(
    ("edition", "burst", "sustained"),
    [("2026-02", 3_500, 36_000), ("2026-04-08", 5_000, 48_000), ("2026-06-01", 5_000, 120_000)],
)
def test_editions_hold_the_limits_of_their_day(edition: str, burst: int, sustained: int) -> None:
    (posts,) = [group for group in groups(edition) if group.name == "POST /order"]
    assert posts.windows == (Window(burst, 10.0), Window(sustained, 600.0))


def test_current_edition_is_the_last() -> None:
    assert max(EDITIONS) == CURRENT_EDITION


def test_every_edition_names_its_source_and_every_trading_route() -> None:
    for edition in EDITIONS.values():
        assert edition.source
        assert all(bucket_of(*route.split()) for route in edition.trading)
        assert len(edition.trading) == 6


def test_unknown_edition_is_an_error() -> None:
    with pytest.raises(KeyError, match="2025-01"):
        IpThrottle("2025-01")


@settings(deadline=None)
@given(st.floats(0.5, 10_000))
def test_time_scale_keeps_every_rate(time_scale: float) -> None:
    for full, scaled in zip(groups(), groups(time_scale=time_scale), strict=True):
        for before, after in zip(full.windows, scaled.windows, strict=True):
            assert after.count >= 1
            assert after.count / after.seconds == pytest.approx(before.count / before.seconds)


def test_time_scale_divides_seconds_and_count() -> None:
    assert Window(36_000, 600.0).scaled(150) == Window(240, 4.0)
    assert Window(100, 10.0).scaled(150) == Window(1, 0.1)  # not 0 in 1/15 s


# The windows


def admit(throttle: IpThrottle, at: float, path: str = "/x", ip: str = "1") -> Verdict:
    return throttle.admit(ip, "GET", path, at)


def test_requests_within_the_limit_are_not_delayed() -> None:
    throttle = IpThrottle()
    assert all(admit(throttle, NOW, "/ok") == Verdict() for _ in range(100))


def test_request_over_the_limit_waits_for_the_oldest_to_leave_the_window() -> None:
    throttle = IpThrottle()
    for second in range(100):
        admit(throttle, NOW + second / 100, "/ok")
    assert admit(throttle, NOW + 4, "/ok") == Verdict(delay=6.0, group="CLOB /ok")


def test_window_is_half_open() -> None:
    throttle = IpThrottle()
    for _ in range(100):
        admit(throttle, NOW, "/ok")
    assert admit(throttle, NOW + 10, "/ok").delay == 0


def test_addresses_do_not_share_windows() -> None:
    throttle = IpThrottle()
    for _ in range(101):
        admit(throttle, NOW, "/ok")
    assert admit(throttle, NOW, "/ok", ip="2").delay == 0


def test_waiting_requests_do_not_hold_up_other_groups() -> None:
    throttle = IpThrottle()
    for _ in range(150):
        admit(throttle, NOW, "/ok")
    assert admit(throttle, NOW, "/book").delay == 0


def test_sustained_limit_delays_when_bursts_fit() -> None:
    throttle = IpThrottle("2026-02", time_scale=100)  # 35 in 0.1 s, 360 in 6 s
    at, passed = NOW, 0
    while True:
        verdict = throttle.admit("1", "POST", "/order", at)
        if verdict.delay:
            break
        passed += 1
        at += 0.1 / 35
    assert passed == 360
    assert verdict.delay == pytest.approx(6.0 - 360 * 0.1 / 35, abs=1e-4)


def test_too_long_a_wait_is_rejected_and_not_counted() -> None:
    throttle = IpThrottle(max_delay=5.0)
    for _ in range(100):
        admit(throttle, NOW, "/ok")
    assert admit(throttle, NOW, "/ok") == Verdict(rejected=True, group="CLOB /ok", retry_after=10)
    assert admit(throttle, NOW + 5, "/ok") == Verdict(delay=5.0, group="CLOB /ok")


def test_too_long_a_queue_is_rejected() -> None:
    throttle = IpThrottle(max_queue=2)
    for _ in range(102):
        admit(throttle, NOW, "/ok")
    assert admit(throttle, NOW + 1, "/ok").rejected
    assert not admit(throttle, NOW + 1, "/book").rejected  # it does not wait
    assert not admit(throttle, NOW + 10, "/ok").rejected  # the queue is gone


def test_reset_forgets_what_was_counted() -> None:
    throttle = IpThrottle()
    for _ in range(150):
        admit(throttle, NOW, "/ok")
    throttle.reset()
    assert admit(throttle, NOW, "/ok").delay == 0


def test_memory_is_bounded_in_time_and_in_addresses() -> None:
    throttle = IpThrottle(time_scale=1_000, max_addresses=3)
    for step in range(10_000):
        admit(throttle, NOW + step, "/ok", ip=str(step % 3))
    for other in range(100):
        admit(throttle, NOW + 10_000, "/ok", ip=f"other {other % 4}" if other % 2 else "0")
    assert len(throttle._addresses) == 3
    assert "0" in throttle._addresses  # used all the time
    for address in throttle._addresses.values():
        for logs in address.logs.values():
            for log in logs:
                assert len(log._at) <= log.window.count + BLOCK


WINDOWS = st.builds(Window, st.integers(1, 4), st.integers(1, 12).map(float))
# (time since the last request, which of the two groups)
ARRIVALS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), max_size=40)


def fits(instants: list[float], window: Window) -> bool:
    ordered = sorted(instants)
    return all(
        ordered[i] + window.seconds <= ordered[i + window.count]
        for i in range(len(ordered) - window.count)
    )


def earliest(now: float, limits: list[tuple[list[float], Window]]) -> float:
    """The first instant, of all that could be one, at which every window has room."""
    candidates = {now}
    for instants, window in limits:
        candidates |= {a for a in instants if a > now}
        candidates |= {a + window.seconds for a in instants if a + window.seconds > now}
    return min(
        candidate
        for candidate in candidates
        if all(fits([*instants, candidate], window) for instants, window in limits)
    )


def test_request_does_not_pass_just_before_one_that_is_booked_later() -> None:
    table = (
        Group("shared", (Window(1, 5.0),)),
        Group("a", (Window(1, 20.0),), paths=("/a",)),
    )
    throttle = IpThrottle(table=table)
    assert [admit(throttle, 0, "/a").delay for _ in range(2)] == [0, 20]
    assert admit(throttle, 15, "/b").delay == 0  # 15 to 20 holds it alone
    throttle = IpThrottle(table=table)
    assert [admit(throttle, 0, "/a").delay for _ in range(2)] == [0, 20]
    assert admit(throttle, 16, "/b").delay == 9  # 16 to 21 holds the one of 20 too


@settings(max_examples=1_000, deadline=None)
@given(
    st.lists(WINDOWS, min_size=1, max_size=2),
    st.lists(WINDOWS, min_size=1, max_size=2),
    st.lists(WINDOWS, min_size=1, max_size=2),
    ARRIVALS,
)
def test_delays_are_exact_and_minimal(
    shared: list[Window],
    only_a: list[Window],
    only_b: list[Window],
    arrivals: list[tuple[int, str]],
) -> None:
    table = (
        Group("shared", tuple(shared)),
        Group("a", tuple(only_a), paths=("/a",)),
        Group("b", tuple(only_b), paths=("/b",)),
    )
    throttle = IpThrottle(table=table, max_delay=1e9, max_queue=10**9)
    passed: defaultdict[str, list[float]] = defaultdict(list)
    now = 0.0
    for gap, path in arrivals:
        now += gap
        windows = only_a if path == "a" else only_b
        limits = [(passed["a"] + passed["b"], window) for window in shared]
        limits += [(passed[path], window) for window in windows]
        at = now + admit(throttle, now, f"/{path}").delay
        assert at == earliest(now, limits)
        if passed[path]:
            assert at >= passed[path][-1]  # first come, first served
        passed[path].append(at)
    assert all(fits(passed["a"] + passed["b"], window) for window in shared)
    assert all(fits(passed["a"], window) for window in only_a)
    assert all(fits(passed["b"], window) for window in only_b)


@given(st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_large_window_stays_exact_while_old_instants_are_dropped(seed: int) -> None:
    rng = random.Random(seed)
    throttle = IpThrottle(table=(Group("all", (Window(600, 10.0),)),), max_delay=1e9)
    now, passed = 0.0, list[float]()
    for _ in range(3_000):
        now += rng.choice((0, 0.015625, 0.03125))  # 64 a second, 60 are admitted
        at = now + admit(throttle, now).delay
        assert at == max(now, passed[-600] + 10 if len(passed) >= 600 else 0)
        passed.append(at)


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 2), max_size=200),
    st.integers(1, 10),
    st.floats(0.01, 5),
)
def test_no_window_is_ever_overrun_at_any_real_time(
    gaps: list[float], count: int, seconds: float
) -> None:
    window = Window(count, seconds)
    throttle = IpThrottle(table=(Group("all", (window,)),), max_delay=1e9, max_queue=10**9)
    now, passed = NOW, []
    for gap in gaps:
        now += gap
        passed.append(now + admit(throttle, now).delay)
    # now + (at - now) may differ from `at` in the last place of a float of this size.
    assert fits(passed, Window(count, seconds - 1e-6))
    assert passed == sorted(passed)


# The buckets


def test_tiers_are_those_of_the_page() -> None:
    rates = {
        name: (
            tier.orders.per_second,
            tier.orders.burst,
            tier.cancels.per_second,
            tier.cancels.burst,
        )
        for name, tier in TIERS.items()
    }
    assert rates == {
        "standard": (40, 60, 80, 120),
        "copper": (60, 90, 120, 180),
        "bronze": (80, 120, 160, 240),
        "silver": (200, 300, 400, 600),
        "gold": (400, 600, 800, 1200),
        "platinum": (450, 675, 900, 1350),
        "diamond": (525, 787, 1050, 1575),
        "elite": (600, 900, 1200, 1800),
    }
    assert [name for name, tier in TIERS.items() if tier.debt] == list(TIERS)[:5]


@pytest.mark.parametrize(
    ("method", "path", "bucket"),
    [
        ("POST", "/order", ORDER),
        ("POST", "/orders", ORDER),
        ("DELETE", "/order", CANCEL),
        ("DELETE", "/cancel-all", CANCEL),
        ("GET", "/data/orders", None),
        ("POST", "/books", None),
    ],
)
def test_trading_routes_have_a_bucket(method: str, path: str, bucket: str | None) -> None:
    assert bucket_of(method, path) == bucket


@pytest.fixture
def limit() -> SignerThrottle:
    return SignerThrottle(enforce=True)


def test_admitted_request_reports_what_is_left(limit: SignerThrottle) -> None:
    verdict = limit.charge("0xa", ORDER, 1, NOW + 0.5)
    assert not verdict.rejected
    assert verdict.headers == {
        "Poly-RateLimit-Remaining": "59",
        "Poly-RateLimit-Reset": str(int(NOW)),
        "Poly-RateLimit-Tier": "standard",
    }


def test_fraction_of_a_token_does_not_count_as_one(limit: SignerThrottle) -> None:
    limit.charge("0xa", ORDER, 10, NOW)
    verdict = limit.charge("0xa", ORDER, 1, NOW + 0.0125)  # 49.5 are left
    assert verdict.headers["Poly-RateLimit-Remaining"] == "49"


def test_burst_is_refused_from_the_61st_order_on(limit: SignerThrottle) -> None:
    outcomes = [limit.charge("0xa", ORDER, 1, NOW).rejected for _ in range(61)]
    assert outcomes == [False] * 60 + [True]


def test_refusal_says_when_there_are_tokens_enough(limit: SignerThrottle) -> None:
    limit.charge("0xa", ORDER, 60, NOW)
    verdict = limit.charge("0xa", ORDER, 50, NOW)  # 1.25 s at 40/s
    assert verdict.rejected
    assert verdict.headers["Retry-After"] == "2"
    assert verdict.headers["Poly-RateLimit-Reset"] == str(int(NOW) + 2)
    assert verdict.headers["Poly-RateLimit-Remaining"] == "0"
    assert not limit.charge("0xa", ORDER, 50, NOW + 1.25).rejected


def test_batch_passes_whole_or_not_at_all(limit: SignerThrottle) -> None:
    limit.charge("0xa", ORDER, 50, NOW)
    assert limit.charge("0xa", ORDER, 15, NOW).rejected
    assert not limit.charge("0xa", ORDER, 10, NOW).rejected


def test_cost_beyond_the_burst_never_passes_and_gets_no_wait(limit: SignerThrottle) -> None:
    verdict = limit.charge("0xa", CANCEL, 121, NOW)
    assert verdict.rejected
    assert "Retry-After" not in verdict.headers


def test_buckets_and_signers_are_apart(limit: SignerThrottle) -> None:
    limit.charge("0xa", ORDER, 60, NOW)
    assert not limit.charge("0xa", CANCEL, 120, NOW).rejected
    assert not limit.charge("0xb", ORDER, 60, NOW).rejected
    assert limit.charge("0xA", ORDER, 1, NOW).rejected  # the same address in another spelling


def test_request_without_cost_is_not_evaluated(limit: SignerThrottle) -> None:
    assert limit.charge("0xa", ORDER, 0, NOW).headers == {}


def test_cancel_all_may_overdraw_and_blocks_later_cancels_until_paid(
    limit: SignerThrottle,
) -> None:
    limit.charge("0xa", CANCEL, 1, NOW)
    assert limit.debit("0xa", 199, NOW)["Poly-RateLimit-Remaining"] == "-80"
    assert limit.charge("0xa", CANCEL, 1, NOW + 1).rejected
    assert not limit.charge("0xa", CANCEL, 1, NOW + 1.0125).rejected


def test_large_tiers_have_no_debt(limit: SignerThrottle) -> None:
    limit.set_tier("0xa", "Platinum", NOW)
    assert limit.debit("0xa", 5_000, NOW)["Poly-RateLimit-Remaining"] == "0"


def test_warning_mode_refuses_nothing_and_warns_of_exactly_what_enforcement_refuses() -> None:
    warning, enforcing = SignerThrottle(), SignerThrottle(enforce=True)
    for step in range(200):
        at = NOW + step / 100
        warned = warning.charge("0xa", ORDER, 1 + step % 3, at)
        refused = enforcing.charge("0xa", ORDER, 1 + step % 3, at)
        assert not warned.rejected
        assert (warned.headers.get("Poly-RateLimit-Warning") == "true") == refused.rejected
        assert "Retry-After" not in warned.headers


def test_tier_change_keeps_the_balance(limit: SignerThrottle) -> None:
    limit.charge("0xa", ORDER, 55, NOW)
    limit.set_tier("0xa", "elite", NOW)
    assert limit.tier_of("0xa") is TIERS["elite"]
    assert limit.charge("0xa", ORDER, 6, NOW).rejected  # 5 were left, not 900
    limit.set_tier("0xa", "standard", NOW + 10)
    assert limit.charge("0xa", ORDER, 61, NOW + 10).rejected  # cut to the new burst


def test_unknown_signer_has_the_default_tier() -> None:
    assert SignerThrottle(tier="gold").tier_of("0xa") is TIERS["gold"]


def test_forgotten_signers_bound_the_memory() -> None:
    limit = SignerThrottle(max_signers=2)
    for signer in ("0xa", "0xb", "0xc"):
        limit.charge(signer, ORDER, 1, NOW)
    assert list(limit._signers) == ["0xb", "0xc"]


def test_reset_takes_the_tiers_back(limit: SignerThrottle) -> None:
    limit.set_tier("0xA", "elite", NOW)
    assert limit.assigned("0xa")
    limit.reset()
    assert (limit.tier_of("0xA").name, limit.assigned("0xa")) == ("standard", False)


def test_tier_of_a_signer_that_was_forgotten_stays() -> None:
    throttle = SignerThrottle(max_signers=1)
    throttle.set_tier("0xA", "elite", NOW)
    for signer in ("0xA", "0xB", "0xA"):
        throttle.charge(signer, ORDER, 1, NOW)
    assert throttle.charge("0xA", ORDER, 898, NOW).headers["Poly-RateLimit-Remaining"] == "1"


def test_signer_that_has_sent_nothing_begins_full_in_its_tier(limit: SignerThrottle) -> None:
    limit.set_tier("0xA", "gold", NOW)
    assert limit.charge("0xA", ORDER, 600, NOW).headers["Poly-RateLimit-Remaining"] == "0"


def test_unknown_tier_is_an_error(limit: SignerThrottle) -> None:
    with pytest.raises(KeyError):
        limit.set_tier("0xA", "tin", NOW)
    assert not limit.assigned("0xA")


def test_reset_fills_every_bucket(limit: SignerThrottle) -> None:
    limit.charge("0xa", ORDER, 60, NOW)
    limit.reset()
    assert not limit.charge("0xa", ORDER, 60, NOW).rejected


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 60)), max_size=100))
def test_no_span_admits_more_than_burst_and_refill(charges: list[tuple[float, int]]) -> None:
    limit = SignerThrottle(enforce=True)
    now, admitted = NOW, []
    for gap, cost in charges:
        now += gap
        if not limit.charge("0xa", ORDER, cost, now).rejected:
            admitted.append((now, cost))
    for first, (start, _) in enumerate(admitted):
        spent = 0
        for at, cost in admitted[first:]:
            spent += cost
            assert spent <= 60 + 40 * (at - start) + 1e-3
