"""Makers and takers by the venue's clock: the same under the same seed, fast or slow, for ever."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.sync.client import connect

from mock_clob import flow, wire
from mock_clob.accounts import ACCOUNTS
from mock_clob.engine import Engine
from mock_clob.ledger import COLLATERAL
from mock_clob.model import (
    UNIT,
    Event,
    LevelsChanged,
    MarketAdded,
    MarketResolved,
    Order,
    OrderChanged,
    OrderType,
    Side,
    TickChanged,
    Trade,
    TradeChanged,
    Traded,
    TradeStatus,
)
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED, HOUSE
from mock_clob.scenarios import SCENARIOS
from mock_clob.signed_order import exchange_contract
from mock_clob.venue import Options, Venue

YES, NO = DOCUMENTED.token_ids
ALICE = ACCOUNTS[0].address.lower()


class Recorded:
    """A venue without a server whose clock stands still until it is moved, and its events."""

    def __init__(self, **options: Any) -> None:
        self.venue = Venue(Options(chain=False, **options))
        self.start = self.venue.flow.start_ms
        self.venue.clock.freeze(self.start + 900)  # later than now, and the same for every run
        self.events: list[Any] = []
        drain = self.venue.engine.drain

        def record() -> list[Event]:
            events = drain()
            self.events += [self.plain(event) for event in events]
            return events

        self.venue.engine.drain = record  # type: ignore[method-assign]

    def plain(self, event: Event) -> Any:
        """What makes an event, without what changes later."""
        name, after = type(event).__name__, event.at_ms - self.start
        match event:
            case LevelsChanged():
                return name, after, event.market.slug, event.changes
            case Traded():
                trade = event.trade
                return name, after, trade.id, trade.taker.id, trade.shares, trade.price
            case OrderChanged():
                return name, after, event.order.id, event.kind, event.order.price, event.reason
            case TradeChanged():
                return name, after, event.trade.id, event.status
            case TickChanged():
                return name, after, event.market.slug, event.old, event.new
            case MarketAdded():
                return name, after, event.market.slug
            case MarketResolved():
                return name, after, event.market.slug, event.winning_outcome

    def books(self) -> dict[str, Any]:
        engine = self.venue.engine
        books = {token: wire.book(engine, token, 0) for token in engine.by_token}
        return {token: (book["bids"], book["asks"]) for token, book in books.items()}


@pytest.mark.parametrize("name", ["busy", "eventful", "fees"])
def test_two_runs_of_one_seed_are_the_same_however_the_clock_moves(name: str) -> None:
    jumped, walked = Recorded(scenario=name, seed=7), Recorded(scenario=name, seed=7)
    jumped.venue.advance(240)
    for _ in range(960):
        walked.venue.advance(0.25)
    assert len(jumped.events) > 1_000
    assert walked.events == jumped.events
    assert walked.books() == jumped.books()


def test_another_seed_is_another_story() -> None:
    one, other = Recorded(scenario="busy", seed=1), Recorded(scenario="busy", seed=2)
    for each in (one, other):
        each.venue.advance(30)
    prices = [
        [event[4] for event in run.events if event[0] == "OrderChanged"] for run in (one, other)
    ]
    assert prices[0] != prices[1]


def test_reset_tells_the_same_story_again() -> None:
    venue = Venue(Options(chain=False, scenario="busy", seed=3))

    def story() -> list[tuple[str, int, int]]:
        start = venue.flow.start_ms
        venue.clock.freeze(start + 900)
        venue.advance(20)
        trades = venue.engine.trades.values()
        return [(trade.id, trade.price, trade.matched_ms - start) for trade in trades]

    first = story()
    venue.reset()
    assert len(first) > 20
    assert story() == first


def total(engine: Engine, asset: str) -> int:
    return sum(units for (_, kept), units in engine.ledger.balances.items() if kept == asset)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    name=st.sampled_from(["busy", "fees", "eventful"]),
    jumps=st.lists(st.sampled_from([0.1, 1, 7, 60]), min_size=1, max_size=8),
)
def test_flow_conserves_funds_and_never_crosses_a_book(
    seed: int, name: str, jumps: list[float]
) -> None:
    venue = Venue(Options(chain=False, scenario=name, seed=seed))
    venue.clock.freeze()
    engine = venue.engine
    assets = (COLLATERAL, *engine.by_token)
    before = {asset: total(engine, asset) for asset in assets}
    for jump in jumps:
        venue.advance(jump)
        assert {asset: total(engine, asset) for asset in assets} == before
        for book in engine.books.values():
            if book.bids and book.asks:
                assert book.bid_prices[-1] < book.ask_prices[0]
        house = HOUSE.address.lower()
        assert all(engine.ledger.available(house, asset) > 0 for asset in assets)
    assert venue.flow.refused == 0


def test_orders_are_such_as_the_venue_takes() -> None:
    run = Recorded(scenario="eventful", seed=5)
    run.venue.advance(179)
    assert run.venue.engine.orders
    for order in run.venue.engine.orders.values():
        market = order.market
        if market.tick == 10_000:
            assert order.price % market.tick == 0
        assert order.size >= market.min_size
        assert 0 < order.price < UNIT
        shares, dollars = order.taker_amount, order.maker_amount
        if order.side is Side.SELL:
            shares, dollars = dollars, shares
        assert dollars * UNIT == order.price * shares  # exact: no rounding is hidden
        if order.type is OrderType.FAK:
            assert shares % 10_000 == dollars % 10_000 == 0  # two decimals


def test_long_flow_keeps_memory_bounded() -> None:
    run = Recorded(scenario="busy", seed=1)
    venue = run.venue
    sizes = []
    for _ in range(3):
        for _ in range(20):
            venue.advance(60)
            run.events.clear()
        engine = venue.engine
        sizes.append((len(engine.orders), len(engine.trades)))
        assert len(engine.open) <= len(engine.markets) * (flow.RESTING + 6)
        assert not engine.events
    resting = len(venue.engine.open)
    assert sizes[0][0] <= flow.KEPT + resting + 100
    assert max(size for _, size in sizes) <= flow.KEPT + 10 * 60
    assert max(size for size, _ in sizes) - min(size for size, _ in sizes) < 200


def test_market_that_reaches_the_edge_gets_a_finer_tick_once() -> None:
    run = Recorded(scenario="tick-change")
    run.venue.advance(120)
    changes = [event for event in run.events if event[0] == "TickChanged"]
    assert [change[2:] for change in changes] == [("documented-market", 10_000, 1_000)]
    late = [event for event in run.events if event[0] == "OrderChanged" and event[1] > 100_000]
    assert any(price % 10_000 for *_, price, _ in late)  # quotes use it


def test_neg_risk_event_resolves_to_one_winner() -> None:
    run = Recorded(scenario="neg-risk")
    run.venue.advance(119)
    assert Counter(event[0] for event in run.events)["Traded"] > 50
    assert not any(event[0] == "MarketResolved" for event in run.events)
    run.venue.advance(3)
    resolved = [event[1:] for event in run.events if event[0] == "MarketResolved"]
    assert resolved == [
        (120_000, "winner-b", "No"),
        (120_000, "winner-c", "No"),
        (121_000, "winner-a", "Yes"),
    ]
    open_now = {order.market.slug for order in run.venue.engine.open.values()}
    assert not open_now & {"winner-a", "winner-b", "winner-c"}
    count = len(run.events)
    run.venue.advance(60)
    assert {event[0] for event in run.events[count:]} <= {"TradeChanged"}  # nothing trades any more


def test_resolution_ends_trading_and_names_the_winner() -> None:
    run = Recorded(scenario="resolution")
    run.venue.advance(120)
    market = run.venue.engine.by_token[YES]
    assert (market.closed, market.winning_token_id) == (True, YES)
    assert not run.venue.engine.books[market.condition_id].bids


def test_listed_market_trades_from_then_on() -> None:
    run = Recorded(scenario="new-market")
    engine = run.venue.engine
    assert "late-market" not in {market.slug for market in engine.markets.values()}
    run.venue.advance(60)
    [added] = [event for event in run.events if event[0] == "MarketAdded"]
    assert added[1:] == (30_000, "late-market")
    assert any(trade.taker.market.slug == "late-market" for trade in engine.trades.values())


def test_house_without_funds_places_nothing_and_goes_on() -> None:
    run = Recorded(scenario="busy")
    engine, house = run.venue.engine, HOUSE.address.lower()
    for asset in (COLLATERAL, *engine.by_token):
        engine.ledger.balances[house, asset] = 0
    run.venue.advance(30)
    assert run.venue.flow.refused > 50
    assert not engine.trades
    assert all(units >= 0 for units in engine.ledger.balances.values())


def test_house_trades_are_settled_by_the_clock() -> None:
    run = Recorded(scenario="busy")
    run.venue.advance(30)
    trade_id = next(event[2] for event in run.events if event[0] == "Traded")
    ways = [event for event in run.events if event[0] == "TradeChanged" and event[2] == trade_id]
    assert [way[3] for way in ways] == ["MATCHED", "MINED", "CONFIRMED"]
    assert [way[1] - ways[0][1] for way in ways] == [0, flow.MINED_MS, flow.CONFIRMED_MS]
    assert run.venue.engine.trades[trade_id].transaction_hash.startswith("0x00000000")


@pytest.mark.parametrize(("options", "moves"), [({}, False), ({"flow": 5}, True)], ids=str)
def test_default_scenario_stands_still_unless_a_flow_is_asked_for(
    options: dict[str, Any], moves: bool
) -> None:
    run = Recorded(**options)
    run.venue.advance(600)
    assert bool(run.events) is moves


def test_scenario_can_be_had_without_its_flow() -> None:
    run = Recorded(scenario="neg-risk", flow=0)
    run.venue.advance(300)
    assert {event[0] for event in run.events} == {
        "MarketResolved",
        "OrderChanged",
        "LevelsChanged",
    }


# With users


@pytest.fixture
def busy(mock_clob: MockClob) -> MockClob:
    mock_clob.reset(chain=False, scenario="busy", seed=4)
    mock_clob.call(mock_clob.venue.clock.freeze)
    return mock_clob


def rest(
    clob: MockClob, side: Side, cents: int, token: str, seconds: float = 0
) -> Callable[[], Order]:
    """A resting order of the first account, better than the house's. It may expire."""
    venue, market = clob.venue, clob.venue.engine.by_token[token]
    price, size = cents * 10_000, 50 * UNIT
    cost = price * 50

    def place() -> Order:
        now = venue.clock.now_ms()
        order = Order(
            id=f"0x{cents:064x}",
            owner="alice",
            signer=ALICE,
            maker=ALICE,
            market=market,
            token_id=token,
            side=side,
            type=OrderType.GTC,
            price=price,
            size=size,
            maker_amount=cost if side is Side.BUY else size,
            taker_amount=size if side is Side.BUY else cost,
            created_ms=now,
            expires_ms=now + round(seconds * 1000) if seconds else 0,
        )
        contract = exchange_contract(venue.contracts, venue.options.exchange, market.neg_risk)
        trade = venue.engine.place(order, contract)
        venue.matched([trade] if trade else [])
        return order

    return place


