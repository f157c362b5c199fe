"""The venue's figures: consistent with each other, and the recipes that are made from them."""

from __future__ import annotations

import importlib
import runpy
import time
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import order_limiters
import pytest
import waiting_line
from burst_against_sustained import (
    cancel_limiter,
    composed_cancel_limiter,
    composed_order_limiter,
    current_order_limiter,
    most_in,
    order_limiter,
    send_greedily,
)
from rate_limiter import RateLimiter
from rate_limits import MAX_IDS_PER_CANCEL, MAX_ORDERS_PER_BATCH, RATE_LIMITS
from signer_tiers import SIGNER_TIERS, TOKEN_COSTS
from superseded_rate_limits import SUPERSEDED

from tests.snippets.rate_limit_tables import TABLES
from tests.snippets.virtual_threads import VirtualThreads

GUIDES = Path(__file__).parents[2] / "skills/polymarket/library"
PAGES = {"tiers": "rate-limiting-signer.md", "costs": "rate-limiting-signer.md"}
SNIPPETS = Path(waiting_line.__file__).parent
TRADING = [group for group, limit in RATE_LIMITS.items() if len(limit.windows) == 2]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualThreads]:
    """The whole process on a virtual clock."""
    threads = VirtualThreads()
    monkeypatch.setattr(time, "monotonic", threads.time.monotonic)
    monkeypatch.setattr(time, "sleep", threads.sleep)
    yield threads
    monkeypatch.undo()
    importlib.reload(order_limiters)


# The figures


def test_every_trading_endpoint_has_a_burst_a_sustained_limit_and_a_token_cost() -> None:
    assert set(TRADING) == set(TOKEN_COSTS)
    for group in TRADING:
        (burst, ten), (sustained, six_hundred) = RATE_LIMITS[group].windows
        assert (ten, six_hundred) == (10, 600)
        assert burst < sustained < burst * 60, f"{group}: one of its limits never binds"


def test_every_limit_names_an_official_page_and_a_day() -> None:
    sources = {limit.source for limit in RATE_LIMITS.values()}
    sources |= {tier.source for tier in SIGNER_TIERS.values()} | {old.source for old in SUPERSEDED}
    assert all(source.startswith("https://docs.polymarket.com/") for source in sources)
    for limit in RATE_LIMITS.values():
        assert date.fromisoformat(limit.since or "2020-01-01") <= date.fromisoformat(limit.as_of)


def test_superseded_limits_follow_each_other_up_to_the_current_one() -> None:
    for group in {old.group for old in SUPERSEDED}:
        rows = [old for old in SUPERSEDED if old.group == group]
        days = [old.until for old in rows]
        assert days == sorted(set(days))
        assert days[-1] == RATE_LIMITS[group].since
        editions = [old.windows for old in rows] + [RATE_LIMITS[group].windows]
        assert all(before != after for before, after in pairwise(editions))


def test_figures_of_older_tutorials_are_marked_with_the_day_they_ended() -> None:
    ended = {(old.group, old.windows): old.until for old in SUPERSEDED}
    assert ended["POST /order", ((3_500, 10), (36_000, 600))] == "2026-04-08"
    assert ended["DELETE /order", ((3_000, 10), (30_000, 600))] == "2026-04-08"
    assert ended["POST /orders", ((1_000, 10), (15_000, 600))] == "2026-04-08"
    assert RATE_LIMITS["general"].windows == ((15_000, 10),)
    assert (MAX_ORDERS_PER_BATCH, MAX_IDS_PER_CANCEL) == (15, 1_000)


@pytest.mark.parametrize("name", TABLES)
def test_guide_shows_the_table_made_from_the_data(name: str) -> None:
    page = GUIDES / PAGES.get(name, "rate-limiting.md")
    assert TABLES[name]() in page.read_text(encoding="utf-8")


def test_tiers_rise_and_every_burst_lasts_a_second_and_a_half() -> None:
    tiers = list(SIGNER_TIERS.values())
    rates = [(tier.volume, tier.order_rate, tier.cancel_rate) for tier in tiers]
    assert rates == sorted(rates)
    for tier in tiers:
        assert tier.order_burst == tier.order_rate * 3 // 2
        assert tier.cancel_burst == tier.cancel_rate * 3 // 2
        assert tier.order_burst >= MAX_ORDERS_PER_BATCH


def test_standard_bucket_is_the_limit_that_binds() -> None:
    (burst, seconds), (sustained, longer) = RATE_LIMITS["POST /order"].windows
    assert SIGNER_TIERS["Standard"].order_rate < min(burst / seconds, sustained / longer)


def test_standard_bucket_alone_keeps_both_windows_whatever_algorithm_counts_them() -> None:
    tier = SIGNER_TIERS["Standard"]
    for calls, seconds in RATE_LIMITS["POST /order"].windows:
        assert tier.order_burst + tier.order_rate * seconds <= calls


