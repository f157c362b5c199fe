"""SignerLimits at the mocked venue that enforces its buckets: no tier refuses a request."""

from __future__ import annotations

import contextvars
import importlib
import runpy
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import limited_orders
import order_limiters
import polymarket
import pytest
import signer_bucket
import waiting_line
from polymarket import RateLimitError, SecureClient
from py_clob_client.clob_types import OrderArgs, OrderType, PostOrdersArgs
from py_clob_client.exceptions import PolyApiException
from py_clob_client.http_helpers import helpers
from signer_limits import SignerLimits
from signer_limits_hook import reply_hook
from signer_tiers import SIGNER_TIERS
from trading_client import trading_client

from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from tests.snippets.virtual_threads import VirtualThreads

TOKEN_ID = DOCUMENTED.token_ids[0]
LIBRARY = Path(signer_bucket.__file__).parent


class VenueTime(VirtualThreads):
    """A virtual clock that the venue's clock follows: requests take no time, waiting does."""

    def __init__(self, venue: MockClob) -> None:
        super().__init__()
        self.venue = venue
        venue.call(venue.venue.clock.freeze)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.venue.advance(seconds)


@pytest.fixture
def enforced(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> Iterator[VenueTime]:
    """Exchange 2, its buckets enforced; the environment has account 0's key and wallet."""
    mock_clob.reset(exchange=2, chain=False, signer_limits="enforce", throttle=False)
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", mock_clob.account(0).key)
    monkeypatch.setenv("POLYMARKET_FUNDER", mock_clob.account(0).address)
    clock = VenueTime(mock_clob)
    with clock.inside(waiting_line, signer_bucket):
        yield clock


def of_tier(clock: VenueTime, tier: str) -> None:
    venue, address = clock.venue.venue, clock.venue.account(0).address
    clock.venue.call(lambda: venue.signers.set_tier(address, tier, venue.clock.now()))


def refused(clock: VenueTime) -> int:
    return sum(entry.status == 429 for entry in clock.venue.journal)


def client_of(limits: SignerLimits, venue: MockClob) -> SecureClient:
    account = venue.account(0)
    return SecureClient.create(
        private_key=account.key,
        wallet=account.address,
        on_rate_limit_update=limits.on_rate_limit_update,
    )


@pytest.mark.parametrize("tier", SIGNER_TIERS)
def test_orders_and_cancels_go_at_the_tiers_rate_and_none_is_refused(
    enforced: VenueTime, tier: str
) -> None:
    of_tier(enforced, tier)
    limits, row = SignerLimits(), SIGNER_TIERS[tier]
    with client_of(limits, enforced.venue) as client:
        batch = [
            client.create_limit_order(token_id=TOKEN_ID, price="0.05", size=str(20 + n), side="BUY")
            for n in range(15)
        ]
        limits.wait_to_order(15)
        client.post_orders(batch)  # its reply names the tier
        start, batches = enforced.now, row.order_burst * 3 // 15
        for _ in range(batches):  # each is a duplicate, which the bucket counts all the same
            limits.wait_to_order(15)
            client.post_orders(batch)
        at_most = batches * 15 / row.order_rate
        assert at_most - row.order_burst / row.order_rate <= enforced.now - start <= at_most + 0.6

        start, ids = enforced.now, [f"0x{n:064x}" for n in range(40)]
        batches = row.cancel_burst * 3 // 40
        for _ in range(batches):
            limits.wait_to_cancel(40)
            client.cancel_orders(order_ids=ids)
        assert enforced.now - start <= batches * 40 / row.cancel_rate
    assert limits.tier == tier
    assert refused(enforced) == 0


def test_without_the_limiter_the_same_batches_are_refused(enforced: VenueTime) -> None:
    with client_of(SignerLimits(), enforced.venue) as client:
        ids = [f"0x{n:064x}" for n in range(40)]
        for _ in range(3):
            client.cancel_orders(order_ids=ids)
        with pytest.raises(RateLimitError):
            client.cancel_orders(order_ids=ids)
    assert refused(enforced) == 1


def test_tier_that_falls_is_followed(enforced: VenueTime) -> None:
    of_tier(enforced, "Silver")
    limits, ids = SignerLimits("Silver"), [f"0x{n:064x}" for n in range(40)]
    with client_of(limits, enforced.venue) as client:
        for number in range(30):
            if number == 10:
                of_tier(enforced, "Standard")
                limits.wait_to_cancel(1)
                client.cancel_order(order_id=ids[0])  # its reply names the tier
            limits.wait_to_cancel(40)
            client.cancel_orders(order_ids=ids)
    assert limits.tier == "Standard"
    assert refused(enforced) == 0


def test_restarted_bot_learns_from_the_first_reply_what_is_left(enforced: VenueTime) -> None:
    ids = [f"0x{n:064x}" for n in range(50)]
    with client_of(SignerLimits(), enforced.venue) as client:
        client.cancel_orders(order_ids=ids)
    limits = SignerLimits()
    with client_of(limits, enforced.venue) as client:
        for _ in range(6):
            limits.wait_to_cancel(20)
            client.cancel_orders(order_ids=ids[:20])
    assert refused(enforced) == 0


def test_cancel_all_leaves_a_debt_that_only_cancels_pay(enforced: VenueTime) -> None:
    limits = SignerLimits()
    with client_of(limits, enforced.venue) as client:
        for _ in range(9):
            batch = [
                client.create_limit_order(token_id=TOKEN_ID, price="0.01", size="5", side="BUY")
                for _ in range(15)
            ]
            limits.wait_to_order(15)
            client.post_orders(batch)
        limits.wait_to_cancel()
        assert len(client.cancel_all().canceled) == 135
        assert limits.wait_to_order() <= 1 / 40
        assert limits.wait_to_cancel() == pytest.approx((1 + 136 - 120 + 40) / 80, abs=0.05)
        client.cancel_order(order_id="0x" + "0" * 64)
    assert refused(enforced) == 0


def test_cancels_pass_while_a_line_of_orders_waits() -> None:
    waited: list[float] = []
    with VirtualThreads().inside(waiting_line, signer_bucket) as threads:
        limits = SignerLimits()
        for _ in range(64):
            threads.start(lambda: [limits.wait_to_order(15) for _ in range(4)] and None)
        for n in range(50):
            threads.start(lambda: waited.append(limits.wait_to_cancel()), at=n * 1.0)
        threads.run()
    assert waited == [0.0] * 50


# What only a reply knows, and which bucket it is about


class Update:
    def __init__(self, remaining: float | None = None, tier: str | None = None) -> None:
        self.remaining, self.tier = remaining, tier


def test_reply_is_about_the_bucket_that_its_thread_waited_for() -> None:
    limits, gate = SignerLimits(), threading.Barrier(2)

    def caller(wait: Any, remaining: float) -> None:
        wait()
        gate.wait(10)
        limits.on_rate_limit_update(Update(remaining))

    threads = [
        threading.Thread(target=caller, args=(limits.wait_to_order, -4_000.0)),
        threading.Thread(target=caller, args=(limits.wait_to_cancel, 119.0)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert limits.wait_to_cancel() == 0.0
    assert limits.orders._full_at > limits.cancels._full_at + 50


def test_reply_to_something_else_teaches_the_tier_only() -> None:
    limits = contextvars.copy_context().run(SignerLimits)
    limits.on_rate_limit_update(Update(-1_000, "copper"))
    assert (limits.tier, limits.orders.capacity) == ("Copper", 60)
    assert limits.wait_to_order() == 0.0


@pytest.mark.parametrize("tier", ["", "unheard of", None])
def test_tier_that_nobody_knows_changes_nothing(tier: str | None) -> None:
    limits = SignerLimits()
    limits.heard(limits.orders, remaining=float("nan"), tier=tier)
    assert (limits.tier, limits.orders.capacity) == ("Standard", 40)
    assert limits.wait_to_order(40) == 0.0


def test_tier_to_start_with_must_exist() -> None:
    with pytest.raises(KeyError):
        SignerLimits("Tin")


# py-clob-client


@pytest.fixture
def hooked(
    mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[VenueTime, SignerLimits]]:
    """Exchange 1 with buckets, and py-clob-client's HTTP client with our hook."""
    mock_clob.reset(exchange=1, chain=False, signer_limits="enforce", throttle=False)
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", mock_clob.account(0).key)
    clock, limits, hook = VenueTime(mock_clob), SignerLimits(), None
    hook = reply_hook(limits)
    hooks = helpers._http_client.event_hooks["response"]
    hooks.append(hook)
    with clock.inside(waiting_line, signer_bucket):
        yield clock, limits
    hooks.remove(hook)


def test_py_clob_client_is_never_refused_with_the_hook(
    hooked: tuple[VenueTime, SignerLimits],
) -> None:
    clock, limits = hooked
    of_tier(clock, "Gold")
    client = trading_client()
    signed = client.create_order(OrderArgs(TOKEN_ID, price=0.05, size=20, side="BUY"))
    batch = [PostOrdersArgs(signed, OrderType.GTC)] * 15
    for _ in range(60):
        limits.wait_to_order(15)
        client.post_orders(batch)
    assert limits.tier == "Gold"
    assert refused(clock) == 0


def test_429_pauses_its_bucket_for_as_long_as_the_venue_asks(
    hooked: tuple[VenueTime, SignerLimits],
) -> None:
    clock, limits = hooked
    client = trading_client()
    for _ in range(120):
        client.cancel("0x" + "0" * 64)
    with pytest.raises(PolyApiException):
        client.cancel("0x" + "0" * 64)
    start = clock.now
    limits.wait_to_cancel()
    assert clock.now - start >= 1.0
    assert limits.wait_to_order() == 0.0
    client.cancel("0x" + "0" * 64)


def reply(status: int, path: str = "/order", **headers: str) -> httpx.Response:
    request = httpx.Request("POST", f"https://clob.polymarket.com{path}")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, request=request)


@pytest.mark.parametrize("after", ["", "Wed, 21 Oct 2026 07:28:00 GMT", "1"])
def test_429_without_seconds_pauses_for_one(after: str) -> None:
    with VirtualThreads().inside(waiting_line, signer_bucket):
        limits = SignerLimits()
        reply_hook(limits)(reply(429, Retry_After=after))
        assert limits.wait_to_order() == pytest.approx(1.0)


def test_other_replies_teach_nothing() -> None:
    limits = SignerLimits()
    reply_hook(limits)(reply(429, path="/auth/api-key", Poly_RateLimit_Tier="elite"))
    reply_hook(limits)(reply(200, Retry_After="60"))
    assert limits.tier == "Standard"
    assert limits.wait_to_order() == 0.0


def test_hook_example_prints(capsys: pytest.CaptureFixture[str]) -> None:
    hooks = helpers._http_client.event_hooks["response"]
    before = list(hooks)
    runpy.run_path(str(LIBRARY / "signer_limits_hook.py"), run_name="__main__")
    hooks[:] = before
    assert capsys.readouterr().out == "Silver may send 200.0 orders in one request\n"


# Orders that are refused all the same


def test_refused_order_is_sent_again_after_the_pause(enforced: VenueTime) -> None:
    importlib.reload(order_limiters)
    snippet = importlib.reload(limited_orders)
    with snippet.limited_client() as client:
        signed = client.create_limit_order(token_id=TOKEN_ID, price="0.05", size="20", side="BUY")
        other = [f"0x{n:064x}" for n in range(60)]
        enforced.venue.call(
            lambda: enforced.venue.venue.signers.charge(
                client.signer, "order", len(other), enforced.venue.venue.clock.now()
            )
        )
        assert snippet.post_order(client, signed).ok
    assert refused(enforced) == 1


def test_order_that_is_refused_three_times_is_given_up(
    enforced: VenueTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    importlib.reload(order_limiters)
    snippet = importlib.reload(limited_orders)

    class Refusing:
        calls = 0

        def post_order(self, signed: object) -> None:
            self.calls += 1
            raise polymarket.RateLimitError("Too Many Requests")

    client: Any = Refusing()
    with pytest.raises(RateLimitError):
        snippet.post_order(client, client)
    assert client.calls == 3
    assert enforced.now == pytest.approx(2.0)


def test_limited_orders_example_prints(
    enforced: VenueTime, capsys: pytest.CaptureFixture[str]
) -> None:
    importlib.reload(order_limiters)
    runpy.run_path(str(LIBRARY / "limited_orders.py"), run_name="__main__")
    assert capsys.readouterr().out == "posted: True\ncanceled: 1\ntier: Standard\n"
