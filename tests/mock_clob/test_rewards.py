"""Liquidity rewards and rebates: the published formula by hand, and what makers see of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs, OrderScoringParams
from py_clob_client.order_builder.constants import BUY, SELL

from mock_clob.accounts import ACCOUNTS
from mock_clob.model import UNIT, Market
from mock_clob.pytest_plugin import MockClob
from mock_clob.rewards import MINUTES_A_DAY, Program, Rewards, day
from mock_clob.scenario import DOCUMENTED

YES, NO = DOCUMENTED.token_ids
ALICE, HOUSE = ACCOUNTS[0].address.lower(), ACCOUNTS[8].address.lower()


@pytest.fixture
def rewards(venue_1: MockClob) -> Rewards:
    return venue_1.venue.rewards


def documented(venue: MockClob) -> Market:
    return venue.venue.engine.by_token[YES]


def rest(
    client: ClobClient, price: float, size: float = 100, side: str = BUY, token: str = YES
) -> str:
    placed = client.create_and_post_order(OrderArgs(token, price, size, side))
    assert placed["status"] == "live"
    return str(placed["orderID"])


def shares(venue: MockClob) -> dict[str, tuple[int, int]]:
    return venue.call(lambda: venue.venue.rewards.shares(documented(venue)))


# The formula: the house rests 100 at 2 cents and 200 at 3 cents from 0.50, on both sides; the
# spread that counts is 3.5 cents, so the house scores 100 * (1.5/3.5)^2 + 200 * (0.5/3.5)^2.

HOUSE_SCORE = 100 * UNIT * 15**2 // 35**2 + 200 * UNIT * 5**2 // 35**2


def test_house_alone_has_all_of_it(venue_1: MockClob) -> None:
    assert shares(venue_1) == {HOUSE: (3 * HOUSE_SCORE, 3 * HOUSE_SCORE)}


def test_both_sides_count_three_times_what_one_does(alice: ClobClient, venue_1: MockClob) -> None:
    rest(alice, 0.49)  # moves the middle to 0.505
    alone, _ = shares(venue_1)[ALICE]
    assert alone == 100 * UNIT * 20**2 // 35**2
    rest(alice, 0.51, side=SELL)  # and back
    both, _ = shares(venue_1)[ALICE]
    assert both == 3 * (100 * UNIT * 25**2 // 35**2)


def test_bid_on_no_stands_on_the_side_of_asks_on_yes(alice: ClobClient, venue_1: MockClob) -> None:
    rest(alice, 0.49)
    rest(alice, 0.49, token=NO)  # 0.51 for YES
    both, _ = shares(venue_1)[ALICE]
    assert both == 3 * (100 * UNIT * 25**2 // 35**2)


def test_near_certainty_one_side_alone_earns_nothing(
    alice: ClobClient, rewards: Rewards, venue_1: MockClob
) -> None:
    market = next(m for m in rewards.engine.markets.values() if m.slug == "winner-c")
    venue_1.call(
        lambda: rewards.programs.__setitem__(
            market.condition_id, Program(50 * UNIT, 20 * UNIT, 200_000)
        )
    )
    rest(alice, 0.16, token=market.token_ids[0])

    def made() -> bool:
        return ALICE in rewards.shares(market)

    assert venue_1.call(made)  # the middle is 0.165
    for order in [o for o in rewards.engine.open.values() if o.market is market]:
        if order.signer == HOUSE and order.side == "BUY":
            venue_1.call(lambda order=order: rewards.engine.cancel(order.id, 0))  # type: ignore[misc]
    rest(alice, 0.02, token=market.token_ids[0])
    alice.cancel_orders([o.id for o in rewards.engine.open.values() if o.price == 160_000])
    assert not venue_1.call(made)  # now 0.095


@pytest.mark.parametrize(
    ("price", "size", "scores"), [(0.49, 100, True), (0.49, 19, False), (0.45, 100, False)]
)
def test_order_scores_if_it_is_large_and_near(
    alice: ClobClient, price: float, size: float, scores: bool
) -> None:
    asked = OrderScoringParams(orderId=rest(alice, price, size))
    assert alice.is_order_scoring(asked) == {"scoring": scores}


def test_order_of_another_market_user_or_past_does_not_score(
    alice: ClobClient, bob: ClobClient
) -> None:
    order_id = rest(alice, 0.49)
    assert bob.is_order_scoring(OrderScoringParams(orderId=order_id)) == {"scoring": False}
    alice.cancel(order_id)
    assert alice.is_order_scoring(OrderScoringParams(orderId=order_id)) == {"scoring": False}
    assert alice.is_order_scoring(OrderScoringParams(orderId="0x1")) == {"scoring": False}


def test_book_without_large_orders_on_both_sides_pays_nobody(
    rewards: Rewards, venue_1: MockClob
) -> None:
    def cancel_the_asks() -> None:
        for order in [o for o in rewards.engine.open.values() if o.side == "SELL"]:
            rewards.engine.cancel(order.id, 0)

    venue_1.call(cancel_the_asks)
    assert shares(venue_1) == {}


# What is paid


def test_makers_share_the_rate_of_each_whole_minute(
    alice: ClobClient, rewards: Rewards, venue_1: MockClob
) -> None:
    rest(alice, 0.49)
    rest(alice, 0.51, side=SELL)
    score, total = shares(venue_1)[ALICE]
    begin = rewards.now_ms

    def look() -> None:
        rewards.look(begin + 59_999)
        rewards.look(begin + 10 * 60_000 + 1)

    venue_1.call(look)
    [earned] = rewards.earnings(day(rewards.now_ms), ALICE)
    assert earned.amount == 50 * UNIT * 10 * score // (MINUTES_A_DAY * total)


def test_part_of_a_minute_counts_for_the_next(rewards: Rewards, venue_1: MockClob) -> None:
    begin = rewards.now_ms

    def look() -> None:
        rewards.look(begin + 90_000)
        rewards.look(begin + 120_000)

    venue_1.call(look)
    days = {day(begin + 60_000), day(begin + 120_000)}
    paid = sum(earned.amount for on in days for earned in rewards.earnings(on, HOUSE))
    assert paid == 2 * (50 * UNIT // MINUTES_A_DAY)


def test_market_that_closes_pays_no_more(rewards: Rewards, venue_1: MockClob) -> None:
    def close() -> None:
        rewards.engine.resolve(documented(venue_1), "Yes", 0)
        rewards.look(rewards.now_ms + 600_000)

    venue_1.call(close)
    assert rewards.earnings(day(rewards.now_ms), HOUSE) == []


def test_sampling_markets_are_those_that_pay(
    alice: ClobClient, rewards: Rewards, venue_1: MockClob
) -> None:
    fine = next(m for m in rewards.engine.markets.values() if m.slug == "fine-tick")
    venue_1.call(
        lambda: rewards.programs.__setitem__(fine.condition_id, Program(UNIT, UNIT, 10_000))
    )
    found = alice.get_sampling_markets()["data"]
    assert [market["condition_id"] for market in found] == [
        DOCUMENTED.condition_id,
        fine.condition_id,
    ]
    assert [market["rewards"]["max_spread"] for market in found] == [3.5, 1]


def test_markets_tell_of_their_rewards(alice: ClobClient) -> None:
    rewards = alice.get_market(DOCUMENTED.condition_id)["rewards"]
    assert (rewards["min_size"], rewards["rates"][0]["rewards_daily_rate"]) == (20, 50)
    others = [m for m in alice.get_markets()["data"] if m["rewards"]["rates"] is None]
    assert len(others) == len(alice.get_markets()["data"]) - 1


# Refusals


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/rewards/markets/multi?order_by=luck", "Invalid rewards params payload"),
        ("/rewards/markets/multi?position=UP", "Invalid rewards params payload"),
        ("/rewards/markets/multi?min_spread=x", "Invalid rewards params payload"),
        ("/rewards/markets/multi?max_price=-1", "Invalid rewards params payload"),
        ("/rewards/markets/multi?page_size=0", "Invalid page_size, expected 1 to 500"),
        ("/rewards/markets/multi?page_size=501", "Invalid page_size, expected 1 to 500"),
        ("/rewards/markets/current?next_cursor=!", "error decoding cursor"),
        ("/rebates/current?date=2026-13-01&maker_address=0x", "Invalid date, expected YYYY-MM-DD"),
        ("/rebates/current?date=2026-11-01&maker_address=0x", "Invalid maker_address"),
        ("/rebates/current?date=20261101", "Invalid date, expected YYYY-MM-DD"),
    ],
)
def test_malformed_question_is_refused(venue_1: MockClob, path: str, error: str) -> None:
    answer = httpx.get(f"{venue_1.url}{path}")
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1),
        ("?q=DOCUMENTED", 1),
        ("?q=rain", 0),
        ("?tag_slug=demo", 1),
        ("?tag_slug=soccer", 0),
        ("?event_title=documented", 1),
        ("?event_title=rain", 0),
        ("?min_spread=0.05", 0),
        ("?max_price=0.5", 1),
        ("?min_volume_24hr=1", 0),
        ("?market_id=99", 0),
    ],
)
def test_rewarded_markets_are_found_by_what_is_asked(
    venue_1: MockClob, query: str, count: int
) -> None:
    answer: Any = httpx.get(f"{venue_1.url}/rewards/markets/multi{query}").json()
    assert len(answer["data"]) == count


def test_earnings_are_private(venue_1: MockClob, client_of: Callable[[int], ClobClient]) -> None:
    for path in ("user", "user/total", "user/percentages", "user/markets"):
        answer = httpx.get(f"{venue_1.url}/rewards/{path}?date=2026-11-01")
        assert answer.status_code == 401
