"""The async client: reads side by side, an order, pages, and one of its own streams."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from account_settings import funder, private_key
from polymarket import AsyncSecureClient
from polymarket.streams import MarketSpec

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


async def main() -> None:
    async with await AsyncSecureClient.create(private_key=private_key(), wallet=funder()) as client:
        ask, spread, money = await asyncio.gather(
            client.get_price(token_id=YES, side="SELL"),
            client.get_spread(token_id=YES),
            client.get_balance_allowance(asset_type="COLLATERAL"),
        )
        print("ask", ask, "spread", spread, "base units", money.balance)

        placed = await client.place_limit_order(
            token_id=YES, side="BUY", price=Decimal("0.40"), size=Decimal(10), post_only=True
        )
        if not placed.ok:
            raise SystemExit(f"refused, {placed.code}: {placed.message}")
        async for order in client.list_open_orders(token_id=YES).iter_items():
            print("open:", order.side, order.original_size, "at", order.price)

        async with await client.subscribe(MarketSpec(asset_ids=[YES])) as events:
            async for event in events:
                print("first:", event.type)
                break
        print("canceled:", len((await client.cancel_order(order_id=placed.order_id)).canceled))


if __name__ == "__main__":
    asyncio.run(main())
