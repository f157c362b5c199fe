"""py-clob-client 0.34.6: every method once, as its examples call it, on exchange 1."""

from __future__ import annotations

from typing import Any

import pytest
from py_builder_signing_sdk.config import BuilderConfig  # type: ignore[import-untyped]
from py_builder_signing_sdk.sdk_types import BuilderApiKeyCreds  # type: ignore[import-untyped]
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import (
    AssetType,
    BalanceAllowanceParams,
    BookParams,
    DropNotificationParams,
    MarketOrderArgs,
    OpenOrderParams,
    OrderArgs,
    OrderScoringParams,
    OrdersScoringParams,
    OrderType,
    PostOrdersArgs,
    TradeParams,
)
from py_clob_client.exceptions import PolyException
from py_clob_client.order_builder.constants import BUY, SELL

from mock_clob.builders import BuilderKey
from tests.mock_clob.every_method.world import ALICE, CONDITION, NO, YES, World

BOTH = [BookParams(token_id=YES, side=BUY), BookParams(token_id=NO, side=SELL)]


def _bid(w: World, price: float = 0.4, size: float = 100) -> Any:
    args = OrderArgs(token_id=YES, price=price, size=size, side=BUY)
    return w.alice.create_and_post_order(args)["orderID"]


def _buy(w: World) -> Any:
    """A trade: 5 dollars of YES at the best ask."""
    args = MarketOrderArgs(token_id=YES, amount=5.2, side=BUY, order_type=OrderType.FOK)
    return w.alice.post_order(w.alice.create_market_order(args), OrderType.FOK)


def _stranger(w: World) -> ClobClient:
    return ClobClient(w.venue.url)


def _builder(w: World) -> ClobClient:
    """Alice with the headers of a builder, herself."""

    def make() -> BuilderKey:
        return w.venue.venue.builders.create_key(ALICE.address.lower(), 0)

    key = w.venue.call(make)
    creds = BuilderApiKeyCreds(key=key.key, secret=key.secret, passphrase=key.passphrase)
    config = BuilderConfig(local_builder_creds=creds)
    return ClobClient(
        w.venue.url, chain_id=137, key=ALICE.key, creds=w.alice.creds, builder_config=config
    )


# What needs no venue


def get_address(w: World) -> None:
    assert w.alice.get_address() == ALICE.address


def get_collateral_address(w: World) -> None:
    venue = w.venue.venue
    assert w.alice.get_collateral_address() == venue.contracts.usdc_e


def get_conditional_address(w: World) -> None:
    assert w.alice.get_conditional_address() == w.venue.venue.contracts.ctf


def get_exchange_address(w: World) -> None:
    contracts = w.venue.venue.contracts
    assert w.alice.get_exchange_address() == contracts.exchange_v1
    assert w.alice.get_exchange_address(neg_risk=True) == contracts.neg_risk_exchange_v1


def assert_level_1_auth(w: World) -> None:
    w.alice.assert_level_1_auth()
    with pytest.raises(PolyException):
        _stranger(w).assert_level_1_auth()


def assert_level_2_auth(w: World) -> None:
    w.alice.assert_level_2_auth()
    with pytest.raises(PolyException):
        _stranger(w).assert_level_2_auth()


def assert_builder_auth(w: World) -> None:
    _builder(w).assert_builder_auth()
    with pytest.raises(PolyException):
        w.alice.assert_builder_auth()


def can_builder_auth(w: World) -> None:
    assert _builder(w).can_builder_auth() is True
    assert w.alice.can_builder_auth() is False


def set_api_creds(w: World) -> None:
    fresh = ClobClient(w.venue.url, chain_id=137, key=ALICE.key)
    fresh.set_api_creds(w.alice.creds)
    assert fresh.get_api_keys() == w.alice.get_api_keys()


