"""place_once under every fault and phase: no order is placed twice, and none is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from random import Random
from types import SimpleNamespace
from typing import Any

import httpx
import place_once as module
import pytest
import resolve_order
from failure import Kind
from order_id import order_id
from outcome import State
from place_once import place_once
from placement import NotPlaced, OutcomeUnknown, Placed, failure_in
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, OrderType, PostOrdersArgs
from py_clob_client.http_helpers import helpers
from py_order_utils.model import SignedOrder
from trading_client import trading_client

from mock_clob.faults import Effect, error, post_only_mode
from mock_clob.model import Order
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES = DOCUMENTED.token_ids[0]
NULL = Effect(status=200, body="null")
NO_TRADES = Effect(status=200, body='{"data":[],"next_cursor":"LTE="}')
SPOILT_LOOKS: list[Effect | str] = ["bad_gateway", "reset", NULL]


class Desk:
    """A trader at the mocked venue, with a clock that only sleeping moves."""

    def __init__(self, venue: MockClob, client: ClobClient) -> None:
        self.venue = venue
        self.client = client
        self.slept: list[float] = []
        self.bodies: list[str] = []  # of every POST /order
        self.on_sleep: Callable[[], object] = lambda: None
        self.clock = SimpleNamespace(
            time=time.time, monotonic=lambda: sum(self.slept), sleep=self.sleep
        )

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.on_sleep()

    def sign(self, price: float = 0.4, size: float = 10, **more: Any) -> SignedOrder:
        terms = {"token_id": YES, "side": "BUY"} | more
        signed = self.client.create_order(OrderArgs(price=price, size=size, **terms))
        self.client.get_neg_risk(YES)  # kept by the client: the orders follow without another read
        self.client.builder = None  # from here on nothing can be signed
        return signed

    def id_of(self, signed: SignedOrder) -> str:
        return order_id(signed, 137, neg_risk=False)

    @property
    def orders(self) -> list[Order]:
        """Every order that the venue ever accepted from users."""
        engine = self.venue.venue.engine
        return self.venue.call(lambda: [o for o in engine.orders.values() if o.owner != "house"])

    def lag(self, looks: int | None = None) -> None:
        """Hide the orders and the trades from that many look-ups."""
        self.venue.fault(NULL, path="/data/order/*", times=looks)
        self.venue.fault(NO_TRADES, path="/data/trades", times=looks)

    def reads(self) -> int:
        return len(self.venue.journal.requests("GET", "/data/order/*"))


@pytest.fixture
def desk(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> Desk:
    # Without the per-IP throttle: sleeping takes no time here, so the looks come in one burst.
    mock_clob.reset(exchange=1, chain=False, throttle=False)
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", mock_clob.account(0).key)
    desk = Desk(mock_clob, trading_client())
    monkeypatch.setattr(module, "time", desk.clock)
    monkeypatch.setattr(resolve_order, "time", desk.clock)

    def note(request: httpx.Request) -> None:
        if (request.method, request.url.path) == ("POST", "/order"):
            desk.bodies.append(request.content.decode())

    monkeypatch.setattr(helpers._http_client, "event_hooks", {"request": [note]})
    return desk


KINDS = {
    "rests": (0.4, 10, OrderType.GTC),
    "fills at once": (0.52, 10, OrderType.GTC),
    "fills and rests": (0.52, 150, OrderType.GTC),
    "FOK": (0.52, 10, OrderType.FOK),
    "FAK": (0.52, 150, OrderType.FAK),
}
kinds = pytest.mark.parametrize(("price", "size", "order_type"), KINDS.values(), ids=KINDS)


# The reply arrives


@kinds
def test_an_accepted_order_is_placed_with_the_venues_reply(
    desk: Desk, price: float, size: float, order_type: str
) -> None:
    signed = desk.sign(price, size)
    placed = place_once(desk.client, signed, order_type)
    assert placed.order_id == desk.id_of(signed)
    assert placed.reply is not None
    assert placed.reply["orderID"] == placed.order_id
    assert placed.outcome is None
    assert [o.id for o in desk.orders] == [placed.order_id]
    assert (len(desk.bodies), desk.reads(), desk.slept) == (1, 0, [])


REFUSALS = {
    "balance": ({"price": 0.5, "size": 30_000}, OrderType.GTC, "not enough balance / allowance"),
    "minimum": ({"size": 4}, OrderType.GTC, "lower than the minimum: 5"),
    "thin book": ({"price": 0.52, "size": 150}, OrderType.FOK, "FOK orders are fully filled"),
    "no match": ({"price": 0.5}, OrderType.FAK, "no orders found to match with FAK order"),
}


@pytest.mark.parametrize(("terms", "order_type", "text"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_final_and_nothing_else_is_tried(
    desk: Desk, terms: dict[str, float], order_type: str, text: str
) -> None:
    signed = desk.sign(**terms)
    with pytest.raises(NotPlaced, match=text) as caught:
        place_once(desk.client, signed, order_type)
    assert caught.value.order_id == desk.id_of(signed)
    assert caught.value.failure.kind is Kind.REFUSED
    assert caught.value.__cause__ is not None
    assert (desk.orders, len(desk.bodies), desk.reads(), desk.slept) == ([], 1, 0, [])


def test_what_the_client_stops_is_not_placed(desk: Desk) -> None:
    signed = desk.sign()
    with pytest.raises(NotPlaced, match="post_only orders can only be of type GTC or GTD"):
        place_once(desk.client, signed, OrderType.FOK, True)
    assert (desk.orders, desk.bodies) == ([], [])


def test_post_only_is_sent_as_asked(desk: Desk) -> None:
    with pytest.raises(NotPlaced, match="order crosses book"):
        place_once(desk.client, desk.sign(0.52), OrderType.GTC, True)
    assert json.loads(desk.bodies[0])["postOnly"] is True
    assert desk.orders == []


# Accepted, and the reply is lost or spoilt

ACCEPTED: dict[str, Effect | str] = {
    "reply lost": "lose_reply",
    "500": "error_after_accept",
    "502 page": Effect(status=502, body="<html>502 Bad Gateway</html>"),
    "408": Effect(status=408),
    "503 of a proxy": Effect(status=503, body="upstream timeout"),
    "200 with a page": Effect(status=200, body="<html>Just a moment...</html>"),
    "400 context canceled": error("", 400, "context canceled"),
    "425 although accepted": Effect(status=425),
    "429 although accepted": Effect(status=429),
}


@kinds
@pytest.mark.parametrize("effect", ACCEPTED.values(), ids=ACCEPTED)
def test_an_accepted_order_whose_reply_is_lost_is_found_and_not_sent_again(
    desk: Desk, effect: Effect | str, price: float, size: float, order_type: str
) -> None:
    signed = desk.sign(price, size)
    fault = desk.venue.fault(effect, method="POST", path="/order", phase="after")
    placed = place_once(desk.client, signed, order_type)
    assert fault.fired == 1
    assert placed.reply is None
    assert placed.outcome is not None
    assert placed.outcome.state is not State.ABSENT
    (order,) = desk.orders
    assert (order.id, len(desk.bodies)) == (placed.order_id, 1)
    assert placed.outcome.matched == order.matched / 1e6


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_reply_later_than_the_clients_timeout_places_one_order(
    desk: Desk, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that waits at the venue is accepted after the client has given it up."""
    monkeypatch.setattr(helpers._http_client, "timeout", httpx.Timeout(0.5))
    signed = desk.sign()
    desk.venue.fault(Effect(delay=6.0), method="POST", path="/order", phase=phase)
    desk.on_sleep = lambda: desk.venue.advance(6.0)
    placed = place_once(desk.client, signed)
    desk.venue.advance(6.0)
    assert [o.id for o in desk.orders] == [placed.order_id]


