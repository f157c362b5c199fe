"""The edge-case snippets: prices of a book, amounts of an order, reasons of a refused one."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from best_price import best, cost
from collateral_check import Funds, funds
from failure import Kind
from hypothesis import given
from hypothesis import strategies as st
from order_amounts import amounts, client_size, signed_amounts
from place_once import place_once
from placement import NotPlaced
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, OrderBookSummary, OrderSummary, OrderType
from py_clob_client.order_builder.builder import ROUNDING_CONFIG, OrderBuilder
from trading_client import trading_client

from mock_clob.ledger import COLLATERAL
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES, NO = DOCUMENTED.token_ids
CENT = Decimal("0.01")


def levels(*pairs: tuple[str, str]) -> list[OrderSummary]:
    return [OrderSummary(price=price, size=size) for price, size in pairs]


BOOK = OrderBookSummary(
    bids=levels(("0.40", "9"), ("0.48", "9")), asks=levels(("0.60", "50"), ("0.52", "100"))
)


# best_price


def test_the_best_levels_are_the_last_and_an_empty_side_has_none() -> None:
    assert best(BOOK) == (Decimal("0.48"), Decimal("0.52"))
    assert best(OrderBookSummary(bids=[], asks=[])) == (None, None)


@pytest.mark.parametrize(
    ("shares", "expected"), [("40", "20.8"), ("100", "52"), ("100.01", "52.006"), ("150", "82")]
)
def test_a_purchase_costs_what_its_levels_ask(shares: str, expected: str) -> None:
    assert cost(BOOK, Decimal(shares)) == Decimal(expected)


def test_a_thin_book_says_how_many_shares_it_lacks() -> None:
    with pytest.raises(ValueError, match="lacks 10 shares"):
        cost(BOOK, Decimal(160))


def test_the_cost_is_what_the_venue_charges(venue: MockClob, client: ClobClient) -> None:
    expected = cost(client.get_order_book(YES), Decimal(150))
    client.create_and_post_order(OrderArgs(YES, 0.53, 150, "BUY"))
    (trade,) = venue.call(lambda: list(venue.venue.engine.trades.values()))
    assert sum(fill.taker_collateral for fill in trade.fills) == expected * 10**6


# order_amounts


def check(
    side: str, price: str, size: str, *, tick: str = "0.01", immediate: bool = False
) -> tuple[int, int]:
    return amounts(
        side,
        Decimal(price),
        Decimal(size),
        tick=Decimal(tick),
        minimum=Decimal(5),
        immediate=immediate,
    )


def test_amounts_are_collateral_for_shares_or_shares_for_collateral() -> None:
    assert check("BUY", "0.52", "10") == (5_200_000, 10_000_000)
    assert check("SELL", "0.52", "10") == (10_000_000, 5_200_000)
    assert check("BUY", "0.001", "5", tick="0.001") == (5_000, 5_000_000)


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (("BUY", "0.525", "10"), "price 0.525 is not a multiple of 0.01"),
        (("BUY", "0", "10"), "from 0.01 to 0.99"),
        (("BUY", "1", "10"), "from 0.01 to 0.99"),
        (("BUY", "0.52", "10.001"), "more than 2 decimals"),
        (("BUY", "0.52", "4.99"), "below the market's minimum 5"),
    ],
)
def test_what_the_client_would_round_or_the_venue_refuse_is_named(
    terms: tuple[str, str, str], text: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        check(*terms)


def test_an_immediate_purchase_spends_whole_cents_and_at_least_a_dollar() -> None:
    assert check("BUY", "0.52", "2", immediate=True) == (1_040_000, 2_000_000)
    assert check("SELL", "0.52", "8.37", immediate=True) == (8_370_000, 4_352_400)
    with pytest.raises(ValueError, match=r"4\.3524; FOK and FAK spend whole cents"):
        check("BUY", "0.52", "8.37", immediate=True)
    with pytest.raises(ValueError, match=r"\$0\.52 is below the minimum of \$1"):
        check("BUY", "0.52", "1", immediate=True)


@pytest.mark.parametrize(
    ("price", "size", "order_type"),
    [("0.52", "8.37", OrderType.FOK), ("0.52", "1", OrderType.FOK), ("0.4", "4.99", OrderType.GTC)],
)
def test_the_venue_refuses_what_the_check_refuses(
    client: ClobClient, price: str, size: str, order_type: str
) -> None:
    with pytest.raises(ValueError, match=r"cents|minimum"):
        check("BUY", price, size, immediate=order_type == OrderType.FOK)
    order = OrderArgs(YES, float(price), client_size(Decimal(size)), "BUY")
    with pytest.raises(NotPlaced) as caught:
        place_once(client, client.create_order(order), order_type)
    assert caught.value.failure.kind is Kind.REFUSED


@pytest.mark.parametrize(
    ("price", "size", "order_type"),
    [
        ("0.52", "12.5", OrderType.FOK),
        ("0.53", "100", OrderType.FAK),
        ("0.4", "8.37", OrderType.GTC),
    ],
)
def test_the_venue_accepts_what_the_check_accepts(
    client: ClobClient, price: str, size: str, order_type: str
) -> None:
    expected = check("BUY", price, size, immediate=order_type != OrderType.GTC)
    signed = client.create_order(OrderArgs(YES, float(price), client_size(Decimal(size)), "BUY"))
    assert signed_amounts(signed) == expected
    assert place_once(client, signed, order_type).reply is not None


def test_the_client_floors_the_nearest_float_and_not_the_one_given() -> None:
    rounding = ROUNDING_CONFIG["0.01"]
    builder = OrderBuilder.__new__(OrderBuilder)
    size = Decimal("8.37")
    assert builder.get_order_amounts("BUY", float(size), 0.4, rounding)[2] == 8_360_000
    assert builder.get_order_amounts("BUY", client_size(size), 0.4, rounding)[2] == 8_370_000


@given(st.data())
def test_with_client_size_the_client_signs_the_checked_amounts(data: st.DataObject) -> None:
    tick = data.draw(st.sampled_from(["0.1", "0.01", "0.001", "0.0001"]))
    steps = data.draw(st.integers(1, int(1 / Decimal(tick)) - 1))
    price, size = steps * Decimal(tick), data.draw(st.integers(500, 10**8)) * CENT
    side = data.draw(st.sampled_from(["BUY", "SELL"]))
    builder = OrderBuilder.__new__(OrderBuilder)
    _, given_, got = builder.get_order_amounts(
        side, client_size(size), float(price), ROUNDING_CONFIG[tick]
    )
    assert (given_, got) == check(side, str(price), str(size), tick=tick)


# collateral_check


def test_nothing_is_missing_for_what_is_free() -> None:
    assert Funds(balance=10, reserved=4, allowance=6).missing(6) == []


@pytest.mark.parametrize(
    ("has", "text"),
    [
        (Funds(balance=5, reserved=0, allowance=10), "balance 5 is below 7"),
        (Funds(balance=10, reserved=4, allowance=10), "open orders hold 4 of the balance 10"),
        (Funds(balance=10, reserved=0, allowance=6), "allowance 6 is below 7"),
    ],
)
def test_each_cause_is_named(has: Funds, text: str) -> None:
    assert has.missing(7) == [text]


def test_all_causes_are_named_together() -> None:
    assert len(Funds(balance=5, reserved=0, allowance=6).missing(7)) == 2


def test_a_purchase_is_judged_by_collateral_and_every_open_purchase(client: ClobClient) -> None:
    client.create_and_post_order(OrderArgs(YES, 0.4, 100, "BUY"))
    client.create_and_post_order(OrderArgs(NO, 0.1, 50, "BUY"))
    client.create_and_post_order(OrderArgs(YES, 0.9, 30, "SELL"))
    has = funds(client, "BUY", YES)
    assert (has.balance, has.reserved) == (10_000_000_000, 45_000_000)


def test_a_sale_is_judged_by_the_shares_of_its_token(client: ClobClient) -> None:
    client.create_and_post_order(OrderArgs(YES, 0.9, 30, "SELL"))
    client.create_and_post_order(OrderArgs(NO, 0.9, 20, "SELL"))
    has = funds(client, "SELL", YES)
    assert (has.balance, has.reserved) == (100_000_000, 30_000_000)


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_the_venue_reads_the_chain_before_it_is_asked(
    venue: MockClob, client: ClobClient, side: str
) -> None:
    funds(client, side, YES)
    asked = venue.journal.requests("GET", "/balance-allowance*")
    assert [e.path for e in asked] == ["/balance-allowance/update", "/balance-allowance"]
    assert asked[0].query == asked[1].query
    assert (f"token_id={YES}" in asked[0].query) == (side == "SELL")


def test_only_what_is_not_filled_yet_is_reserved(
    venue: MockClob, client: ClobClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.create_and_post_order(OrderArgs(YES, 0.5, 20, "BUY"))
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", venue.account(1).key)
    trading_client().create_and_post_order(OrderArgs(NO, 0.5, 8, "BUY"))
    assert funds(client, "BUY", YES).reserved == 6_000_000


def test_the_allowance_is_that_of_the_markets_exchange(venue: MockClob, client: ClobClient) -> None:
    markets = venue.call(lambda: list(venue.venue.engine.markets.values()))
    neg_risk_token = next(market.token_ids[0] for market in markets if market.neg_risk)
    owner = venue.account(0).address.lower()
    neg_risk_exchange = client.get_exchange_address(neg_risk=True)
    venue.call(lambda: venue.venue.ledger.allow(owner, neg_risk_exchange, COLLATERAL, 7))
    assert funds(client, "BUY", neg_risk_token).allowance == 7
    assert funds(client, "BUY", YES).allowance > 10**18


@pytest.mark.parametrize("cause", ["balance", "reserved", "allowance"])
def test_what_it_names_is_what_the_venue_refuses(
    venue: MockClob, client: ClobClient, cause: str
) -> None:
    size = 30_000 if cause == "balance" else 15_000
    if cause == "reserved":
        client.create_and_post_order(OrderArgs(YES, 0.4, 10_000, "BUY"))
    if cause == "allowance":
        owner, exchange = venue.account(0).address.lower(), client.get_exchange_address()
        venue.call(lambda: venue.venue.ledger.allow(owner, exchange, COLLATERAL, 1_000_000))
    (reason,) = funds(client, "BUY", YES).missing(size * 500_000)
    assert ("hold" if cause == "reserved" else cause) in reason
    with pytest.raises(NotPlaced, match="not enough balance / allowance"):
        place_once(client, client.create_order(OrderArgs(YES, 0.5, size, "BUY")))
