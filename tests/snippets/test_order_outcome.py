"""order_id, look_up and resolve: an order's id before it is sent, and what became of it."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import resolve_order
from order_id import order_id
from order_outcome import look_up
from outcome import Outcome, State
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, OrderType
from py_clob_client.exceptions import PolyApiException
from resolve_order import resolve
from trading_client import trading_client

from mock_clob.contracts import CONTRACTS
from mock_clob.faults import Effect
from mock_clob.model import TradeStatus
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from mock_clob.signed_order import exchange_contract, order_hash, parse

YES, NO = DOCUMENTED.token_ids
NO_TRADES = Effect(status=200, body='{"data":[],"next_cursor":"LTE="}')
UNKNOWN_ID = "0x" + "ab" * 32


@pytest.fixture
def other(client: ClobClient, venue: MockClob, monkeypatch: pytest.MonkeyPatch) -> ClobClient:
    """A second trader: account 1."""
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", venue.account(1).key)
    return trading_client()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Sleeps of resolve, which take no time; the clock it reads moves by them."""
    naps: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: sum(naps), sleep=naps.append)
    monkeypatch.setattr(resolve_order, "time", clock)
    return naps


def place(client: ClobClient, price: float, size: float = 10, **more: Any) -> str:
    terms = {"token_id": YES, "side": "BUY"} | more
    order_type = terms.pop("order_type", OrderType.GTC)
    signed = client.create_order(OrderArgs(price=price, size=size, **terms))
    return str(client.post_order(signed, order_type)["orderID"])


def look(client: ClobClient, id_: str) -> Outcome:
    return look_up(client, id_, since=time.time())


# The id


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_the_id_is_the_one_the_venue_answers_with(client: ClobClient, side: str) -> None:
    signed = client.create_order(OrderArgs(YES, 0.5, 10, side))
    assert order_id(signed, 137, neg_risk=False) == client.post_order(signed)["orderID"]


def test_the_id_in_a_neg_risk_market_is_signed_for_its_own_exchange(
    venue: MockClob, client: ClobClient
) -> None:
    markets = venue.call(lambda: list(venue.venue.engine.markets.values()))
    token_id = next(market.token_ids[0] for market in markets if market.neg_risk)
    signed = client.create_order(OrderArgs(token_id, 0.1, 10, "BUY"))
    known = order_id(signed, 137, client.get_neg_risk(token_id))
    assert known == client.post_order(signed)["orderID"]
    assert known != order_id(signed, 137, neg_risk=False)


@pytest.mark.parametrize("chain_id", [137, 80002])
@pytest.mark.parametrize("neg_risk", [False, True])
def test_the_id_is_the_eip_712_hash(client: ClobClient, chain_id: int, neg_risk: bool) -> None:
    signed = client.create_order(OrderArgs(YES, 0.5, 10, "SELL"))
    wire = parse(json.loads(json.dumps(signed.dict())))
    contract = exchange_contract(CONTRACTS[chain_id], 1, neg_risk)
    expected = "0x" + order_hash(wire, 1, chain_id, contract).hex()
    assert order_id(signed, chain_id, neg_risk) == expected


# One look


def test_a_resting_order_is_open(client: ClobClient) -> None:
    assert look(client, place(client, 0.4)) == Outcome(State.OPEN)


def test_a_resting_order_filled_in_part_is_open_with_its_fills(
    client: ClobClient, other: ClobClient
) -> None:
    resting = place(client, 0.5, 20)
    place(other, 0.5, 8, token_id=NO)  # mints against it
    assert look(client, resting) == Outcome(State.OPEN, Decimal(8))


def test_a_taker_that_filled_at_once_is_closed(client: ClobClient) -> None:
    assert look(client, place(client, 0.53, 150)) == Outcome(State.CLOSED, Decimal(150))


def test_a_maker_that_was_filled_is_closed(client: ClobClient, other: ClobClient) -> None:
    resting = place(client, 0.5, 20)
    place(other, 0.5, 8, token_id=NO)
    place(other, 0.5, 12, token_id=NO)
    assert look(client, resting) == Outcome(State.CLOSED, Decimal(20))


def test_a_maker_counts_its_own_part_of_a_trade_with_several(
    client: ClobClient, other: ClobClient
) -> None:
    resting = place(client, 0.49, 20)
    place(other, 0.52, 50, token_id=NO)  # 20 against it, 30 against the bid below
    assert look(client, resting) == Outcome(State.CLOSED, Decimal(20))


def test_a_fak_that_found_half_is_closed_with_the_half(client: ClobClient) -> None:
    killed = place(client, 0.52, 150, order_type=OrderType.FAK)
    assert look(client, killed) == Outcome(State.CLOSED, Decimal(100))


def test_an_order_canceled_after_a_fill_is_closed_with_the_fill(
    client: ClobClient, other: ClobClient
) -> None:
    resting = place(client, 0.5, 20)
    place(other, 0.5, 8, token_id=NO)
    client.cancel(resting)
    assert look(client, resting) == Outcome(State.CLOSED, Decimal(8))


def test_an_order_canceled_without_a_fill_cannot_be_told_from_an_unknown_one(
    client: ClobClient,
) -> None:
    resting = place(client, 0.4)
    client.cancel(resting)
    assert look(client, resting) == look(client, UNKNOWN_ID) == Outcome(State.ABSENT)


