"""The production bot through a fill, a broken stream and a lost reply, and told to stop."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from demo.stage import Stage
from mock_clob.accounts import ACCOUNTS
from mock_clob.scenario import DOCUMENTED

if TYPE_CHECKING:
    from production_bot import ProductionBot

YES = DOCUMENTED.token_ids[0]
PATIENCE_SECONDS = 30.0


def run(stage: Stage) -> None:
    stage.title("A bot: quotes only while it knows where it stands, and leaves nothing open")
    stage.reset(exchange=2, chain=False)
    asyncio.run(_live(stage))


async def _live(stage: Stage) -> None:
    from limited_orders import limited_client
    from polymarket import SecureClient
    from production_bot import BotConfig, ProductionBot
    from quoting import Limits

    bob = ACCOUNTS[1]
    with (
        tempfile.TemporaryDirectory() as folder,
        limited_client() as client,
        SecureClient.create(private_key=bob.key, wallet=bob.address) as other,
    ):
        limits = Limits(max_position=Decimal(5_000))
        bot = ProductionBot(client, BotConfig(YES, limits, Path(folder) / "orders.sqlite"))
        running = asyncio.create_task(bot.run())
        async with asyncio.timeout(PATIENCE_SECONDS):
            await _until(lambda: len(_open(stage)) == 2)
            stage.check("it quotes both sides", True, ", ".join(_open(stage)))
            await _filled(stage, bot, other)
            await _cut(stage, bot)
            bot.stop.set()
            await running
        left = _open(stage)
        stage.check("it leaves nothing open", not left, f"{len(left)} orders")


async def _filled(stage: Stage, bot: ProductionBot, other: object) -> None:
    from polymarket import SecureClient

    assert isinstance(other, SecureClient)
    assert bot.inventory
    before = bot.inventory.shares
    sweep = other.create_limit_order(token_id=YES, side="BUY", price="0.53", size=310)
    stage.server.call(
        lambda: stage.venue.faults.add("lose_reply", method="POST", path="/order", nth=2)
    )
    await asyncio.to_thread(other.post_order, sweep)
    await _until(lambda: bot.inventory is not None and bot.inventory.shares != before)
    await _until(lambda: len(_open(stage)) == 2 and not bot.desk.in_doubt)
    stage.server.call(stage.venue.faults.clear)
    stage.check(
        "a fill is counted, and a lost reply doubles nothing",
        bot.inventory.shares == before - 10,
        f"{before:f} to {bot.inventory.shares:f} shares, open: {', '.join(_open(stage))}",
    )


async def _cut(stage: Stage, bot: ProductionBot) -> None:
    drops = bot.market.counts["drops"]
    stage.server.call(stage.venue.hub.drop)
    await _until(lambda: bot.market.counts["drops"] > drops)
    await _until(lambda: not _open(stage))
    await _until(lambda: len(_open(stage)) == 2)
    stage.check("quotes are pulled while a stream is down", True, "and placed again after it")


def _open(stage: Stage) -> list[str]:
    owner = ACCOUNTS[0].address.lower()
    orders = stage.server.call(lambda: list(stage.venue.engine.open.values()))
    return sorted(f"{o.side} at {o.price / 1e6:g}" for o in orders if o.maker == owner)


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.02)