def until(clob: MockClob, condition: Callable[[], bool], seconds: float = 0.5) -> None:
    for _ in range(400):
        if clob.call(condition):
            return
        clob.advance(seconds)
    raise AssertionError("it never happened")


@pytest.mark.parametrize(
    ("side", "cents", "token"),
    [
        (Side.BUY, 50, YES),
        (Side.SELL, 51, YES),
        (Side.BUY, 50, NO),
        (Side.SELL, 51, NO),
    ],
    ids=["buy-yes", "sell-yes", "buy-no", "sell-no"],
)
def test_users_order_is_filled_by_the_flow_and_settled(
    busy: MockClob, side: Side, cents: int, token: str
) -> None:
    order = busy.call(rest(busy, side, cents, token))
    until(busy, lambda: not order.remaining)

    def settled() -> bool:
        trades = [busy.venue.engine.trades[each] for each in order.trade_ids]
        return all(trade.status is TradeStatus.CONFIRMED for trade in trades)

    until(busy, settled, seconds=0)
    change = 50 * UNIT if side is Side.BUY else -50 * UNIT
    held = busy.call(lambda: busy.venue.ledger.balance(ALICE, token))
    assert held == 100 * UNIT + change


def test_books_rebuilt_from_the_stream_are_those_that_rest_serves(busy: MockClob) -> None:
    tokens = busy.call(lambda: list(busy.venue.engine.by_token))
    sides: dict[tuple[str, str], dict[str, str]] = {}

    def apply(event: Any) -> None:
        if event["event_type"] == "book":
            for side, name in (("BUY", "bids"), ("SELL", "asks")):
                levels = {level["price"]: level["size"] for level in event[name]}
                assert sides.setdefault((event["asset_id"], side), levels) == levels
        for change in event.get("price_changes", ()):
            levels = sides[change["asset_id"], change["side"]]
            levels.pop(change["price"], None)
            if change["size"] != "0":
                levels[change["price"]] = change["size"]

    with connect(f"{busy.ws_url}/ws/market", proxy=None, ping_interval=None) as socket:
        socket.send(json.dumps({"type": "market", "assets_ids": tokens}))
        for _ in range(120):
            busy.advance(0.5)
        socket.send("PING")
        while (text := socket.recv(5)) != "PONG":
            apply(json.loads(text))
    for token in tokens:
        book = httpx.get(f"{busy.url}/book", params={"token_id": token}).json()
        for side, name in (("BUY", "bids"), ("SELL", "asks")):
            assert sides[token, side] == {each["price"]: each["size"] for each in book[name]}