def clear_tick_size_cache(w: World) -> None:
    assert w.alice.get_tick_size(YES) == "0.01"
    market = w.venue.venue.engine.by_token[YES]
    w.venue.call(lambda: w.venue.venue.engine.change_tick(market, 1_000, 0))
    assert w.alice.get_tick_size(YES) == "0.01"
    w.alice.clear_tick_size_cache(YES)
    assert w.alice.get_tick_size(YES) == "0.001"


def get_order_book_hash(w: World) -> None:
    book = w.alice.get_order_book(YES)
    served = book.hash
    assert w.alice.get_order_book_hash(book) == served


def create_order(w: World) -> None:
    signed = w.alice.create_order(OrderArgs(token_id=YES, price=0.5, size=10, side=BUY)).dict()
    assert (signed["makerAmount"], signed["takerAmount"]) == ("5000000", "10000000")


def create_market_order(w: World) -> None:
    args = MarketOrderArgs(token_id=YES, amount=5.2, side=BUY, order_type=OrderType.FOK)
    assert w.alice.create_market_order(args).dict()["makerAmount"] == "5200000"


# Health and keys


def get_ok(w: World) -> None:
    assert w.alice.get_ok() == "OK"


def get_server_time(w: World) -> None:
    assert w.alice.get_server_time() == pytest.approx(w.venue.venue.clock.now(), abs=2)


def create_api_key(w: World) -> None:
    made = w.alice.create_api_key(nonce=7)
    assert made.api_key in w.alice.get_api_keys()["apiKeys"]


def derive_api_key(w: World) -> None:
    assert w.alice.derive_api_key() == w.alice.creds


def create_or_derive_api_creds(w: World) -> None:
    assert w.alice.create_or_derive_api_creds() == w.alice.creds


def get_api_keys(w: World) -> None:
    assert w.alice.get_api_keys() == {"apiKeys": [w.alice.creds.api_key]}


def delete_api_key(w: World) -> None:
    assert w.alice.delete_api_key() == "OK"


def get_closed_only_mode(w: World) -> None:
    assert w.alice.get_closed_only_mode() == {"closed_only": False}


def create_readonly_api_key(w: World) -> None:
    made = w.alice.create_readonly_api_key()
    assert made.api_key in w.alice.get_readonly_api_keys()


def get_readonly_api_keys(w: World) -> None:
    assert w.alice.get_readonly_api_keys() == []


def delete_readonly_api_key(w: World) -> None:
    made = w.alice.create_readonly_api_key()
    assert w.alice.delete_readonly_api_key(made.api_key) is True
    assert w.alice.get_readonly_api_keys() == []


def validate_readonly_api_key(w: World) -> None:
    made = w.alice.create_readonly_api_key()
    assert _stranger(w).validate_readonly_api_key(ALICE.address, made.api_key) == "OK"


# Markets, books and prices


def get_markets(w: World) -> None:
    assert CONDITION in [market["condition_id"] for market in w.alice.get_markets()["data"]]


def get_simplified_markets(w: World) -> None:
    found = w.alice.get_simplified_markets()["data"]
    assert CONDITION in [market["condition_id"] for market in found]


def get_sampling_markets(w: World) -> None:
    [market] = w.alice.get_sampling_markets()["data"]
    assert market["rewards"]["rates"][0]["rewards_daily_rate"] == 50


def get_sampling_simplified_markets(w: World) -> None:
    [market] = w.alice.get_sampling_simplified_markets()["data"]
    assert market["condition_id"] == CONDITION


def get_market(w: World) -> None:
    assert w.alice.get_market(CONDITION)["tokens"][0]["token_id"] == YES


def get_market_trades_events(w: World) -> None:
    _buy(w)
    [event] = w.alice.get_market_trades_events(CONDITION)
    assert (event["side"], event["price"]) == ("BUY", "0.52")


def get_order_book(w: World) -> None:
    book = w.alice.get_order_book(YES)
    assert (book.bids[-1].price, book.asks[-1].price) == ("0.48", "0.52")


