"""Both throttles as clients meet them: delays and refusals, headers, tiers, editions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from polymarket import RateLimitUpdate, SecureClient
from polymarket.errors import RateLimitError
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs
from py_clob_client.exceptions import PolyApiException
from py_clob_client.order_builder.constants import BUY

from mock_clob.accounts import ACCOUNTS
from mock_clob.ip_limits import EDITIONS, GROUPS, groups
from mock_clob.ip_throttle import IpThrottle
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from mock_clob.signer_throttle import TIERS

YES = DOCUMENTED.token_ids[0]
ALICE = ACCOUNTS[0]


# Per IP address


def limited_to(venue: MockClob, name: str, **parameters: Any) -> None:
    """The venue's own group of this name, scaled to one request in its time; frozen clock."""

    def set_limit() -> None:
        (group,) = [group for group in groups() if group.name == name]
        scale = group.windows[0].count
        table = tuple(g for g in groups(time_scale=scale) if g.name == name)
        venue.venue.throttle = IpThrottle(table=table, **parameters)
        venue.venue.clock.freeze()

    venue.call(set_limit)


WALKS = {
    "general": ("GET", "/time"),
    "CLOB general": ("GET", "/time"),
    "CLOB /ok": ("GET", "/ok"),
    "/book": ("GET", f"/book?token_id={YES}"),
    "/price": ("GET", f"/price?token_id={YES}&side=BUY"),
    "/midpoint": ("GET", f"/midpoint?token_id={YES}"),
    "/books": ("POST", "/books"),
    "/prices": ("POST", "/prices"),
    "/midpoints": ("POST", "/midpoints"),
    "/prices-history": ("GET", f"/prices-history?market={YES}&interval=1d"),
    "tick size": ("GET", f"/tick-size?token_id={YES}"),
    "balance allowance": ("GET", "/balance-allowance"),
    "balance allowance update": ("GET", "/balance-allowance/update"),
    "ledger": ("GET", "/data/trades"),
    "/data/orders": ("GET", "/data/orders"),
    "/data/trades": ("GET", "/data/trades"),
    "/notifications": ("GET", "/notifications"),
    "API keys": ("GET", "/auth/api-keys"),
    "Gamma general": ("GET", "/gamma/status"),
    "Gamma /events": ("GET", "/gamma/events"),
    "Gamma /markets": ("GET", "/gamma/markets"),
    "Gamma /markets and /events": ("GET", "/gamma/events"),
    "Gamma /comments": ("GET", "/gamma/comments"),
    "Gamma /tags": ("GET", "/gamma/tags"),
    "Gamma /public-search": ("GET", "/gamma/public-search"),
    "Data general": ("GET", "/data-api/value"),
    "Data /trades": ("GET", "/data-api/trades"),
    "Data /positions": ("GET", "/data-api/positions"),
    "Data /closed-positions": ("GET", "/data-api/closed-positions"),
    "Data /ok": ("GET", "/data-api/ok"),
    "relayer /submit": ("POST", "/relayer/submit"),
    "POST /order": ("POST", "/order"),
    "DELETE /order": ("DELETE", "/order"),
    "POST /orders": ("POST", "/orders"),
    "DELETE /orders": ("DELETE", "/orders"),
    "DELETE /cancel-all": ("DELETE", "/cancel-all"),
    "DELETE /cancel-market-orders": ("DELETE", "/cancel-market-orders"),
}


@pytest.mark.parametrize("name", [group.name for group in groups()])
def test_every_group_delays_the_request_over_its_limit(venue_1: MockClob, name: str) -> None:
    """Whatever the route answers: the throttle stands before it."""
    venue_1.allow_unknown_routes()
    limited_to(venue_1, name)
    method, path = WALKS[name]
    httpx.request(method, f"{venue_1.url}{path}")
    answers: list[httpx.Response] = []
    second = threading.Thread(
        target=lambda: answers.append(httpx.request(method, f"{venue_1.url}{path}"))
    )
    second.start()
    journal = venue_1.venue.journal
    while not (delayed := journal.delayed()):
        second.join(0.001)
        assert second.is_alive(), "it was not delayed"
    (group,) = [group for group in groups() if group.name == name]
    window = group.windows[0]
    assert delayed[0].delay_ms == pytest.approx(1000 * window.seconds / window.count, abs=1)
    venue_1.advance(60)
    second.join(5)
    assert answers