@kinds
def test_while_the_look_ups_lag_the_same_order_is_sent_again_and_refused_as_a_duplicate(
    desk: Desk, price: float, size: float, order_type: str
) -> None:
    signed = desk.sign(price, size)
    desk.venue.fault("lose_reply")
    desk.lag(looks=8)
    placed = place_once(desk.client, signed, order_type)
    assert placed.outcome is not None
    assert placed.outcome.state is not State.ABSENT
    assert [o.id for o in desk.orders] == [placed.order_id]
    assert len(desk.bodies) == 2
    assert len(set(desk.bodies)) == 1


def test_a_duplicate_that_never_shows_is_an_unknown_outcome(desk: Desk) -> None:
    signed = desk.sign()
    desk.venue.fault("lose_reply")
    desk.lag()
    with pytest.raises(OutcomeUnknown) as caught:
        place_once(desk.client, signed, seconds=20)
    assert caught.value.order_id == desk.id_of(signed) == desk.orders[0].id
    assert caught.value.failure.kind is Kind.DUPLICATE
    assert 10 < sum(desk.slept) <= 25
    assert len(desk.bodies) == 2


def test_without_a_look_up_nothing_is_sent_again(desk: Desk) -> None:
    signed = desk.sign()
    desk.venue.fault("lose_reply")
    desk.venue.fault("reset", method="GET", times=None)
    with pytest.raises(OutcomeUnknown) as caught:
        place_once(desk.client, signed)
    assert caught.value.order_id == desk.orders[0].id
    assert len(desk.bodies) == 1
    assert desk.reads() > 3


