"""py-clob-client-v2 1.2.1: every method once, as its examples call it, on exchange 2."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from py_clob_client_v2 import (
    AssetType,
    BalanceAllowanceParams,
    BookParams,
    BuilderConfig,
    BuilderTradeParams,
    ClobClient,
    DropNotificationParams,
    MarketOrderArgs,
    OpenOrderParams,
    OrderArgs,
    OrderMarketCancelParams,
    OrderPayload,
    OrderScoringParams,
    OrdersScoringParams,
    OrderType,
    PartialCreateOrderOptions,
    PostOrdersV2Args,
    PricesHistoryParams,
    Side,
    TradeParams,
)
from py_clob_client_v2.exceptions import PolyException

from tests.mock_clob.every_method.world import ALICE, CONDITION, NO, YES, World

BOTH = [BookParams(token_id=YES, side=Side.BUY), BookParams(token_id=NO, side=Side.SELL)]
CODE = "0x" + "ab" * 32
OPTIONS = PartialCreateOrderOptions(tick_size="0.01")


def _bid(w: World, price: float = 0.4, size: float = 100) -> Any:
    args = OrderArgs(token_id=YES, price=price, size=size, side=Side.BUY)
    return w.alice.create_and_post_order(args, options=OPTIONS)["orderID"]


def _buy(w: World, client: Any = None) -> Any:
    """A trade: 5.20 dollars of YES at the best ask."""
    args = MarketOrderArgs(token_id=YES, amount=5.2, side=Side.BUY, order_type=OrderType.FOK)
    return (client or w.alice).create_and_post_market_order(args, OPTIONS, OrderType.FOK)


def _stranger(w: World) -> ClobClient:
    return ClobClient(host=w.venue.url, chain_id=137)


def _today(w: World) -> str:
    return datetime.fromtimestamp(w.venue.venue.clock.now(), UTC).date().isoformat()


def _an_hour_later(w: World) -> ClobClient:
    """Alice when the venue's clock has moved on: she signs with its time, not with her own."""
    w.venue.advance(3_600)
    return ClobClient(
        host=w.venue.url, chain_id=137, key=ALICE.key, creds=w.alice.creds, use_server_time=True
    )


def _quote_both_sides(w: World) -> None:
    """Alice makes the tightest market, so that she earns rewards."""
    _bid(w, 0.49, 100)
    ask = OrderArgs(token_id=YES, price=0.51, size=100, side=Side.SELL)
    w.alice.create_and_post_order(ask, options=OPTIONS)


# What needs no venue


def get_address(w: World) -> None:
    assert w.alice.get_address() == ALICE.address


def assert_level_1_auth(w: World) -> None:
    w.alice.assert_level_1_auth()
    with pytest.raises(PolyException):
        _stranger(w).assert_level_1_auth()


def assert_level_2_auth(w: World) -> None:
    w.alice.assert_level_2_auth()
    with pytest.raises(PolyException):
        _stranger(w).assert_level_2_auth()


def set_api_creds(w: World) -> None:
    fresh = ClobClient(host=w.venue.url, chain_id=137, key=ALICE.key)
    fresh.set_api_creds(w.alice.creds)
    assert fresh.get_api_keys() == w.alice.get_api_keys()


def get_order_book_hash(w: World) -> None:
    book = w.alice.get_order_book(YES)
    assert w.alice.get_order_book_hash(book) == book["hash"]


def create_order(w: World) -> None:
    args = OrderArgs(token_id=YES, price=0.5, size=10, side=Side.BUY)
    signed = w.alice.create_order(args, OPTIONS)
    assert (signed.makerAmount, signed.takerAmount) == ("5000000", "10000000")


def create_market_order(w: World) -> None:
    args = MarketOrderArgs(token_id=YES, amount=5.2, side=Side.BUY, order_type=OrderType.FOK)
    assert w.alice.create_market_order(args, OPTIONS).makerAmount == "5200000"


