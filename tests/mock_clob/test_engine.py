"""The matching engine by itself: no HTTP, no chain, no clock."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_clob.book import is_bid, yes_price
from mock_clob.engine import Engine
from mock_clob.ledger import COLLATERAL, UNLIMITED, Ledger
from mock_clob.model import (
    UNIT,
    LevelsChanged,
    Market,
    MarketAdded,
    MarketResolved,
    Order,
    OrderChanged,
    OrderType,
    Side,
    TickChanged,
    TradeStatus,
)
from mock_clob.rules import Rejected
from mock_clob.transfers import held_back, movements

YES, NO = "1", "2"
SPENDER = "0xexchange"
WALLETS = ("0xa", "0xb", "0xc")
_ids = itertools.count()


def make_engine(collateral: int = 1_000 * UNIT, shares: int = 1_000 * UNIT) -> Engine:
    ledger = Ledger()
    engine = Engine(ledger)
    engine.list_market(Market("0xc0", "?", "slug", (YES, NO)))
    for wallet in WALLETS:
        ledger.balances[wallet, COLLATERAL] = collateral
        for token in (YES, NO):
            ledger.balances[wallet, token] = shares
        ledger.allow(wallet, SPENDER, COLLATERAL, UNLIMITED)
        ledger.allow(wallet, SPENDER, YES, UNLIMITED)
    return engine


def order(
    engine: Engine,
    side: Side,
    cents: int,
    shares: int,
    *,
    token: str = YES,
    maker: str = "0xa",
    kind: OrderType = OrderType.GTC,
    post_only: bool = False,
    expires_ms: int = 0,
    budget: int | None = None,
) -> Order:
    """`shares` whole shares at `cents`; a FOK/FAK BUY spends `budget` dollars instead."""
    price, size = cents * 10_000, shares * UNIT
    cost = size * price // UNIT
    if budget is not None:
        cost, size = budget * UNIT, budget * UNIT * UNIT // price
    buy = side is Side.BUY
    return Order(
        id=f"0x{next(_ids)}",
        owner=maker,
        signer=maker,
        maker=maker,
        market=engine.markets["0xc0"],
        token_id=token,
        side=side,
        type=kind,
        price=price,
        size=size,
        maker_amount=cost if buy else size,
        taker_amount=size if buy else cost,
        created_ms=1,
        post_only=post_only,
        expires_ms=expires_ms,
    )


def place(engine: Engine, *args: object, **kwargs: object) -> Order:
    placed = order(engine, *args, **kwargs)  # type: ignore[arg-type]
    engine.place(placed, SPENDER)
    return placed


def test_buy_meets_sell_of_the_same_token_at_the_resting_price() -> None:
    engine = make_engine()
    maker = place(engine, Side.SELL, 52, 10)
    taker = place(engine, Side.BUY, 55, 10, maker="0xb")
    assert taker.status == maker.status == "MATCHED"
    assert taker.spent == maker.spent == 5_200_000


def test_two_buys_of_opposite_tokens_mint_a_pair() -> None:
    engine = make_engine()
    maker = place(engine, Side.BUY, 45, 10, token=NO)
    taker = place(engine, Side.BUY, 55, 10, token=YES, maker="0xb")
    assert (taker.spent, maker.spent) == (5_500_000, 4_500_000)


def test_two_sells_of_opposite_tokens_merge_a_pair() -> None:
    engine = make_engine()
    maker = place(engine, Side.SELL, 45, 10, token=NO)
    taker = place(engine, Side.SELL, 55, 10, token=YES, maker="0xb")
    assert (taker.spent, maker.spent) == (5_500_000, 4_500_000)


def test_best_price_is_met_first_then_the_older_order() -> None:
    engine = make_engine()
    late_best = place(engine, Side.SELL, 51, 5)
    first = place(engine, Side.SELL, 52, 5)
    second = place(engine, Side.SELL, 52, 5)
    place(engine, Side.BUY, 52, 10, maker="0xb")
    assert (late_best.matched, first.matched, second.matched) == (5 * UNIT, 5 * UNIT, 0)


def test_seller_meets_the_highest_bid_first() -> None:
    engine = make_engine()
    low, high = place(engine, Side.BUY, 47, 5), place(engine, Side.BUY, 48, 5)
    place(engine, Side.SELL, 47, 5, maker="0xb")
    assert (low.matched, high.matched) == (0, 5 * UNIT)


def test_rest_of_a_partly_filled_limit_order_stays_in_the_book() -> None:
    engine = make_engine()
    place(engine, Side.SELL, 50, 4)
    taker = place(engine, Side.BUY, 50, 10, maker="0xb")
    book = engine.books["0xc0"]
    assert book.levels(taker.market, YES, Side.BUY) == [(500_000, 6 * UNIT)]
    assert taker.status == "LIVE"


def test_no_token_sees_the_mirror_of_the_yes_book() -> None:
    engine = make_engine()
    place(engine, Side.BUY, 48, 10)
    place(engine, Side.SELL, 52, 20)
    book, market = engine.books["0xc0"], engine.markets["0xc0"]
    assert book.levels(market, NO, Side.BUY) == [(480_000, 20 * UNIT)]
    assert book.levels(market, NO, Side.SELL) == [(520_000, 10 * UNIT)]


def test_fok_with_thin_book_is_killed_and_reports_its_hash() -> None:
    engine = make_engine()
    place(engine, Side.SELL, 52, 5)
    killed = order(engine, Side.SELL, 48, 10, kind=OrderType.FOK, maker="0xb")
    with pytest.raises(Rejected, match="fully filled or killed") as refused:
        engine.place(killed, SPENDER)
    assert refused.value.order_id == killed.id
    assert killed.id not in engine.orders


def test_market_buy_spends_its_budget_to_the_unit() -> None:
    engine = make_engine()
    place(engine, Side.SELL, 67, 100)
    taker = place(engine, Side.BUY, 67, 0, kind=OrderType.FOK, maker="0xb", budget=10)
    assert taker.spent == 10 * UNIT
    assert taker.matched == 10 * UNIT * UNIT // 670_000


def test_fak_takes_what_is_there_and_drops_the_rest() -> None:
    engine = make_engine()
    place(engine, Side.SELL, 50, 5)
    taker = place(engine, Side.BUY, 50, 0, kind=OrderType.FAK, maker="0xb", budget=10)
    assert taker.matched == 5 * UNIT
    assert not engine.open


def test_fak_without_a_match_is_refused() -> None:
    engine = make_engine()
    with pytest.raises(Rejected, match="no orders found to match with FAK order"):
        place(engine, Side.BUY, 50, 0, kind=OrderType.FAK, budget=10)


def test_post_only_that_would_cross_is_refused_even_by_its_own_order() -> None:
    engine = make_engine()
    place(engine, Side.SELL, 50, 5)
    with pytest.raises(Rejected, match="post-only"):
        place(engine, Side.BUY, 50, 5, post_only=True)
    assert place(engine, Side.BUY, 49, 5, post_only=True).status == "LIVE"


def test_same_order_again_is_a_duplicate() -> None:
    engine = make_engine()
    placed = place(engine, Side.BUY, 40, 5)
    with pytest.raises(Rejected, match="Duplicated"):
        engine.place(placed, SPENDER)


def test_open_orders_hold_funds_back() -> None:
    engine = make_engine(collateral=10 * UNIT)
    place(engine, Side.BUY, 50, 15)
    with pytest.raises(Rejected, match="sum of active orders: 7500000"):
        place(engine, Side.BUY, 50, 10)


def test_cancel_gives_the_reservation_back() -> None:
    engine = make_engine(collateral=10 * UNIT)
    placed = place(engine, Side.BUY, 50, 20)
    assert engine.cancel(placed.id, 2)
    assert engine.ledger.available("0xa", COLLATERAL) == 10 * UNIT
    assert not engine.cancel(placed.id, 3)


def test_without_allowance_an_order_is_refused() -> None:
    engine = make_engine()
    engine.ledger.allow("0xa", SPENDER, COLLATERAL, 1)
    with pytest.raises(Rejected, match="the allowance is not enough"):
        place(engine, Side.BUY, 50, 10)


def test_bought_shares_cannot_be_sold_before_they_are_mined() -> None:
    engine = make_engine(shares=10 * UNIT)
    place(engine, Side.SELL, 50, 10)
    taker = order(engine, Side.BUY, 50, 10, maker="0xb")
    trade = engine.place(taker, SPENDER)
    assert trade is not None
    assert engine.ledger.available("0xb", YES) == 10 * UNIT
    engine.set_trade_status(trade, TradeStatus.MINED, 2, "0xhash")
    assert engine.ledger.available("0xb", YES) == 20 * UNIT


def test_failed_trade_moves_nothing_and_frees_what_it_held() -> None:
    engine = make_engine()
    place(engine, Side.SELL, 50, 10)
    trade = engine.place(order(engine, Side.BUY, 50, 10, maker="0xb"), SPENDER)
    assert trade is not None
    engine.set_trade_status(trade, TradeStatus.FAILED, 2)
    assert engine.ledger.available("0xb", COLLATERAL) == 1_000 * UNIT
    assert engine.ledger.available("0xa", YES) == 1_000 * UNIT


def test_order_past_its_time_is_canceled() -> None:
    engine = make_engine()
    placed = place(engine, Side.BUY, 40, 5, expires_ms=500)
    engine.expire(499)
    assert placed.status == "LIVE"
    engine.expire(500)
    assert placed.status == "CANCELED"


# The life of a market


def test_tick_change_cancels_what_is_off_the_new_tick() -> None:
    engine = make_engine()
    off, on = place(engine, Side.BUY, 43, 10), place(engine, Side.BUY, 40, 10)
    engine.drain()
    engine.change_tick(off.market, 100_000, 5)
    assert (off.status, on.status) == ("CANCELED", "LIVE")
    kinds = [type(event) for event in engine.drain()]
    assert kinds == [TickChanged, LevelsChanged, OrderChanged]


def test_resolution_cancels_closes_and_tells_the_winner() -> None:
    engine = make_engine()
    resting = place(engine, Side.BUY, 40, 10)
    market = resting.market
    engine.drain()
    engine.resolve(market, "No", 5)
    assert resting.status == "CANCELED_MARKET_RESOLVED"
    assert (market.closed, market.accepting_orders) == (True, False)
    assert engine.ledger.available("0xa", COLLATERAL) == 1_000 * UNIT
    assert engine.drain()[-1] == MarketResolved(market, NO, "No", 5)


@pytest.mark.parametrize("outcome", ["Maybe", "Yes"])
def test_resolution_happens_once_and_by_a_known_outcome(outcome: str) -> None:
    engine = make_engine()
    market = engine.markets["0xc0"]
    if outcome == "Yes":
        engine.resolve(market, "Yes", 5)
    with pytest.raises(ValueError, match=r"resolved|not in"):
        engine.resolve(market, outcome, 6)


def test_market_that_is_added_is_told() -> None:
    engine = make_engine()
    late = Market("0xc1", "?", "late", ("3", "4"))
    engine.add_market(late, 7)
    assert engine.drain() == [MarketAdded(late, 7)]
    assert engine.by_token["4"] is late


def test_wallet_that_has_less_loses_its_newest_orders() -> None:
    engine = make_engine()
    first, second = place(engine, Side.BUY, 40, 10), place(engine, Side.BUY, 30, 10)
    sold = place(engine, Side.SELL, 60, 10)
    engine.ledger.balances["0xa", COLLATERAL] = 5 * UNIT
    engine.cover("0xa", COLLATERAL, 5)
    assert (first.status, second.status) == ("LIVE", "CANCELED_NOT_ENOUGH_BALANCE")
    assert sold.status == "LIVE"


def test_trade_settles_once_whatever_it_is_told() -> None:
    engine = make_engine()
    place(engine, Side.SELL, 50, 10)
    trade = engine.place(order(engine, Side.BUY, 50, 10, maker="0xb"), SPENDER)
    assert trade
    for status in (TradeStatus.MINED, TradeStatus.RETRYING, TradeStatus.MINED):
        engine.set_trade_status(trade, status, 5)
    assert engine.ledger.balance("0xb", YES) == 1_010 * UNIT


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(("GTC", "GTC", "GTC", "FOK", "FAK", "cancel")),
        st.sampled_from(tuple(Side)),
        st.sampled_from((YES, NO)),
        st.sampled_from(WALLETS),
        st.integers(46, 54),  # few prices, so that levels meet
        st.integers(1, 60),
        st.booleans(),
    ),
    max_size=40,
)


def play(engine: Engine, actions: list[tuple[str, Side, str, str, int, int, bool]]) -> None:
    for number, (kind, side, token, wallet, cents, shares, settle) in enumerate(actions):
        if kind == "cancel":
            for placed in list(engine.open.values())[:1]:
                engine.cancel(placed.id, number)
            continue
        by_budget = side is Side.BUY and kind != "GTC"
        wanted = order(
            engine,
            side,
            cents,
            shares,
            token=token,
            maker=wallet,
            kind=OrderType(kind),
            budget=shares if by_budget else None,
        )
        try:
            trade = engine.place(wanted, SPENDER)
        except Rejected:
            continue
        if trade:
            status = TradeStatus.MINED if settle else TradeStatus.FAILED
            engine.set_trade_status(trade, status, number, "0x")


@settings(max_examples=200, deadline=None)
@given(ACTIONS)
def test_funds_and_shares_are_conserved(actions: list) -> None:  # type: ignore[type-arg]
    engine = make_engine(collateral=200 * UNIT, shares=100 * UNIT)
    play(engine, actions)
    balances = engine.ledger.balances
    totals = {a: sum(balances[w, a] for w in WALLETS) for a in (COLLATERAL, YES, NO)}
    assert totals[YES] == totals[NO]
    minted = totals[YES] - 300 * UNIT
    assert totals[COLLATERAL] == 600 * UNIT - minted
    assert min(balances.values()) >= 0
    assert not any(engine.ledger.matched.values())


@settings(max_examples=200, deadline=None)
@given(ACTIONS)
def test_book_at_rest_is_never_crossed_and_reservations_are_its_orders(actions: list) -> None:  # type: ignore[type-arg]
    engine = make_engine(collateral=200 * UNIT, shares=100 * UNIT)
    play(engine, actions)
    book = engine.books["0xc0"]
    if book.bid_prices and book.ask_prices:
        assert book.bid_prices[-1] < book.ask_prices[0]
    held: dict[tuple[str, str], int] = {}
    for placed in engine.open.values():
        asset = COLLATERAL if placed.side is Side.BUY else placed.token_id
        held[placed.maker, asset] = held.get((placed.maker, asset), 0) + held_back(placed)
    reserved = {key: value for key, value in engine.ledger.reserved.items() if value}
    assert reserved == held


@settings(max_examples=200, deadline=None)
@given(ACTIONS)
def test_nobody_trades_beyond_their_limit_and_time_priority_holds(actions: list) -> None:  # type: ignore[type-arg]
    engine = make_engine(collateral=200 * UNIT, shares=100 * UNIT)
    play(engine, actions)
    for trade in engine.trades.values():
        for fill in trade.fills:
            if fill.order.side is Side.BUY:
                assert fill.maker_collateral * UNIT <= fill.shares * fill.price + UNIT
            else:
                assert fill.maker_collateral * UNIT >= fill.shares * fill.price - UNIT
        met = [(yes_price(fill.order), fill.order.sequence) for fill in trade.fills]
        sign = 1 if is_bid(trade.taker) else -1
        assert met == sorted(met, key=lambda each: (sign * each[0], each[1]))
        assert sum(moved.given for moved in movements(trade)) > 0


@settings(max_examples=200, deadline=None)
@given(ACTIONS)
def test_book_rebuilt_from_the_events_is_the_book(actions: list) -> None:  # type: ignore[type-arg]
    engine = make_engine(collateral=200 * UNIT, shares=100 * UNIT)
    play(engine, actions)
    rebuilt: dict[tuple[str, Side], dict[int, int]] = {}
    for event in engine.drain():
        for change in getattr(event, "changes", ()):
            side = rebuilt.setdefault((change.token_id, change.side), {})
            side[change.price] = change.size
    market, book = engine.markets["0xc0"], engine.books["0xc0"]
    for token, way in itertools.product((YES, NO), Side):
        levels = {p: s for p, s in rebuilt.get((token, way), {}).items() if s}
        assert levels == dict(book.levels(market, token, way))