def test_a_look_up_that_fails_for_a_while_is_tried_until_it_answers(desk: Desk) -> None:
    desk.venue.fault("lose_reply")
    desk.venue.fault("bad_gateway", path="/data/order/*", times=10)
    placed = place_once(desk.client, desk.sign())
    assert placed.outcome is not None
    assert placed.outcome.state is State.OPEN
    assert len(desk.bodies) == len(desk.orders) == 1


# Not accepted, and that may not be known

NOT_ACCEPTED: dict[str, Effect | str] = {
    "reset": "reset",
    "500": "server_error",
    "502 page": "bad_gateway",
    "engine restart": "engine_restart",
    "429": "rate_limited",
    "cancel-only": "cancel_only",
    "200 with a page": Effect(status=200, body="<html>Just a moment...</html>"),
    "200 that says nothing": Effect(status=200, body='{"success":false,"errorMsg":""}'),
}


@kinds
@pytest.mark.parametrize("effect", NOT_ACCEPTED.values(), ids=NOT_ACCEPTED)
def test_an_order_that_was_not_accepted_is_sent_again_unchanged(
    desk: Desk, effect: Effect | str, price: float, size: float, order_type: str
) -> None:
    signed = desk.sign(price, size)
    desk.venue.fault(effect, method="POST", path="/order", phase="before", times=2)
    placed = place_once(desk.client, signed, order_type)
    assert placed.reply is not None
    assert [o.id for o in desk.orders] == [placed.order_id]
    assert len(desk.bodies) == 3
    assert len(set(desk.bodies)) == 1
    assert json.loads(desk.bodies[0])["orderType"] == order_type


def test_every_repetition_follows_a_look_up(desk: Desk) -> None:
    desk.venue.fault("engine_restart", times=2)
    place_once(desk.client, desk.sign())
    asked = [e.path for e in desk.venue.journal if e.path.startswith(("/order", "/data/order/"))]
    assert [path.split("/0x")[0] for path in asked] == ["/order", "/data/order"] * 2 + ["/order"]
    assert desk.slept == [0.5, 1.0]


def test_the_pauses_double_up_to_eight_seconds(desk: Desk) -> None:
    desk.venue.fault("engine_restart", times=None)
    with pytest.raises(NotPlaced) as caught:
        place_once(desk.client, desk.sign(), seconds=40)
    assert caught.value.failure.kind is Kind.UNAVAILABLE
    assert desk.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0]
    assert desk.orders == []


def test_the_venues_own_wait_is_kept(desk: Desk) -> None:
    desk.venue.fault(post_only_mode(79), method="POST", path="/order")
    place_once(desk.client, desk.sign(), seconds=100)
    assert desk.slept == [79.0]
    assert len(desk.orders) == 1


def test_a_wait_longer_than_there_is_time_ends_at_once(desk: Desk) -> None:
    desk.venue.fault(post_only_mode(79), method="POST", path="/order")
    with pytest.raises(NotPlaced, match="post-only mode"):
        place_once(desk.client, desk.sign(), seconds=30)
    assert (desk.slept, desk.orders, len(desk.bodies)) == ([], [], 1)


def test_a_network_that_is_down_is_not_an_unknown_outcome(desk: Desk) -> None:
    signed = desk.sign()
    desk.client.host = "http://127.0.0.1:1"
    with pytest.raises(NotPlaced, match="ConnectError"):
        place_once(desk.client, signed)
    assert desk.orders == []


def test_a_refused_repetition_does_not_prove_that_the_first_try_failed(desk: Desk) -> None:
    """The first try may have taken the liquidity that the second one misses."""
    signed = desk.sign(0.52, 150)
    desk.venue.fault("reset", method="POST")
    with pytest.raises(OutcomeUnknown, match="FOK orders are fully filled"):
        place_once(desk.client, signed, OrderType.FOK)
    assert len(desk.bodies) == 2
    assert desk.orders == []