# Health and keys


def get_ok(w: World) -> None:
    assert w.alice.get_ok() == "OK"


def get_version(w: World) -> None:
    assert w.alice.get_version() == 2


def get_server_time(w: World) -> None:
    assert w.alice.get_server_time() == pytest.approx(w.venue.venue.clock.now(), abs=2)


def create_api_key(w: World) -> None:
    made = w.alice.create_api_key(nonce=7)
    assert made.api_key in w.alice.get_api_keys()["apiKeys"]


def derive_api_key(w: World) -> None:
    assert w.alice.derive_api_key() == w.alice.creds


def create_or_derive_api_key(w: World) -> None:
    assert w.alice.create_or_derive_api_key() == w.alice.creds


def get_api_keys(w: World) -> None:
    assert w.alice.get_api_keys() == {"apiKeys": [w.alice.creds.api_key]}


def delete_api_key(w: World) -> None:
    assert w.alice.delete_api_key() == "OK"


def get_closed_only_mode(w: World) -> None:
    assert w.alice.get_closed_only_mode() == {"closed_only": False}


def create_readonly_api_key(w: World) -> None:
    assert w.alice.create_readonly_api_key()["apiKey"] in w.alice.get_readonly_api_keys()


def get_readonly_api_keys(w: World) -> None:
    assert w.alice.get_readonly_api_keys() == []


def delete_readonly_api_key(w: World) -> None:
    made = w.alice.create_readonly_api_key()
    assert w.alice.delete_readonly_api_key(made["apiKey"]) is True


def create_builder_api_key(w: World) -> None:
    assert set(w.alice.create_builder_api_key()) == {"key", "secret", "passphrase"}


def get_builder_api_keys(w: World) -> None:
    made = w.alice.create_builder_api_key()
    assert [key["key"] for key in w.alice.get_builder_api_keys()] == [made["key"]]


def revoke_builder_api_key(w: World) -> None:
    w.alice.create_builder_api_key()
    assert w.alice.revoke_builder_api_key() == "OK"
    assert w.alice.get_builder_api_keys()[0]["revokedAt"]


# Markets, books and prices


def get_markets(w: World) -> None:
    assert CONDITION in [market["condition_id"] for market in w.alice.get_markets()["data"]]


def get_simplified_markets(w: World) -> None:
    found = w.alice.get_simplified_markets()["data"]
    assert CONDITION in [market["condition_id"] for market in found]


def get_sampling_markets(w: World) -> None:
    [market] = w.alice.get_sampling_markets()["data"]
    assert market["condition_id"] == CONDITION


def get_sampling_simplified_markets(w: World) -> None:
    [market] = w.alice.get_sampling_simplified_markets()["data"]
    assert market["condition_id"] == CONDITION


def get_market(w: World) -> None:
    assert w.alice.get_market(CONDITION)["tokens"][0]["token_id"] == YES


def get_clob_market_info(w: World) -> None:
    info = w.alice.get_clob_market_info(CONDITION)
    assert [token["t"] for token in info["t"]] == [YES, NO]


def get_market_trades_events(w: World) -> None:
    _buy(w)
    [event] = w.alice.get_market_trades_events(CONDITION)
    assert (event["side"], event["price"]) == ("BUY", "0.52")


def get_order_book(w: World) -> None:
    assert w.alice.get_order_book(YES)["asks"][-1] == {"price": "0.52", "size": "100"}


def get_order_books(w: World) -> None:
    assert [book["asset_id"] for book in w.alice.get_order_books(BOTH)] == [YES, NO]


def get_midpoint(w: World) -> None:
    assert w.alice.get_midpoint(YES) == {"mid": "0.5"}


def get_midpoints(w: World) -> None:
    assert w.alice.get_midpoints(BOTH) == {YES: "0.5", NO: "0.5"}


