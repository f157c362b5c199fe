"""Markets that hold takers back: delayed, then matched, killed or resting, by the clock."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, OrderType
from py_clob_client.exceptions import PolyApiException
from py_clob_client.order_builder.constants import BUY

from mock_clob.accounts import ACCOUNTS
from mock_clob.ledger import COLLATERAL
from mock_clob.model import UNIT, Side, Trade
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED, HOUSE
from mock_clob.venue import Options, Venue
from tests.mock_clob.trade_on_2 import trader
from tests.mock_clob.unsigned import unsigned_order

YES = DOCUMENTED.token_ids[0]
CID = DOCUMENTED.condition_id


@pytest.fixture
def slow(venue_1: MockClob) -> MockClob:
    """The documented market with a delay of 3 s, on a clock that stands still."""

    def change() -> None:
        venue_1.venue.clock.freeze()
        venue_1.venue.engine.markets[CID].taker_delay_ms = 3_000

    venue_1.call(change)
    return venue_1


def post(
    client: ClobClient, price: float, size: float = 10, side: str = BUY, kind: str = "GTC"
) -> dict[str, Any]:
    order = client.create_order(OrderArgs(token_id=YES, price=price, size=size, side=side))
    answer: dict[str, Any] = client.post_order(order, kind)
    return answer


def pull_quotes(venue: MockClob) -> None:
    def pull() -> None:
        engine = venue.venue.engine
        for order in list(engine.open.values()):
            if order.maker == HOUSE.address.lower() and order.market.condition_id == CID:
                engine.cancel(order.id, venue.venue.clock.now_ms())

    venue.call(pull)


def test_marketable_order_is_delayed_then_matched(alice: ClobClient, slow: MockClob) -> None:
    placed = post(alice, 0.52)
    assert (placed["status"], placed["takingAmount"]) == ("delayed", "0")
    assert "tradeIDs" not in placed
    assert alice.get_order(placed["orderID"])["status"] == "DELAYED"
    slow.advance(2.9)
    assert alice.get_trades() == []
    slow.advance(0.1)
    [trade] = alice.get_trades()
    assert (trade["taker_order_id"], trade["price"]) == (placed["orderID"], "0.52")
    assert alice.get_order(placed["orderID"]) is None


def test_resting_and_post_only_orders_are_not_delayed(alice: ClobClient, slow: MockClob) -> None:
    assert post(alice, 0.4)["status"] == "live"
    order = alice.create_order(OrderArgs(token_id=YES, price=0.6, size=10, side=BUY))
    with pytest.raises(PolyApiException, match="order crosses book"):
        alice.post_order(order, OrderType.GTC, post_only=True)


def test_delayed_order_cannot_be_canceled(alice: ClobClient, slow: MockClob) -> None:
    order_id = post(alice, 0.52)["orderID"]
    answer = alice.cancel(order_id)
    assert answer["canceled"] == []
    assert "delayed" in answer["not_canceled"][order_id]
    assert alice.cancel_all()["canceled"] == []
    slow.advance(3)
    assert len(alice.get_trades()) == 1


def test_delayed_order_whose_match_is_gone_rests_as_unmatched(
    alice: ClobClient, bob: ClobClient, slow: MockClob
) -> None:
    order_id = post(alice, 0.52)["orderID"]
    pull_quotes(slow)
    slow.advance(3)
    assert alice.get_order(order_id)["status"] == "UNMATCHED"
    assert alice.get_order_book(YES).bids[-1].price == "0.52"
    post(bob, 0.48, side=BUY)  # below: rests
    assert alice.cancel(order_id)["canceled"] == [order_id]


def test_delayed_order_of_a_part_rests_with_what_is_left(alice: ClobClient, slow: MockClob) -> None:
    order_id = post(alice, 0.52, size=150)["orderID"]
    slow.advance(3)
    left = alice.get_order(order_id)
    assert (left["status"], left["size_matched"], left["original_size"]) == ("LIVE", "100", "150")


@pytest.mark.parametrize("kind", [OrderType.FOK, OrderType.FAK])
def test_delayed_market_order_is_killed_when_its_match_is_gone(
    alice: ClobClient, slow: MockClob, kind: str
) -> None:
    order_id = post(alice, 0.52, kind=kind)["orderID"]
    pull_quotes(slow)
    slow.advance(3)
    assert alice.get_order(order_id) is None
    assert alice.get_trades() == []
    owner = ACCOUNTS[0].address.lower()
    assert slow.call(lambda: slow.venue.ledger.reserved[owner, COLLATERAL]) == 0


def test_funds_of_a_delayed_order_are_reserved(alice: ClobClient, slow: MockClob) -> None:
    owner = ACCOUNTS[0].address.lower()

    def leave_six_dollars() -> None:
        slow.venue.ledger.balances[owner, COLLATERAL] = 6 * UNIT

    slow.call(leave_six_dollars)
    post(alice, 0.52)
    with pytest.raises(PolyApiException, match="sum of active orders: 5200000"):
        post(alice, 0.4)


def test_delayed_order_again_is_a_duplicate(alice: ClobClient, slow: MockClob) -> None:
    order = alice.create_order(OrderArgs(token_id=YES, price=0.52, size=10, side=BUY))
    assert alice.post_order(order)["status"] == "delayed"
    with pytest.raises(PolyApiException, match="Duplicated"):
        alice.post_order(order)


def test_delayed_orders_meet_the_book_in_order_of_arrival(
    alice: ClobClient, bob: ClobClient, slow: MockClob
) -> None:
    first = post(alice, 0.52, size=60)["orderID"]
    second = post(bob, 0.52, size=60)["orderID"]
    slow.advance(3)
    assert [trade["size"] for trade in alice.get_trades()] == ["60"]
    assert [trade["size"] for trade in bob.get_trades()] == ["40"]
    assert alice.get_order(first) is None
    assert bob.get_order(second)["size_matched"] == "40"


def test_resolution_drops_a_delayed_order(alice: ClobClient, slow: MockClob) -> None:
    order_id = post(alice, 0.52)["orderID"]

    def resolve() -> None:
        engine = slow.venue.engine
        engine.resolve(engine.markets[CID], "Yes", slow.venue.clock.now_ms())

    slow.call(resolve)
    slow.advance(3)
    assert alice.get_order(order_id) is None
    assert alice.get_trades() == []


def test_markets_tell_their_delay(alice: ClobClient, slow: MockClob) -> None:
    assert alice.get_market(CID)["seconds_delay"] == 3


def test_delay_of_milliseconds_needs_no_tick(mock_clob: MockClob) -> None:
    """By the running clock, on exchange 2: the client waits for its own trade."""
    mock_clob.reset(exchange=2, chain=False)

    def change() -> None:
        mock_clob.venue.engine.markets[CID].taker_delay_ms = 250

    mock_clob.call(change)
    told = httpx.get(f"{mock_clob.url}/clob-markets/{CID}").json()
    assert told["itode"] is True
    with trader() as client:
        placed = client.place_limit_order(token_id=YES, price="0.52", size="10", side="BUY")
        assert placed.ok
        assert (placed.status, placed.trade_ids) == ("delayed", ())
        mock_clob.advance(0.25)
        [page] = list(client.list_account_trades())
    assert [trade.taker_order_id for trade in page.items] == [placed.order_id]


def test_running_clock_releases_on_time() -> None:
    async def run() -> Trade:
        venue = Venue(Options(chain=False))
        venue.engine.markets[CID].taker_delay_ms = 20
        order = unsigned_order(venue, YES, Side.SELL, 480_000, 10)
        assert venue.engine.place(order, venue.contracts.exchange_v2) is None
        venue.delays.watch()
        while venue.engine.delayed:
            await asyncio.sleep(0.001)
        [trade] = venue.engine.trades.values()
        return trade

    trade = asyncio.run(asyncio.wait_for(run(), 5))
    assert trade.matched_ms - trade.taker.created_ms == 20