def test_after_a_restart_the_same_order_is_resolved_from_when_it_was_first_sent(
    desk: Desk,
) -> None:
    signed = desk.sign(0.52)
    first_sent = time.time()
    desk.venue.fault("lose_reply")
    desk.venue.fault("reset", method="GET", times=40)
    with pytest.raises(OutcomeUnknown):
        place_once(desk.client, signed)
    desk.venue.call(desk.venue.venue.faults.clear)
    placed = place_once(desk.client, signed, since=first_sent)
    assert placed.outcome is not None
    assert placed.outcome.state is State.CLOSED
    assert len(desk.orders) == 1


def test_since_reaches_further_back_than_now(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = desk.sign(0.52)
    first_sent = time.time()
    place_once(desk.client, signed)
    monkeypatch.setattr(desk.clock, "time", lambda: first_sent + 3600)
    with pytest.raises(OutcomeUnknown):
        place_once(desk.client, signed)
    assert place_once(desk.client, signed, since=first_sent).outcome is not None


# Replies


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({"success": True, "errorMsg": "", "orderID": "0x1", "status": "live"}, None),
        ({"success": True, "errorMsg": "invalid nonce", "orderID": ""}, Kind.REFUSED),
        ({"success": True, "errorMsg": "order 0x1 is invalid. Duplicated."}, Kind.DUPLICATE),
        ({"success": True, "errorMsg": "order timed out", "orderID": ""}, Kind.UNKNOWN),
        ({"success": True, "errorMsg": "post-only mode: only post-only"}, Kind.UNAVAILABLE),
        ({"success": True, "errorMsg": "", "orderID": ""}, Kind.UNKNOWN),
        ({"success": False, "errorMsg": "", "orderID": "0x1"}, Kind.UNKNOWN),
        ({}, Kind.UNKNOWN),
        ("<html>", Kind.UNKNOWN),
        (None, Kind.UNKNOWN),
    ],
)
def test_a_reply_of_200_is_read_by_errormsg_and_order_id(reply: Any, kind: Kind | None) -> None:
    failure = failure_in(reply)
    assert (failure and failure.kind) == kind


def test_a_refusal_inside_a_200_is_a_refusal(desk: Desk) -> None:
    body = '{"success":true,"errorMsg":"invalid expiration","orderID":"","status":""}'
    desk.venue.fault(Effect(status=200, body=body), method="POST", path="/order")
    with pytest.raises(NotPlaced, match="invalid expiration"):
        place_once(desk.client, desk.sign())
    assert desk.orders == []


def test_a_refused_leg_of_a_batch_is_told_from_an_accepted_one(desk: Desk) -> None:
    client = desk.client
    orders = [client.create_order(OrderArgs(YES, 0.4, size, "BUY")) for size in (10, 4)]
    good, bad = client.post_orders([PostOrdersArgs(order) for order in orders])
    assert failure_in(good) is None
    assert bad["success"] is True
    failure = failure_in(bad)
    assert failure is not None
    assert failure.kind is Kind.REFUSED


# Everything at once


@pytest.mark.parametrize("seed", range(8))
def test_under_any_mixture_of_faults_the_answer_agrees_with_the_venue(
    desk: Desk, seed: int
) -> None:
    random = Random(seed)
    builder = desk.client.builder
    spoilt = [*ACCEPTED.values(), *NOT_ACCEPTED.values(), post_only_mode(2)]
    answers = {Placed: 0, NotPlaced: 0, OutcomeUnknown: 0}
    for _ in range(25):
        desk.client.builder = builder
        price, size, order_type = random.choice([*KINDS.values()])
        signed = desk.sign(price, size)
        for _ in range(random.randrange(4)):
            phase = random.choice(["before", "after"])
            effect = random.choice(spoilt)
            desk.venue.fault(effect, method="POST", path="/order", phase=phase)
        for _ in range(random.randrange(3)):
            hidden = random.choice(SPOILT_LOOKS)
            desk.venue.fault(
                hidden,
                path="/data/order/*",
                method="GET",
                times=random.randrange(1, 12),
            )
        if random.random() < 0.3:
            desk.venue.fault(NO_TRADES, path="/data/trades", times=random.randrange(1, 12))
        known = desk.id_of(signed)
        try:
            answer: type = type(place_once(desk.client, signed, order_type))
        except (NotPlaced, OutcomeUnknown) as unplaced:
            answer = type(unplaced)
        answers[answer] += 1
        accepted = [o.id for o in desk.orders].count(known)
        if answer is not OutcomeUnknown:
            assert accepted == (answer is Placed), (answer, desk.bodies)
        assert len({*desk.bodies}) == 1
        desk.bodies.clear()
        desk.venue.call(desk.venue.venue.faults.clear)
        if random.random() < 0.5:
            desk.client.cancel_all()
    assert answers[Placed] > 5