def get_price(w: World) -> None:
    assert w.alice.get_price(YES, side="BUY") == {"price": "0.48"}


def get_prices(w: World) -> None:
    assert w.alice.get_prices(BOTH) == {YES: {"BUY": "0.48"}, NO: {"SELL": "0.52"}}


def get_spread(w: World) -> None:
    assert w.alice.get_spread(YES) == {"spread": "0.04"}


def get_spreads(w: World) -> None:
    assert w.alice.get_spreads(BOTH) == {YES: "0.04", NO: "0.04"}


def get_last_trade_price(w: World) -> None:
    _buy(w)
    assert w.alice.get_last_trade_price(YES) == {"price": "0.52", "side": "BUY"}


def get_last_trades_prices(w: World) -> None:
    assert [row["token_id"] for row in w.alice.get_last_trades_prices(BOTH)] == [YES, NO]


def get_tick_size(w: World) -> None:
    assert w.alice.get_tick_size(YES) == "0.01"


def get_neg_risk(w: World) -> None:
    assert w.alice.get_neg_risk(YES) is False


def get_fee_rate_bps(w: World) -> None:
    assert w.alice.get_fee_rate_bps(YES) == 0


def get_fee_exponent(w: World) -> None:
    assert w.alice.get_fee_exponent(YES) == 0


def get_prices_history(w: World) -> None:
    _buy(w)
    asked = PricesHistoryParams(market=YES, interval="1d", fidelity=60)
    [point] = w.alice.get_prices_history(asked)["history"]
    assert point["p"] == 0.52


def calculate_market_price(w: World) -> None:
    assert w.alice.calculate_market_price(YES, "BUY", 100, OrderType.FOK) == 0.53


# Orders and trades


def post_order(w: World) -> None:
    args = OrderArgs(token_id=YES, price=0.4, size=10, side=Side.BUY)
    placed = w.alice.post_order(w.alice.create_order(args, OPTIONS), OrderType.GTC)
    assert placed["status"] == "live"


def post_orders(w: World) -> None:
    both = [OrderArgs(token_id=YES, price=p, size=10, side=Side.BUY) for p in (0.3, 0.4)]
    legs = [
        PostOrdersV2Args(order=w.alice.create_order(args, OPTIONS), orderType=OrderType.GTC)
        for args in both
    ]
    assert [leg["status"] for leg in w.alice.post_orders(legs)] == ["live", "live"]


def create_and_post_order(w: World) -> None:
    order_id = _bid(w)
    assert w.alice.get_order(order_id)["status"] == "LIVE"


def create_and_post_market_order(w: World) -> None:
    done = _buy(w)
    assert (done["status"], len(done["transactionsHashes"])) == ("matched", 1)


def cancel_order(w: World) -> None:
    order_id = _bid(w)
    assert w.alice.cancel_order(OrderPayload(orderID=order_id))["canceled"] == [order_id]


def cancel_orders(w: World) -> None:
    ids = [_bid(w, 0.3), _bid(w, 0.4)]
    assert w.alice.cancel_orders(ids)["canceled"] == ids


def cancel_all(w: World) -> None:
    order_id = _bid(w)
    assert w.alice.cancel_all()["canceled"] == [order_id]


def cancel_market_orders(w: World) -> None:
    order_id = _bid(w)
    params = OrderMarketCancelParams(market=CONDITION, asset_id=YES)
    assert w.alice.cancel_market_orders(params)["canceled"] == [order_id]


def post_heartbeat(w: World) -> None:
    first = w.alice.post_heartbeat("")["heartbeat_id"]
    assert w.alice.post_heartbeat(first)["heartbeat_id"] != first


def get_order(w: World) -> None:
    order_id = _bid(w)
    assert w.alice.get_order(order_id)["original_size"] == "100"


def get_open_orders(w: World) -> None:
    order_id = _bid(w)
    found = w.alice.get_open_orders(OpenOrderParams(market=CONDITION))
    assert [order["id"] for order in found] == [order_id]


