"""polymarket-client 0.14: its streams. Only the async clients have them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from polymarket import AsyncSecureClient
from polymarket.streams import (
    CommentsSpec,
    CryptoPricesChainlinkTwapSpec,
    CryptoPriceSpec,
    CryptoPricesSpec,
    CryptoTwapPriceSpec,
    EquityPriceSpec,
    EquityPricesSpec,
    EquityTwapPriceSpec,
    MarketSpec,
    SportsSpec,
    UserSpec,
)

from tests.mock_clob.every_method.world import YES, World

PUBLIC = (
    MarketSpec(asset_ids=[YES], custom_feature_enabled=True),
    SportsSpec(),
    CommentsSpec(),
    CryptoPricesSpec(topic="prices.crypto.binance", symbols=["btcusdt"]),
    CryptoPricesChainlinkTwapSpec(window_seconds=60, symbols=["btc/usd"]),
    EquityPricesSpec(symbol="aapl"),
)
SECURE = (
    UserSpec(),
    CryptoPriceSpec(symbols=["btcusd"]),
    CryptoTwapPriceSpec(symbols=["btcusd"]),
    EquityPriceSpec(symbol="aapl"),
    EquityTwapPriceSpec(symbol="eurusd"),
)
# Said on their own; of sports and comments something must happen first, which other tests do.
HEARD = {"market", "prices.crypto.binance", "user"}


async def subscribe(w: World) -> None:
    """All streams at once but those of perps; the book, the prices and a fill are heard."""
    secure = w.kind is AsyncSecureClient
    heard: set[str] = set()
    wanted = HEARD if secure else HEARD - {"user"}

    async def listen(stream: Any) -> None:
        async for event in stream:
            heard.add(event.topic)
            if wanted <= heard:
                return

    async with await w.alice.subscribe([*PUBLIC, *(SECURE if secure else ())]) as stream:
        listener = asyncio.ensure_future(listen(stream))
        async with asyncio.timeout(10):
            while not listener.done():
                if secure:
                    await w.alice.place_market_order(token_id=YES, amount="5.2", side="BUY")
                await asyncio.wait([listener], timeout=0.2)
        with suppress(asyncio.CancelledError):
            await listener
    assert wanted <= heard
