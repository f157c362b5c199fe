"""The taker's fee: its size, who pays it, in what, and that it ends up somewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polymarket.errors import RequestRejectedError
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs
from py_clob_client.order_builder.constants import BUY, SELL
from py_clob_client_v2.fees import adjust_buy_amount_for_fees

from mock_clob.accounts import ACCOUNTS
from mock_clob.fees import STEP, platform_fee
from mock_clob.ledger import COLLATERAL
from mock_clob.model import UNIT, Market, Side, Trade
from mock_clob.position_ids import is_position_id
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import HOUSE, OPERATOR, listings
from mock_clob.signed_order import exchange_contract, exchange_of
from mock_clob.venue import Options, Venue
from tests.mock_clob.trade_on_2 import settle, trader
from tests.mock_clob.unsigned import unsigned_order

TAXED = next(each.market for each in listings(137) if each.market.fee_rate)
YES, NO = TAXED.token_ids
START = 10_000 * UNIT


def market(rate: str, exponent: int = 1) -> Market:
    rate_units = int(Decimal(rate) * UNIT)
    return Market("0xc", "?", "s", ("1", "2"), fee_rate=rate_units, fee_exponent=exponent)


@pytest.mark.parametrize(
    ("rate", "exponent", "shares", "price", "fee"),
    [
        ("0.07", 1, "100", "0.5", "1.75"),  # the venue's own example
        ("0.07", 1, "10", "0.65", "0.15925"),
        ("0.25", 2, "100", "0.5", "1.5625"),  # the curve of 15-minute markets, early 2026
        # OrderFilled logs of the venue's exchanges, fills of 2026-09-24 to 2026-09-30
        ("0.05", 1, "7.575758", "0.66", "0.085"),
        ("0.05", 1, "7.042251", "0.71", "0.07249"),
        ("0.05", 1, "21.126758", "0.71", "0.21749"),
        ("0.07", 1, "1.219511", "0.82", "0.01259"),
        ("0.07", 1, "2.083334", "0.48", "0.0364"),
        ("0.05", 1, "7.57", "0.65", "0.0861"),
        ("0.05", 1, "5", "0.31", "0.05347"),
        ("0.05", 1, "21.13", "0.70", "0.22186"),
        ("0.07", 1, "5.149310", "0.971", "0.01014"),
        ("0.07", 1, "5.14", "0.965", "0.01215"),
        ("0.05", 1, "9.33", "0.55", "0.11545"),
        ("0.07", 1, "0.01", "0.01", "0"),  # under a step: nothing
        ("0", 1, "100", "0.5", "0"),
    ],
)
def test_fee_has_five_decimals(rate: str, exponent: int, shares: str, price: str, fee: str) -> None:
    pair = (int(Decimal(shares) * UNIT), int(Decimal(price) * UNIT))
    assert platform_fee(market(rate, exponent), [pair]) == Decimal(fee) * UNIT


@given(
    st.integers(1, 10**12),
    st.integers(1, 9_999).map(lambda p: p * 100),
    st.integers(0, 250_000),
    st.sampled_from([1, 2]),
)
def test_fee_is_the_exact_curve_rounded_down(
    shares: int, price: int, rate: int, exponent: int
) -> None:
    p = Decimal(price) / UNIT
    exact = Decimal(shares) / UNIT * rate / UNIT * (p * (1 - p)) ** exponent
    listed = Market("0xc", "?", "s", ("1", "2"), fee_rate=rate, fee_exponent=exponent)
    rounded = exact.quantize(Decimal("0.00001"), ROUND_DOWN)
    assert platform_fee(listed, [(shares, price)]) == rounded * UNIT
    assert platform_fee(listed, [(shares, price)]) % STEP == 0


def test_fee_is_what_the_client_reckons_with() -> None:
    """py-clob-client-v2 lowers a BUY that would not leave enough for the fee."""
    spend = adjust_buy_amount_for_fees(50, 0.5, 50, 0.07, 1, 0)
    fee = platform_fee(market("0.07"), [(100 * UNIT, UNIT // 2)])
    assert Decimal(str(50 - spend)) == Decimal(fee) / UNIT == Decimal("1.75")


# On exchange 2, in collateral


@pytest.fixture
def venue_2(mock_clob: MockClob) -> MockClob:
    mock_clob.reset(exchange=2, chain=False)
    return mock_clob


def held(venue: MockClob, index: int, asset: str = COLLATERAL) -> int:
    owner = ACCOUNTS[index].address.lower()
    return venue.call(lambda: venue.venue.ledger.balance(owner, asset))


def test_buyer_pays_on_top_and_the_operator_gets_it(venue_2: MockClob) -> None:
    with trader() as client:
        filled = client.place_limit_order(token_id=YES, price="0.52", size="100", side="BUY")
        settle(client, filled)
    fee = 1_747_200  # 100 x 0.07 x 0.52 x 0.48
    assert held(venue_2, 0) == START - 52 * UNIT - fee
    assert held(venue_2, 0, YES) == 100 * UNIT
    assert held(venue_2, OPERATOR.index) == fee


def test_seller_pays_out_of_the_proceeds(venue_2: MockClob) -> None:
    owner = ACCOUNTS[0].address.lower()

    def give() -> None:
        venue_2.venue.ledger.balances[owner, YES] = 100 * UNIT

    venue_2.call(give)
    with trader() as client:
        filled = client.place_market_order(token_id=YES, shares="100", side="SELL")
        settle(client, filled)
    fee = 1_747_200  # 100 x 0.07 x 0.48 x 0.52
    assert held(venue_2, 0) == START + 48 * UNIT - fee
    assert held(venue_2, OPERATOR.index) == fee


def test_maker_pays_nothing(venue_2: MockClob) -> None:
    with trader(0) as maker, trader(1) as taker:
        maker.place_limit_order(token_id=YES, price="0.50", size="10", side="BUY")
        filled = taker.place_limit_order(token_id=NO, price="0.50", size="10", side="BUY")
        settle(taker, filled)
    assert held(venue_2, 0) == START - 5 * UNIT
    assert held(venue_2, 1) == START - 5 * UNIT - 175_000


def test_buyer_without_money_for_the_fee_is_refused_with_the_amount(venue_2: MockClob) -> None:
    owner = ACCOUNTS[0].address.lower()

    def take() -> None:
        venue_2.venue.ledger.balances[owner, COLLATERAL] = 52 * UNIT

    venue_2.call(take)
    with trader() as client, pytest.raises(RequestRejectedError) as refused:
        client.place_limit_order(token_id=YES, price="0.52", size="100", side="BUY")
    assert "balance: 52000000, order amount: 53747200" in str(refused.value)


def test_client_that_knows_the_fee_keeps_within_its_max_spend(venue_2: MockClob) -> None:
    with trader() as client:
        filled = client.place_market_order(
            token_id=YES, amount="50", max_spend="50", max_price="0.52", side="BUY"
        )
        settle(client, filled)
    spent = START - held(venue_2, 0)
    assert 49 * UNIT < spent <= 50 * UNIT


def test_markets_tell_their_curve(venue_2: MockClob) -> None:
    def curve(condition_id: str) -> object:
        return httpx.get(f"{venue_2.url}/clob-markets/{condition_id}").json()["fd"]

    assert curve(TAXED.condition_id) == {"r": 0.07, "e": 1, "to": True}
    assert curve(listings(137)[0].market.condition_id) == {"r": 0, "e": 0, "to": True}


def test_fee_free_market_charges_nothing(venue_2: MockClob) -> None:
    free = listings(137)[1].market.token_ids[0]
    with trader() as client:
        filled = client.place_limit_order(token_id=free, price="0.32", size="10", side="BUY")
        settle(client, filled)
    assert held(venue_2, 0) == START - 3_200_000


# On exchange 1, where an order signs for its fee


def test_order_must_sign_for_the_markets_rate(
    client_of: Callable[[int], ClobClient], venue_1: MockClob
) -> None:
    alice = client_of(0)
    assert alice.get_fee_rate_bps(YES) == 1_000
    with pytest.raises(Exception, match="fee rate for the market must be 1000"):
        alice.create_order(OrderArgs(token_id=YES, price=0.4, size=10, side=BUY, fee_rate_bps=5))


def test_buyer_of_exchange_1_pays_in_shares(
    client_of: Callable[[int], ClobClient], venue_1: MockClob
) -> None:
    alice = client_of(0)
    order = alice.create_order(OrderArgs(token_id=YES, price=0.52, size=100, side=BUY))
    assert alice.post_order(order)["status"] == "matched"
    assert held(venue_1, 0) == START - 52 * UNIT
    assert held(venue_1, 0, YES) == 100 * UNIT - 3_360_000  # 1.7472 at 0.52
    assert held(venue_1, OPERATOR.index, YES) == 3_360_000


def test_seller_of_exchange_1_pays_in_collateral(
    client_of: Callable[[int], ClobClient], venue_1: MockClob
) -> None:
    alice = client_of(0)
    alice.post_order(alice.create_order(OrderArgs(token_id=YES, price=0.52, size=100, side=BUY)))
    before = held(venue_1, 0)
    alice.post_order(alice.create_order(OrderArgs(token_id=YES, price=0.48, size=50, side=SELL)))
    assert held(venue_1, 0) - before == 24 * UNIT - 873_600


# On the chain, asked without a client


@pytest.fixture(scope="module")
def whole_venue() -> Venue:
    return Venue(Options(chain=True))


async def trade(venue: Venue, token: str, side: Side, price: int) -> Trade:
    """150 shares taken from the house by account 0, settled."""
    order = unsigned_order(venue, token, side, price, 150)
    exchange = exchange_of(venue.options.exchange, token)
    made = venue.engine.place(order, exchange_contract(venue.contracts, exchange, neg_risk=False))
    assert made is not None
    venue.settlement.mode = "manual"
    venue.matched([made])
    await venue.settlement.settle()
    return made


@pytest.mark.parametrize("exchange", [1, 2, 3])
@pytest.mark.parametrize("outcome", ["Yes", "No"])
@pytest.mark.parametrize("side", list(Side))
def test_chain_and_ledger_agree_on_what_a_fee_moves(
    whole_venue: Venue, exchange: int, outcome: str, side: Side
) -> None:
    """The house rests on both sides of YES: the four are sale, mint, merge and purchase."""
    venue = whole_venue
    venue.reset(exchange=exchange)
    market = venue.engine.markets[TAXED.condition_id]
    if exchange == 3:
        market = next(m for m in venue.engine.markets.values() if is_position_id(m.token_ids[0]))
        market.fee_rate = TAXED.fee_rate
    token = market.token_ids[market.outcomes.index(outcome)]
    wallets = [HOUSE.address.lower(), ACCOUNTS[0].address.lower(), OPERATOR.address.lower()]

    async def run() -> None:
        if side is Side.SELL:
            await trade(venue, token, Side.BUY, 900_000)
            await trade(venue, token, Side.BUY, 900_000)
        made = await trade(venue, token, side, 900_000 if side is Side.BUY else 100_000)
        assert (made.status, len(made.fills) > 1, made.fee > 0) == ("CONFIRMED", True, True)
        for owner in wallets:
            for asset in (COLLATERAL, *market.token_ids):
                known = venue.ledger.balance(owner, asset)
                await venue.refresh(owner, asset)
                assert venue.ledger.balance(owner, asset) == known

    asyncio.run(run())