def get_pre_migration_orders(w: World) -> None:
    assert w.alice.get_pre_migration_orders() == []


def get_trades(w: World) -> None:
    _buy(w)
    [trade] = w.alice.get_trades(TradeParams(maker_address=ALICE.address))
    assert (trade["size"], trade["trader_side"]) == ("10", "TAKER")


def get_trades_paginated(w: World) -> None:
    _buy(w)
    page = w.alice.get_trades_paginated(TradeParams(market=CONDITION))
    assert (len(page["trades"]), page["count"], page["next_cursor"]) == (1, 1, "LTE=")


def get_builder_trades(w: World) -> None:
    config = BuilderConfig(builder_address=ALICE.address, builder_code=CODE)
    builder = ClobClient(
        host=w.venue.url, chain_id=137, key=ALICE.key, creds=w.alice.creds, builder_config=config
    )
    _buy(w, builder)
    _buy(w)  # without the code: nobody's
    [trade] = builder.get_builder_trades(BuilderTradeParams(builder_code=CODE))["trades"]
    assert (trade["builder"], trade["sizeUsdc"]) == (CODE, "5.2")


def is_order_scoring(w: World) -> None:
    order_id = _bid(w, 0.49)
    assert w.alice.is_order_scoring(OrderScoringParams(orderId=order_id)) == {"scoring": True}


def are_orders_scoring(w: World) -> None:
    near, far = _bid(w, 0.49), _bid(w, 0.3)
    asked = OrdersScoringParams(orderIds=[near, far])
    assert w.alice.are_orders_scoring(asked) == {near: True, far: False}


# The account


def get_balance_allowance(w: World) -> None:
    asked = BalanceAllowanceParams(asset_type=AssetType.COLLATERAL)
    assert w.alice.get_balance_allowance(asked)["balance"] == "10000000000"


def update_balance_allowance(w: World) -> None:
    asked = BalanceAllowanceParams(asset_type=AssetType.CONDITIONAL, token_id=YES)
    assert w.alice.update_balance_allowance(asked) == ""


def get_notifications(w: World) -> None:
    _buy(w)
    [note] = w.alice.get_notifications()
    assert (note["type"], note["payload"]["matched_size"]) == (2, "10")


def drop_notifications(w: World) -> None:
    _buy(w)
    [note] = w.alice.get_notifications()
    assert w.alice.drop_notifications(DropNotificationParams(ids=[str(note["id"])])) == "OK"
    assert w.alice.get_notifications() == []


# Rewards


def get_current_rewards(w: World) -> None:
    [reward] = w.alice.get_current_rewards()
    assert (reward["condition_id"], reward["rewards_max_spread"]) == (CONDITION, 3.5)


def get_raw_rewards_for_market(w: World) -> None:
    [reward] = w.alice.get_raw_rewards_for_market(CONDITION)
    assert reward["rewards_config"][0]["rate_per_day"] == 50


def get_reward_percentages(w: World) -> None:
    _quote_both_sides(w)
    assert 50 < w.alice.get_reward_percentages()[CONDITION] < 100


def get_earnings_for_user_for_day(w: World) -> None:
    _quote_both_sides(w)
    [earned] = _an_hour_later(w).get_earnings_for_user_for_day(_today(w))
    assert 1 < earned["earnings"] < 50 / 24


def get_total_earnings_for_user_for_day(w: World) -> None:
    _quote_both_sides(w)
    [earned] = _an_hour_later(w).get_total_earnings_for_user_for_day(_today(w))
    assert 1 < earned["earnings"] < 50 / 24


def get_user_earnings_and_markets_config(w: World) -> None:
    _quote_both_sides(w)
    [market] = w.alice.get_user_earnings_and_markets_config(_today(w))
    assert market["condition_id"] == CONDITION
    assert market["earning_percentage"] > 50