def test_trades_of_other_orders_say_nothing(client: ClobClient, other: ClobClient) -> None:
    place(client, 0.52, 5)
    place(client, 0.5, 5)
    place(other, 0.5, 5, token_id=NO)
    assert look(client, UNKNOWN_ID) == Outcome(State.ABSENT)


def test_trades_from_a_minute_before_the_order_was_sent_are_read(client: ClobClient) -> None:
    filled = place(client, 0.52)
    assert look_up(client, filled, since=time.time() + 50).state is State.CLOSED
    assert look_up(client, filled, since=time.time() + 70).state is State.ABSENT


def test_a_failed_trade_proves_the_order_and_counts_no_shares(
    venue: MockClob, client: ClobClient
) -> None:
    venue.call(lambda: setattr(venue.venue.settlement, "mode", "manual"))
    filled = place(client, 0.52)

    def fail() -> None:
        engine = venue.venue.engine
        (trade,) = engine.trades.values()
        engine.set_trade_status(trade, TradeStatus.FAILED, venue.venue.clock.now_ms())

    venue.call(fail)
    assert look(client, filled) == Outcome(State.CLOSED, Decimal(0))


def test_an_order_that_fills_between_the_two_reads_is_not_missed(
    venue: MockClob, client: ClobClient, other: ClobClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting = place(client, 0.5, 10)
    ask_for_order, ask_for_trades = client.get_order, client.get_trades
    reads: list[Any] = []

    def after(read: Any) -> Any:
        def call(*args: Any) -> Any:
            answer = read(*args)
            if not reads:
                place(other, 0.5, 10, token_id=NO)
            reads.append(read)
            return answer

        return call

    monkeypatch.setattr(client, "get_order", after(ask_for_order))
    monkeypatch.setattr(client, "get_trades", after(ask_for_trades))
    assert look(client, resting).state is not State.ABSENT


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("ORDER_STATUS_LIVE", State.OPEN),
        ("DELAYED", State.OPEN),
        ("UNMATCHED", State.OPEN),
        ("MATCHED", State.CLOSED),
        ("ORDER_STATUS_CANCELED", State.CLOSED),
        ("CANCELED_MARKET_RESOLVED", State.CLOSED),
    ],
)
def test_an_order_that_the_venue_still_shows_is_read_by_its_status(
    venue: MockClob, client: ClobClient, status: str, state: State
) -> None:
    body = json.dumps({"id": UNKNOWN_ID, "status": status, "size_matched": "3"})
    venue.fault(Effect(status=200, body=body), path="/data/order/*")
    assert look(client, UNKNOWN_ID) == Outcome(state, Decimal(3))


def test_404_for_the_order_means_that_it_is_not_open(venue: MockClob, client: ClobClient) -> None:
    venue.fault(Effect(status=404), path="/data/order/*", times=2)
    assert look(client, place(client, 0.52)).state is State.CLOSED
    assert look(client, UNKNOWN_ID).state is State.ABSENT


def test_a_look_that_fails_is_an_error_and_not_an_answer(
    venue: MockClob, client: ClobClient
) -> None:
    for path in ("/data/order/*", "/data/trades"):
        venue.fault("server_error", path=path)
        with pytest.raises(PolyApiException):
            look(client, UNKNOWN_ID)


# Many looks


def test_what_is_found_at_once_is_answered_at_once(client: ClobClient, slept: list[float]) -> None:
    assert resolve(client, place(client, 0.4), since=time.time()).state is State.OPEN
    assert slept == []


def test_an_order_that_shows_late_is_found(
    venue: MockClob, client: ClobClient, slept: list[float]
) -> None:
    filled = place(client, 0.52)
    venue.fault(NO_TRADES, path="/data/trades", times=3)
    assert resolve(client, filled, since=time.time()).state is State.CLOSED
    assert slept == [0.5] * 3


def test_absent_is_said_only_when_patience_is_over(client: ClobClient, slept: list[float]) -> None:
    assert resolve(client, UNKNOWN_ID, since=time.time(), patience=2.0).state is State.ABSENT
    assert sum(slept) == 2.0


def test_failed_looks_are_repeated(venue: MockClob, client: ClobClient, slept: list[float]) -> None:
    resting = place(client, 0.4)
    venue.fault("reset", path="/data/order/*")
    venue.fault("rate_limited", path="/data/order/*", nth=2)
    assert resolve(client, resting, since=time.time()).state is State.OPEN
    assert slept == [0.5] * 2


def test_when_the_last_look_failed_its_error_is_raised(
    venue: MockClob, client: ClobClient, slept: list[float]
) -> None:
    venue.fault("bad_gateway", path="/data/order/*", times=None)
    with pytest.raises(PolyApiException) as caught:
        resolve(client, UNKNOWN_ID, since=time.time(), patience=1.0)
    assert caught.value.status_code == 502
    assert sum(slept) == 1.0


def test_a_look_that_the_venue_refuses_is_not_repeated(
    venue: MockClob, client: ClobClient, slept: list[float]
) -> None:
    venue.fault(Effect(status=401), path="/data/order/*", times=None)
    with pytest.raises(PolyApiException):
        resolve(client, UNKNOWN_ID, since=time.time())
    assert slept == []