def test_client_over_the_limit_waits_and_is_answered(alice: ClobClient, venue_1: MockClob) -> None:
    venue_1.call(
        lambda: setattr(venue_1.venue, "throttle", IpThrottle(table=groups(time_scale=200)))
    )
    for _ in range(8):  # 7 in 0.047 s
        assert alice.get_midpoint(YES) == {"mid": "0.5"}
    assert [entry.path for entry in venue_1.journal.delayed()] == ["/midpoint"]


def test_sustained_overshoot_is_429_with_a_wait(alice: ClobClient, venue_1: MockClob) -> None:
    limited_to(venue_1, "/midpoint", max_queue=0)
    alice.get_midpoint(YES)
    with pytest.raises(PolyApiException) as error:
        alice.get_midpoint(YES)
    assert (error.value.status_code, error.value.error_msg) == (429, {"error": "Too Many Requests"})
    answer = httpx.get(f"{venue_1.url}/midpoint?token_id={YES}")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    verdicts = [entry.verdict for entry in venue_1.journal.requests("GET", "/midpoint")]
    assert verdicts == ["", "throttled", "throttled"]


def test_refused_requests_do_not_use_up_the_window(alice: ClobClient, venue_1: MockClob) -> None:
    limited_to(venue_1, "/midpoint", max_queue=0)
    alice.get_midpoint(YES)
    for _ in range(3):
        with pytest.raises(PolyApiException):
            alice.get_midpoint(YES)
    venue_1.advance(0.01)
    assert alice.get_midpoint(YES) == {"mid": "0.5"}


@pytest.mark.parametrize("edition", EDITIONS)
def test_edition_is_chosen_by_its_date(mock_clob: MockClob, edition: str) -> None:
    mock_clob.reset(edition=edition, chain=False)
    (posts,) = [g for g in mock_clob.venue.throttle.groups if g.name == "POST /order"]
    burst, sustained = EDITIONS[edition].trading["POST /order"]
    assert [window.count for window in posts.windows] == [burst, sustained]


def test_every_group_has_a_walk() -> None:
    assert set(WALKS) == {group.name for group in groups()}
    assert len(GROUPS) == len({group.name for group in GROUPS})


# Per signer


@pytest.fixture
def updates() -> list[RateLimitUpdate]:
    return []


