"""A market maker that can be left alone: it quotes only while it knows where it stands."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from bot_metrics import BotMetrics
from heartbeat import Heartbeat
from inventory import Inventory, is_final
from limited_orders import limited_client
from market_stream import MarketStream
from order_desk import OrderDesk
from polymarket import SecureClient
from quoting import Limits, Quote, best_of_others, changes, wanted
from reconnecting_socket import Message
from redacted_logs import log_to
from secure_account_reader import account_reader, stream_auth
from user_stream import UserStream

T = TypeVar("T")
log = logging.getLogger("bot")
SETTLEMENT_SECONDS = 600  # by then a trade of an earlier run is settled, or has failed
YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


@dataclass(frozen=True)
class BotConfig:
    """Seconds: without data until a book is too old; between two looks at the balances."""

    token_id: str
    limits: Limits = field(default_factory=Limits)
    journal: Path = Path("orders.sqlite")
    stale_after: float = 30.0
    reconcile_every: float = 60.0

    def __post_init__(self) -> None:
        if not self.token_id.isdecimal():
            raise ValueError(f"a token id is a decimal number, not {self.token_id!r}")
        if min(self.limits.size, self.limits.half_spread, self.limits.max_position) <= 0:
            raise ValueError(f"limits must be above 0: {self.limits}")
        if not (self.stale_after > 0 and self.reconcile_every > 0):
            raise ValueError("stale_after and reconcile_every must be above 0 seconds")


class ProductionBot:
    """`run` it until its `stop` is set. Streams live on the event loop, orders in one thread:
    they block, and the end waits for what is under way, even when `run` is cancelled.
    """

    def __init__(
        self, client: SecureClient, config: BotConfig, metrics: BotMetrics | None = None
    ) -> None:
        self.config, self.metrics = config, metrics or BotMetrics()
        self.stop, self._news = asyncio.Event(), asyncio.Event()
        self.desk = OrderDesk(client, config.token_id, config.journal, self.metrics)
        self.inventory: Inventory | None = None
        self.distrust = ""  # why it will not quote again; for a person to look into
        self._client, self._doubt, self._look_at, self._tick = client, "", 0.0, Decimal("0.01")
        self._why_not_now, self._thread = "it has just begun", ThreadPoolExecutor(1)
        long_ago = int(time.time()) - SETTLEMENT_SECONDS
        self.market = MarketStream([config.token_id], self._on_market)
        self.account = UserStream(
            stream_auth(client), account_reader(client), self._on_account, since=long_ago
        )
        self.heart = Heartbeat(client)

    async def run(self) -> None:
        """Until `stop`, or an error that does not pass, which it raises. Leaves nothing open."""
        try:
            await self._call(self.desk.begin)
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(self.market)
                await stack.enter_async_context(self.account)
                await self._call(stack.enter_context, self.heart)
                try:
                    while not (self.stop.is_set() or self.market.ended or self.account.ended):
                        fine = await self._turn()
                        await self._wait(*([self._news] if fine else []))
                finally:
                    await self._call(self.desk.end)  # while the heart still beats
        finally:
            self._thread.shutdown()
            self.desk.close()

    async def _turn(self) -> bool:
        """Whether nothing failed. What fails leaves no quote behind; the next turn tries again."""
        fine = True
        for attempt in (self._quote, self._pull):
            try:
                if await attempt():
                    return fine
            except Exception as error:
                self.metrics.trusted.set(0)
                log.warning("%s failed: %r", attempt.__name__, error)
                fine = False
        return False

    async def _pull(self) -> bool:
        await self._call(self.desk.pull)
        return True

    async def _quote(self) -> bool:
        """Follow the book; False when there must be no quotes now."""
        at_rest = all(map(is_final, self.account.state.trades.values()))
        if self.account.reconciled and at_rest and time.monotonic() >= self._look_at:
            await self._reconcile()
        why_not = self._why_not()
        if why_not != self._why_not_now:
            log.warning("quotes: %s", why_not or "everything is known")
        self._why_not_now = why_not
        self._measure(trusted=not why_not)
        if not why_not:
            cancel, place = self._changes()
            await self._call(self.desk.change, cancel, place)
            if cancel:
                self._news.set()  # place in the next turn, with what filled meanwhile
        return not why_not

    def _why_not(self) -> str:
        """Why there must be no quotes now; "" when everything is known."""
        if self.inventory is None or self.distrust:
            return self.distrust or "the balances are not known yet"
        if not (self.market.books[self.config.token_id].ready and self.account.reconciled):
            return "a stream is down"
        if self.market.seconds_without_data > self.config.stale_after:
            return "the book is old"
        if self.heart.lapsed:
            return "the heartbeat lapsed"
        return "an order is in doubt" if self.desk.in_doubt else ""

    def _changes(self) -> tuple[list[str], list[Quote]]:
        book = self.market.books[self.config.token_id]
        held = self.inventory.shares if self.inventory else Decimal(0)
        resting = self.desk.resting(self.account.state)
        own = [quote for _, quote in resting]
        bid = best_of_others(book.bids, "BUY", own)
        ask = best_of_others(book.asks, "SELL", own)
        want = wanted(bid, ask, held, tick=self._tick, limits=self.config.limits)
        return changes(want, resting)

    def _on_market(self, event: Message) -> None:
        if event["event_type"] == "tick_size_change":
            self._tick = Decimal(event["new_tick_size"])
        self._news.set()

    def _on_account(self, event: Message) -> None:
        if event["event_type"] == "trade" and self.inventory:
            moved = self.inventory.take(event, self.desk.mine)
            if moved:
                self.metrics.fills.labels("BUY" if moved > 0 else "SELL").inc(abs(float(moved)))
        self._news.set()

    async def _reconcile(self) -> None:
        """Begin with the balances; later hold them against the fills. Apart twice is too much."""
        before = self.inventory and self.inventory.settled
        shares, dollars = await self._call(self._balances)
        if self.inventory is None:
            self._tick = await self._call(self._tick_size)
            self.inventory = Inventory(shares, dollars)
        elif self.inventory.settled != before or not self.inventory.is_settled:
            return
        doubt, before_that = self.inventory.differs(shares, dollars), self._doubt
        self._doubt = doubt
        if doubt:
            log.error("%s", doubt)
            self.distrust = doubt if doubt == before_that else ""
        self._look_at = time.monotonic() + self.config.reconcile_every

    def _tick_size(self) -> Decimal:
        return Decimal(str(self._client.get_order_book(token_id=self.config.token_id).tick_size))

    def _balances(self) -> tuple[Decimal, Decimal]:
        shares = self._client.get_balance_allowance(
            asset_type="CONDITIONAL", token_id=self.config.token_id
        )
        dollars = self._client.get_balance_allowance(asset_type="COLLATERAL")
        return Decimal(shares.balance).scaleb(-6), Decimal(dollars.balance).scaleb(-6)

    def _measure(self, *, trusted: bool) -> None:
        self.metrics.trusted.set(trusted)
        self.metrics.data_age.set(self.market.seconds_without_data)
        self.metrics.held.set(float(self.inventory.shares) if self.inventory else 0)
        self.metrics.take("market", self.market.counts)
        self.metrics.take("account", self.account.counts)

    async def _wait(self, *news: asyncio.Event) -> None:
        """At the latest for a second: time makes books old, too."""
        waits = [asyncio.create_task(event.wait()) for event in (self.stop, *news)]
        await asyncio.wait(waits, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()
        self._news.clear()

    async def _call(self, call: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)


async def main(seconds: float) -> None:
    with limited_client() as client:
        log_to(sys.stderr, client.credentials.secret, client.credentials.passphrase)
        bot = ProductionBot(client, BotConfig(YES, Limits(max_position=Decimal(5_000))))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, bot.stop.set)
        loop.call_later(seconds, bot.stop.set)  # leave it out, and the bot runs on
        await bot.run()
        counted = bot.metrics.registry.get_sample_value("bot_orders_total", {"outcome": "placed"})
        print("placed:", counted, "open:", len(list(client.list_open_orders().iter_items())))


if __name__ == "__main__":
    asyncio.run(main(seconds=2.0))
