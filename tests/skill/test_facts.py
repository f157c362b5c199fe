"""One figure, one value: the guides' data, the mock's tables and the tables on the pages agree."""

from __future__ import annotations

import dataclasses
import re
from itertools import pairwise

from polymarket.environments import PRODUCTION
from rate_limits import MAX_IDS_PER_CANCEL, MAX_ORDERS_PER_BATCH, RATE_LIMITS
from signer_tiers import SIGNER_TIERS
from stream_timeouts import TIMEOUTS
from superseded_rate_limits import SUPERSEDED

from mock_clob import ip_limits, rules, signer_throttle
from mock_clob.accounts import ACCOUNTS
from mock_clob.contracts import CONTRACTS
from mock_clob.routing import PRODUCTION_HOSTS
from mock_clob.scenario import DOCUMENTED
from tests.skill import checks
from tests.skill.conftest import ROOT
from tests.skill.guide import read, tables

# RATE_LIMITS of the guides -> Group of the mock. A row that stands for several groups names all.
GROUPS = {
    "general": ["general"],
    "health": ["CLOB /ok"],
    "clob": ["CLOB general"],
    "market data": ["/book", "/price", "/midpoint"],
    "batch market data": ["/books", "/prices", "/midpoints"],
    "price history": ["/prices-history"],
    "tick size": ["tick size"],
    "balance": ["balance allowance"],
    "balance update": ["balance allowance update"],
    "ledger": ["ledger"],
    "open orders": ["/data/orders"],
    "trades": ["/data/trades"],
    "notifications": ["/notifications"],
    "api keys": ["API keys"],
    "gamma": ["Gamma general"],
    "gamma events": ["Gamma /events"],
    "gamma markets": ["Gamma /markets"],
    "gamma listing": ["Gamma /markets and /events"],
    "gamma comments": ["Gamma /comments"],
    "gamma tags": ["Gamma /tags"],
    "gamma search": ["Gamma /public-search"],
    "data": ["Data general"],
    "data trades": ["Data /trades"],
    "data positions": ["Data /positions", "Data /closed-positions"],
    "data health": ["Data /ok"],
    "relayer": ["relayer /submit"],
    **{endpoint: [endpoint] for endpoint in ip_limits.EDITIONS[ip_limits.CURRENT_EDITION].trading},
}
NOT_SERVED = {"bridge", "user pnl"}  # hosts that the mock does not have


def test_rate_limits_are_those_that_the_mock_enforces() -> None:
    enforced = {group.name: group for group in ip_limits.groups()}
    assert set(GROUPS) | NOT_SERVED == set(RATE_LIMITS)
    assert {name for names in GROUPS.values() for name in names} == set(enforced)
    for key, names in GROUPS.items():
        for name in names:
            windows = tuple((w.count, w.seconds) for w in enforced[name].windows)
            assert windows == RATE_LIMITS[key].windows, key


def test_superseded_limits_are_the_mocks_earlier_editions() -> None:
    editions = list(ip_limits.EDITIONS.values())
    ended = {
        (endpoint, tuple(zip(counts, (10, 600), strict=True)), later.since)
        for earlier, later in pairwise(editions)
        for endpoint, counts in earlier.trading.items()
        if counts != later.trading[endpoint]
    }
    assert {(row.group, row.windows, row.until) for row in SUPERSEDED} == ended


def test_signer_tiers_are_those_that_the_mock_enforces() -> None:
    assert {name.lower() for name in SIGNER_TIERS} == set(signer_throttle.TIERS)
    for name, tier in SIGNER_TIERS.items():
        mine = signer_throttle.TIERS[name.lower()]
        assert (tier.volume, tier.cancel_debt) == (mine.volume, mine.debt)
        assert (tier.order_rate, tier.order_burst) == (mine.orders.per_second, mine.orders.burst)
        cancels = (mine.cancels.per_second, mine.cancels.burst)
        assert (tier.cancel_rate, tier.cancel_burst) == cancels


def test_batch_sizes_are_those_that_the_mock_enforces() -> None:
    assert MAX_ORDERS_PER_BATCH == rules.MAX_BATCH
    assert MAX_IDS_PER_CANCEL == rules.MAX_CANCELS


def test_timeouts_by_use_are_the_data() -> None:
    guide = read(ROOT / checks.SKILL / "library/production-patterns.md")
    _, *rows = tables(guide, "WebSocket reconnection")[1]
    shown = {
        use.lower().removesuffix(" market"): tuple(float(cell.split()[0]) for cell in cells)
        for use, *cells in rows
    }
    assert shown == {
        use: (each.heartbeat_seconds, each.data_timeout_seconds) for use, each in TIMEOUTS.items()
    }


def test_every_address_on_a_page_is_a_published_one() -> None:
    """The public test accounts too: outputs show them."""
    known = [*vars(CONTRACTS[137]).values(), *dataclasses.asdict(PRODUCTION._config).values()]
    known += [account.address for account in ACCOUNTS]
    published = {str(address).lower() for address in known}
    for path in (ROOT / checks.SKILL).rglob("*.md"):
        for address in re.findall(r"0x[0-9a-fA-F]{40}\b", path.read_text()):
            assert address.lower() in published or int(address, 16) == 0, f"{path}: {address}"


def test_every_host_in_a_block_is_one_that_the_mock_serves() -> None:
    for path in (ROOT / "snippets").glob("*/*.py"):
        for host in re.findall(r"(?:https|wss)://([a-z0-9.-]+)", path.read_text()):
            assert host in PRODUCTION_HOSTS or host == "docs.polymarket.com", f"{path}: {host}"


def test_long_token_ids_are_the_documented_ones() -> None:
    for path in (ROOT / checks.SKILL).rglob("*.md"):
        for token_id in re.findall(r"\b\d{70,80}\b", path.read_text()):
            assert token_id in DOCUMENTED.token_ids, f"{path}: {token_id}"
