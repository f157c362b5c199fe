"""polymarket-client 0.14: what its four clients ask of the CLOB, on exchange 2, no chain."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from polymarket import BuilderApiKey, PriceRequest
from polymarket.errors import RequestRejectedError

from tests.mock_clob.every_method.world import (
    ALICE,
    BOB,
    CONDITION,
    NO,
    YES,
    World,
    first_page,
    settled,
)

CODE = "0x" + "ab" * 32


async def _bid(w: World, price: str = "0.40") -> str:
    placed = await w.alice.place_limit_order(token_id=YES, price=price, size="100", side="BUY")
    assert placed.ok, placed
    return str(placed.order_id)


async def _buy(w: World) -> Any:
    return await w.alice.place_market_order(token_id=YES, amount="5.2", side="BUY")


def _bob_buys(w: World, **more: Any) -> Any:
    return w.bob.place_market_order(token_id=YES, amount="5.2", side="BUY", **more)


async def _earn(w: World) -> str:
    """Alice makes the tightest market for an hour; the day she earns on."""
    await _bid(w, "0.49")
    await w.alice.place_limit_order(token_id=YES, price="0.51", size="100", side="SELL")

    def look() -> str:
        from mock_clob.rewards import day

        venue = w.venue.venue
        venue.rewards.look(venue.clock.now_ms() + 3_600_000)
        return day(venue.rewards.now_ms)

    return w.venue.call(look)


# The clients themselves


async def create(w: World) -> None:
    made = await settled(w.kind.create(private_key=ALICE.key, wallet=ALICE.address))
    assert made.wallet == ALICE.address
    await settled(made.close())


async def close(w: World) -> None:
    await w.alice.get_midpoint(token_id=YES)
    await w.alice.close()


async def environment(w: World) -> None:
    assert w.alice.environment.name == "production"


async def signer(w: World) -> None:
    assert w.alice.signer == ALICE.address


async def wallet(w: World) -> None:
    assert w.alice.wallet == ALICE.address


async def wallet_type(w: World) -> None:
    assert w.alice.wallet_type == "EOA"


async def credentials(w: World) -> None:
    assert w.alice.credentials.key in await w.alice.fetch_api_keys()


async def end_authentication(w: World) -> None:
    public = await w.alice.end_authentication()
    assert await settled(public.get_midpoint(token_id=YES)) == Decimal("0.5")
    await settled(public.close())


# Books and prices


async def get_order_book(w: World) -> None:
    book = await w.alice.get_order_book(token_id=YES)
    assert (book.bids[-1].price, book.asks[-1].price) == (Decimal("0.48"), Decimal("0.52"))


async def get_order_books(w: World) -> None:
    books = await w.alice.get_order_books(token_ids=[YES, NO])
    assert [book.token_id for book in books] == [YES, NO]


async def get_midpoint(w: World) -> None:
    assert await w.alice.get_midpoint(token_id=YES) == Decimal("0.5")


async def get_midpoints(w: World) -> None:
    found = await w.alice.get_midpoints(token_ids=[YES, NO])
    assert found == {YES: Decimal("0.5"), NO: Decimal("0.5")}


async def get_price(w: World) -> None:
    assert await w.alice.get_price(token_id=YES, side="BUY") == Decimal("0.48")


async def get_prices(w: World) -> None:
    asked = [PriceRequest(token_id=YES, side="BUY"), PriceRequest(token_id=NO, side="SELL")]
    found = await w.alice.get_prices(requests=asked)
    assert found == {YES: {"BUY": Decimal("0.48")}, NO: {"SELL": Decimal("0.52")}}


async def get_spread(w: World) -> None:
    assert await w.alice.get_spread(token_id=YES) == Decimal("0.04")


async def get_spreads(w: World) -> None:
    assert set(await w.alice.get_spreads(token_ids=[YES, NO])) == {YES, NO}


async def get_last_trade_price(w: World) -> None:
    _bob_buys(w)
    last = await w.alice.get_last_trade_price(token_id=YES)
    assert (last.price, last.side) == (Decimal("0.52"), "BUY")


async def get_last_trade_prices(w: World) -> None:
    found = await w.alice.get_last_trade_prices(token_ids=[YES, NO])
    assert [last.token_id for last in found] == [YES, NO]


async def estimate_market_price(w: World) -> None:
    found = await w.alice.estimate_market_price(token_id=YES, side="BUY", amount="100")
    assert found == Decimal("0.53")


# Builders and rewards, public


async def list_builder_trades(w: World) -> None:
    _bob_buys(w, builder_code=CODE)
    _bob_buys(w)  # nobody's
    [trade] = await first_page(w.alice.list_builder_trades(builder_code=CODE))
    assert (trade.builder, trade.size_usdc, trade.trade_type) == (CODE, Decimal("5.2"), "TAKER")


async def list_current_rewards(w: World) -> None:
    [reward] = await first_page(w.alice.list_current_rewards())
    assert (reward.condition_id, reward.total_daily_rate) == (CONDITION, 50)


async def list_market_rewards(w: World) -> None:
    [reward] = await first_page(w.alice.list_market_rewards(condition_id=CONDITION))
    assert reward.rewards_config[0].rate_per_day == 50


async def list_reward_markets(w: World) -> None:
    found = w.alice.list_reward_markets(order_by="rate_per_day", sort_direction="DESC")
    [market] = await first_page(found)
    assert (market.condition_id, market.spread) == (CONDITION, Decimal("0.04"))


async def get_current_rebates(w: World) -> None:
    """Bob makes in the market with a fee; what a taker pays there comes back to him in part."""
    venue = w.venue.venue
    [market] = [m for m in venue.engine.markets.values() if m.fee_rate]
    token_id = market.token_ids[0]
    w.bob.place_limit_order(token_id=token_id, price="0.51", size="100", side="BUY")
    w.give(ALICE.address, token_id, 100)

    async def sell() -> None:
        from polymarket import AsyncSecureClient

        other = await AsyncSecureClient.create(private_key=ALICE.key, wallet=ALICE.address)
        await other.place_market_order(token_id=token_id, shares="100", side="SELL")
        await other.close()

    await sell()
    [trade] = venue.engine.trades.values()
    from mock_clob.rewards import day

    [rebate] = await w.alice.get_current_rebates(
        date=day(trade.matched_ms), maker_address=BOB.address
    )
    assert rebate.condition_id == market.condition_id
    assert rebate.rebated_fees_usdc == Decimal(trade.fee * 15 // 100) / 1_000_000


# Keys


async def fetch_api_keys(w: World) -> None:
    assert await w.alice.fetch_api_keys() == (w.alice.credentials.key,)


async def delete_api_key(w: World) -> None:
    await w.alice.delete_api_key()
    with pytest.raises(RequestRejectedError, match="Unauthorized"):
        await w.alice.fetch_api_keys()


async def create_builder_api_key(w: World) -> None:
    assert isinstance(await w.alice.create_builder_api_key(), BuilderApiKey)


async def fetch_builder_api_keys(w: World) -> None:
    made = await w.alice.create_builder_api_key()
    [found] = await w.alice.fetch_builder_api_keys()
    assert (found.key, found.revoked_at) == (made.key, None)


async def revoke_builder_api_key(w: World) -> None:
    made = await w.alice.create_builder_api_key()
    asked = w.kind.create(private_key=ALICE.key, wallet=ALICE.address, api_key=made)
    builder = await settled(asked)
    await settled(builder.revoke_builder_api_key())
    await settled(builder.close())
    [found] = await w.alice.fetch_builder_api_keys()
    assert found.revoked_at is not None


async def get_builder_fee_rates(w: World) -> None:
    w.venue.call(lambda: w.venue.venue.builders.set_fees(CODE, maker_bps=5, taker_bps=20))
    fees = await w.alice.get_builder_fee_rates(CODE)
    assert (fees.maker, fees.taker) == (Decimal("0.0005"), Decimal("0.002"))


async def get_closed_only_mode(w: World) -> None:
    assert await w.alice.get_closed_only_mode() is False
    w.venue.call(lambda: w.venue.venue.modes.close_only(ALICE.address))
    assert await w.alice.get_closed_only_mode() is True


# Orders


async def create_limit_order(w: World) -> None:
    signed = await w.alice.create_limit_order(token_id=YES, price="0.4", size="10", side="BUY")
    assert (signed.maker_amount, signed.taker_amount) == (4_000_000, 10_000_000)


async def create_market_order(w: World) -> None:
    signed = await w.alice.create_market_order(token_id=YES, amount="5.2", side="BUY")
    assert signed.maker_amount == 5_200_000


async def place_limit_order(w: World) -> None:
    order_id = await _bid(w)
    assert (await w.alice.get_order(order_id=order_id)).status == "LIVE"


async def place_market_order(w: World) -> None:
    filled = await _buy(w)
    assert (filled.status, filled.taking_amount) == ("matched", 10)


async def post_order(w: World) -> None:
    signed = await w.alice.create_limit_order(token_id=YES, price="0.4", size="10", side="BUY")
    assert (await w.alice.post_order(signed)).status == "live"


async def post_orders(w: World) -> None:
    both = [
        await w.alice.create_limit_order(token_id=YES, price=price, size="10", side="BUY")
        for price in ("0.3", "0.4")
    ]
    assert [placed.status for placed in await w.alice.post_orders(both)] == ["live", "live"]


async def cancel_order(w: World) -> None:
    order_id = await _bid(w)
    assert (await w.alice.cancel_order(order_id=order_id)).canceled == (order_id,)


async def cancel_orders(w: World) -> None:
    ids = [await _bid(w, "0.30"), await _bid(w, "0.40")]
    assert (await w.alice.cancel_orders(order_ids=ids)).canceled == tuple(ids)


async def cancel_all(w: World) -> None:
    order_id = await _bid(w)
    assert (await w.alice.cancel_all()).canceled == (order_id,)


async def cancel_market_orders(w: World) -> None:
    order_id = await _bid(w)
    assert (await w.alice.cancel_market_orders(market=CONDITION)).canceled == (order_id,)


async def send_order_heartbeat(w: World) -> None:
    first = await w.alice.send_order_heartbeat()
    second = await w.alice.send_order_heartbeat(heartbeat_id=first.heartbeat_id)
    assert second.heartbeat_id != first.heartbeat_id


async def wait_for_order_fill_settlement(w: World) -> None:
    [transaction] = await w.alice.wait_for_order_fill_settlement(await _buy(w), timeout_s=5)
    assert transaction.startswith("0x")


async def get_order(w: World) -> None:
    order_id = await _bid(w)
    assert (await w.alice.get_order(order_id=order_id)).original_size == 100


async def list_open_orders(w: World) -> None:
    order_id = await _bid(w)
    found = await first_page(w.alice.list_open_orders(market=CONDITION))
    assert [order.id for order in found] == [order_id]


async def list_account_trades(w: World) -> None:
    filled = await _buy(w)
    found = await first_page(w.alice.list_account_trades(market=CONDITION))
    assert tuple(trade.id for trade in found) == filled.trade_ids


async def get_order_scoring(w: World) -> None:
    assert await w.alice.get_order_scoring(order_id=await _bid(w, "0.49")) is True


async def get_orders_scoring(w: World) -> None:
    near, far = await _bid(w, "0.49"), await _bid(w, "0.30")
    found = await w.alice.get_orders_scoring(order_ids=[near, far])
    assert found == {near: True, far: False}


# The account


async def get_balance_allowance(w: World) -> None:
    found = await w.alice.get_balance_allowance(asset_type="COLLATERAL")
    assert found.balance == 10_000_000_000


async def get_notifications(w: World) -> None:
    await _buy(w)
    order_id = await _bid(w)
    await w.alice.cancel_order(order_id=order_id)
    canceled, filled = await w.alice.get_notifications()
    assert canceled.payload.order_id == order_id
    assert (filled.type.name, filled.payload.matched_size) == ("ORDER_FILL", 10)


async def drop_notifications(w: World) -> None:
    await _buy(w)
    [note] = await w.alice.get_notifications()
    await w.alice.drop_notifications(ids=[note.id])
    assert await w.alice.get_notifications() == ()


async def get_reward_percentages(w: World) -> None:
    await _earn(w)
    assert 50 < (await w.alice.get_reward_percentages())[CONDITION] < 100


async def list_user_earnings_for_day(w: World) -> None:
    day = await _earn(w)
    [earned] = await first_page(w.alice.list_user_earnings_for_day(date=day))
    assert 1 < earned.earnings < Decimal(50) / 24


async def get_total_earnings_for_user_for_day(w: World) -> None:
    day = await _earn(w)
    [earned] = await w.alice.get_total_earnings_for_user_for_day(date=day)
    assert 1 < earned.earnings < Decimal(50) / 24


async def list_user_earnings_and_markets_config(w: World) -> None:
    day = await _earn(w)
    [market] = await first_page(w.alice.list_user_earnings_and_markets_config(date=day))
    assert (market.condition_id, market.earning_percentage > 50) == (CONDITION, True)