@pytest.fixture
def trader_of(mock_clob: MockClob, updates: list[RateLimitUpdate]) -> Iterator[Callable[..., Any]]:
    made = []

    def make(mode: str, tier: str = "standard") -> Any:
        mock_clob.reset(exchange=2, chain=False, signer_limits=mode)
        venue = mock_clob.venue

        def prepare() -> None:
            venue.clock.freeze()
            venue.signers.set_tier(ALICE.address, tier, venue.clock.now())

        mock_clob.call(prepare)
        client = SecureClient.create(
            private_key=ALICE.key, wallet=ALICE.address, on_rate_limit_update=updates.append
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


def batch(client: Any, count: int, start: int = 0) -> Any:
    """Orders that all differ: a few cents below the book, sizes from 5 up."""
    orders = [
        client.create_limit_order(token_id=YES, price="0.10", size=str(5 + n / 100), side="BUY")
        for n in range(start, start + count)
    ]
    return client.post_orders(orders)


@pytest.mark.parametrize("tier", TIERS)
def test_order_burst_of_each_tier_holds_and_then_refuses(
    trader_of: Callable[..., Any], updates: list[RateLimitUpdate], mock_clob: MockClob, tier: str
) -> None:
    client = trader_of("enforce", tier)
    venue, burst = mock_clob.venue, TIERS[tier].orders.burst
    charge = venue.signers.charge
    mock_clob.call(lambda: charge(ALICE.address, "order", burst - 1, venue.clock.now()))
    assert client.place_limit_order(token_id=YES, price="0.10", size="5", side="BUY").ok
    with pytest.raises(RateLimitError) as error:
        client.place_limit_order(token_id=YES, price="0.10", size="6", side="BUY")
    assert error.value.retry_after == 1
    assert error.value.rate_limit == updates[-1]
    mock_clob.advance(1)
    assert client.place_limit_order(token_id=YES, price="0.10", size="6", side="BUY").ok


def test_headers_tell_of_the_bucket(
    trader_of: Callable[..., Any], updates: list[RateLimitUpdate], mock_clob: MockClob
) -> None:
    client = trader_of("enforce", "gold")
    batch(client, 15)
    now = mock_clob.venue.clock.now()
    assert updates == [RateLimitUpdate(remaining=585, reset=float(int(now)), tier="gold")]


def test_batch_is_admitted_whole_or_not_at_all(
    trader_of: Callable[..., Any], mock_clob: MockClob
) -> None:
    client = trader_of("enforce")
    for start in (0, 15, 30):
        batch(client, 15, start)
    batch(client, 14, 45)  # 59 of 60 tokens
    with pytest.raises(RateLimitError):
        batch(client, 2, 60)
    assert len(mock_clob.venue.engine.open) - houses(mock_clob) == 59
    batch(client, 1, 60)


def houses(venue: MockClob) -> int:
    return sum(order.owner == "house" for order in venue.venue.engine.open.values())


def test_mass_cancel_overdraws_and_blocks_until_it_is_paid_back(
    trader_of: Callable[..., Any], mock_clob: MockClob
) -> None:
    client = trader_of("enforce")
    for start in range(0, 150, 15):
        batch(client, 15, start)
        mock_clob.advance(1)
    assert len(client.cancel_all().canceled) == 150  # 151 tokens of 120
    with pytest.raises(RateLimitError) as error:
        client.cancel_all()
    assert error.value.retry_after == 1  # 31 below zero, 80 a second
    mock_clob.advance(0.3)
    with pytest.raises(RateLimitError):
        client.cancel_all()
    mock_clob.advance(0.2)
    assert client.cancel_all().canceled == ()


def test_orders_go_on_while_cancels_are_blocked(
    trader_of: Callable[..., Any], mock_clob: MockClob
) -> None:
    client = trader_of("enforce")
    venue = mock_clob.venue
    mock_clob.call(lambda: venue.signers.debit(ALICE.address, 500, venue.clock.now()))
    with pytest.raises(RateLimitError):
        client.cancel_all()
    assert client.place_limit_order(token_id=YES, price="0.10", size="5", side="BUY").ok


def test_batch_of_cancels_beyond_the_burst_never_passes(
    trader_of: Callable[..., Any], mock_clob: MockClob
) -> None:
    client = trader_of("enforce")
    ids = [f"0x{n:064x}" for n in range(121)]
    for _ in range(2):
        with pytest.raises(RateLimitError) as error:
            client.cancel_orders(order_ids=ids)
        assert not error.value.retry_after
        mock_clob.advance(60)
    assert client.cancel_orders(order_ids=ids[:120]).canceled == ()


def test_warning_mode_refuses_nothing_and_warns(
    trader_of: Callable[..., Any], updates: list[RateLimitUpdate], mock_clob: MockClob
) -> None:
    client = trader_of("warn")
    for start in range(0, 75, 15):
        batch(client, 15, start)
    assert len(mock_clob.venue.engine.open) - houses(mock_clob) == 75
    assert [update.warning for update in updates] == [False, False, False, False, True]


def test_signers_do_not_share_buckets(venue_1: MockClob) -> None:
    venue_1.reset(exchange=1, chain=False, signer_limits="enforce")
    clients = []
    for account in ACCOUNTS[:2]:
        client = ClobClient(venue_1.url, chain_id=137, key=account.key)
        client.set_api_creds(client.create_or_derive_api_creds())
        clients.append(client)
    venue = venue_1.venue
    venue_1.call(lambda: venue.signers.charge(ALICE.address, "order", 60, venue.clock.now()))
    with pytest.raises(PolyApiException) as error:
        clients[0].create_and_post_order(OrderArgs(YES, 0.1, 5, BUY))
    assert error.value.status_code == 429
    assert clients[1].create_and_post_order(OrderArgs(YES, 0.1, 5, BUY))["success"] is True


def test_exchange_1_is_of_the_time_before_these_buckets(
    alice: ClobClient, venue_1: MockClob
) -> None:
    for _ in range(70):
        alice.cancel_all()
    answered = {entry.verdict for entry in venue_1.journal.requests("DELETE", "/cancel-all")}
    assert answered == {""}