# Burst against sustained


@pytest.mark.parametrize(
    ("limiter", "group", "day", "times_over"),
    [
        (order_limiter, "POST /order", "2026-04-08", 5.83),
        (cancel_limiter, "DELETE /order", "2026-04-08", 6.0),
        (composed_order_limiter, "POST /order", "2026-04-08", 1.0),
        (composed_cancel_limiter, "DELETE /order", "2026-04-08", 1.0),
        (order_limiter, "POST /order", "today", 1.75),
        (cancel_limiter, "DELETE /order", "today", 1.5),
        (current_order_limiter, "POST /order", "today", 1.0),
    ],
)
def test_recipe_against_the_sustained_limit(
    limiter: RateLimiter, group: str, day: str, times_over: float
) -> None:
    editions = {(old.group, old.until): old.windows for old in SUPERSEDED}
    editions[group, "today"] = RATE_LIMITS[group].windows
    (burst, ten), (sustained, six_hundred) = editions[group, day]
    for log, _ in limiter.windows._windows:
        log.extend([float("-inf")] * len(log))
    sent = send_greedily(limiter.windows, 1_200)
    assert most_in(ten, sent) <= burst
    assert most_in(six_hundred, sent) / sustained == pytest.approx(times_over, abs=0.005)


# The limiters for today


def test_orders_leave_at_the_rate_of_the_standard_bucket(clock: VirtualThreads) -> None:
    limiters = importlib.reload(order_limiters)
    waited = sum(limiters.wait_to_order() for _ in range(40 + 400))
    assert waited == pytest.approx(10.0)
    assert limiters.wait_to_order(orders=15) == pytest.approx(15 / 40)


def test_cancels_never_queue_behind_orders(clock: VirtualThreads) -> None:
    limiters = importlib.reload(order_limiters)
    limiters.wait_to_order(orders=40)
    assert limiters.wait_to_cancel() == 0.0
    assert limiters.wait_to_cancel(ids=79) == 0.0
    assert limiters.wait_to_cancel() == pytest.approx(1 / 80)


def test_batches_count_once_for_the_ip_and_in_full_for_the_signer(clock: VirtualThreads) -> None:
    limiters = importlib.reload(order_limiters)
    limiters.wait_to_order(orders=15)
    limiters.wait_to_cancel(ids=15)
    used = [
        sum(at > float("-inf") for at in limiter.windows._windows[0][0])
        for limiter in (
            limiters.order_limiter,
            limiters.batch_limiter,
            limiters.cancel_limiter,
            limiters.batch_cancel_limiter,
        )
    ]
    assert used == [0, 1, 0, 1]


def test_windows_are_the_published_ones_and_the_jitter(clock: VirtualThreads) -> None:
    limiter = importlib.reload(order_limiters).order_limiter
    assert sum(limiter.wait_if_needed() for _ in range(5_000)) == 0.0
    assert limiter.wait_if_needed() == pytest.approx(10.5)


def test_batch_beyond_the_bucket_is_refused(clock: VirtualThreads) -> None:
    with pytest.raises(ValueError, match="split the batch"):
        importlib.reload(order_limiters).wait_to_cancel(ids=81)


# What the files print


PRINTED = {
    "rate_limiter": """\
10 calls took at least 0.4 s: True
""",
    "order_limiters": """\
a batch may cost 40 orders or 80 ids
60 orders, 40 of them at once, took at least 0.5 s: True
""",
    "burst_against_sustained": """\
orders, alone   420,000 calls in 20 min, at most 210,000 in 10 min: 5.83 x 36,000, 1.75 x 120,000
cancels, alone  360,000 calls in 20 min, at most 180,000 in 10 min: 6.00 x 30,000, 1.50 x 120,000
orders, both     72,000 calls in 20 min, at most  36,000 in 10 min: 1.00 x 36,000
cancels, both    60,000 calls in 20 min, at most  30,000 in 10 min: 1.00 x 30,000
orders, today   240,000 calls in 20 min, at most 120,000 in 10 min: 1.00 x 120,000
""",
    "rate_limits": """\
POST /order                  5,000 in 10 s, 120,000 in 600 s
DELETE /order                5,000 in 10 s, 120,000 in 600 s
POST /orders                 2,000 in 10 s,  21,000 in 600 s
DELETE /orders               2,000 in 10 s,  15,000 in 600 s
DELETE /cancel-all             250 in 10 s,   6,000 in 600 s
DELETE /cancel-market-orders 1,500 in 10 s,  21,000 in 600 s
""",
}


@pytest.mark.parametrize("name", PRINTED)
def test_file_prints(name: str, clock: VirtualThreads, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(SNIPPETS / f"{name}.py"), run_name="__main__")
    assert capsys.readouterr().out == PRINTED[name]