def get_order_books(w: World) -> None:
    assert [book.asset_id for book in w.alice.get_order_books(BOTH)] == [YES, NO]


def get_midpoint(w: World) -> None:
    assert w.alice.get_midpoint(YES) == {"mid": "0.5"}


def get_midpoints(w: World) -> None:
    assert w.alice.get_midpoints(BOTH) == {YES: "0.5", NO: "0.5"}


def get_price(w: World) -> None:
    assert w.alice.get_price(YES, "BUY") == {"price": "0.48"}


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


def calculate_market_price(w: World) -> None:
    assert w.alice.calculate_market_price(YES, "BUY", 100, OrderType.FOK) == 0.53


# Orders and trades


def post_order(w: World) -> None:
    signed = w.alice.create_order(OrderArgs(token_id=YES, price=0.4, size=10, side=BUY))
    assert w.alice.post_order(signed, OrderType.GTC)["status"] == "live"


def post_orders(w: World) -> None:
    both = [OrderArgs(token_id=YES, price=price, size=10, side=BUY) for price in (0.3, 0.4)]
    legs = [PostOrdersArgs(w.alice.create_order(args), OrderType.GTC) for args in both]
    assert [leg["status"] for leg in w.alice.post_orders(legs)] == ["live", "live"]


def create_and_post_order(w: World) -> None:
    order_id = _bid(w)
    assert w.alice.get_order(order_id)["status"] == "LIVE"


def cancel(w: World) -> None:
    order_id = _bid(w)
    assert w.alice.cancel(order_id=order_id)["canceled"] == [order_id]


def cancel_orders(w: World) -> None:
    ids = [_bid(w, 0.3), _bid(w, 0.4)]
    assert w.alice.cancel_orders(ids)["canceled"] == ids


def cancel_all(w: World) -> None:
    order_id = _bid(w)
    assert w.alice.cancel_all()["canceled"] == [order_id]


def cancel_market_orders(w: World) -> None:
    order_id = _bid(w)
    canceled = w.alice.cancel_market_orders(market=CONDITION, asset_id=YES)["canceled"]
    assert canceled == [order_id]


def post_heartbeat(w: World) -> None:
    first = w.alice.post_heartbeat(None)["heartbeat_id"]
    assert w.alice.post_heartbeat(first)["heartbeat_id"] != first


def get_order(w: World) -> None:
    order_id = _bid(w)
    assert w.alice.get_order(order_id)["original_size"] == "100"


def get_orders(w: World) -> None:
    order_id = _bid(w)
    found = w.alice.get_orders(OpenOrderParams(market=CONDITION, asset_id=YES))
    assert [order["id"] for order in found] == [order_id]


def get_trades(w: World) -> None:
    _buy(w)
    [trade] = w.alice.get_trades(TradeParams(maker_address=ALICE.address, market=CONDITION))
    assert (trade["size"], trade["trader_side"]) == ("10", "TAKER")


def get_builder_trades(w: World) -> None:
    builder = _builder(w)
    args = MarketOrderArgs(token_id=YES, amount=5.2, side=BUY, order_type=OrderType.FOK)
    builder.post_order(builder.create_market_order(args), OrderType.FOK)
    _buy(w)  # without the headers: nobody's
    [trade] = builder.get_builder_trades()
    assert (trade["tradeType"], trade["sizeUsdc"]) == ("TAKER", "5.2")


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
    order_id = _bid(w)
    w.alice.cancel(order_id)
    [note] = w.alice.get_notifications()
    assert (note["type"], note["payload"]["order_id"]) == (1, order_id)


def drop_notifications(w: World) -> None:
    w.alice.cancel(_bid(w))
    [note] = w.alice.get_notifications()
    assert w.alice.drop_notifications(DropNotificationParams(ids=[str(note["id"])])) == "OK"
    assert w.alice.get_notifications() == []