def test_order_that_expires_within_a_jump_is_not_filled_after_it(busy: MockClob) -> None:
    order = busy.call(rest(busy, Side.BUY, 50, YES, seconds=0.5))
    busy.advance(60)
    assert (order.status, order.matched) == ("CANCELED", 0)


def test_flow_meets_users_in_both_outcomes(busy: MockClob) -> None:
    """A maker's order is filled as itself and by its mirror: the other token's trade."""
    met: Counter[bool] = Counter()
    for cents in (50, 51, 52, 53, 49, 48):
        placed = busy.call(rest(busy, Side.BUY, cents, YES))
        for _ in range(40):
            busy.advance(0.5)
        trades: list[Trade] = [
            trade
            for trade in busy.call(lambda: list(busy.venue.engine.trades.values()))
            if any(fill.order is placed for fill in trade.fills)
        ]
        met.update(trade.taker.token_id == placed.token_id for trade in trades)
    assert set(met) == {True, False}


def test_flow_with_a_chain_settles_users_trades_on_it(mock_clob: MockClob) -> None:
    mock_clob.reset(scenario="busy", seed=4)
    order = mock_clob.call(rest(mock_clob, Side.BUY, 50, YES))
    until(mock_clob, lambda: not order.remaining)
    venue = mock_clob.venue

    def confirmed() -> bool:
        trades = [venue.engine.trades[each] for each in order.trade_ids]
        return all(trade.status is TradeStatus.CONFIRMED for trade in trades)

    until(mock_clob, confirmed, seconds=0.01)
    chain = venue.chain
    assert chain is not None

    async def on_chain() -> int:
        return await venue.on_chain(chain.position_balance, ALICE, int(YES))

    loop = mock_clob.call(asyncio.get_running_loop)
    assert asyncio.run_coroutine_threadsafe(on_chain(), loop).result() == 150 * UNIT


# Options


@pytest.mark.parametrize(
    "options", [{"scenario": "nonesuch"}, {"flow": -1}], ids=lambda each: str(each)
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"nonesuch|negative"):
        Options(**options)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_loads_and_runs(name: str) -> None:
    run = Recorded(scenario=name)
    run.venue.advance(200)
    moves = bool(SCENARIOS[name].steps_a_second)
    assert bool(run.events) is moves
