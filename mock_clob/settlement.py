"""A trade's way to the chain: MATCHED, MINED, CONFIRMED; RETRYING and FAILED when it does not go.

One transaction carries a batch. Without a chain the ledger settles at once under a made-up hash.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from mock_clob.chain.errors import ChainError
from mock_clob.chain.matches import Match
from mock_clob.model import Side, Trade, TradeStatus

if TYPE_CHECKING:
    from mock_clob.venue import Venue

Mode = Literal["auto", "manual"]
Kind = Literal["complementary", "mint", "merge"]


@dataclass
class Settlement:
    """`mode` "manual" leaves trades MATCHED until `settle` is called."""

    venue: Venue
    mode: Mode = "auto"
    failures: int = 0  # this many next trades end FAILED without reaching the chain
    retries: int = 0  # this many next trades show RETRYING before they are mined
    _queue: deque[Trade] = field(default_factory=deque)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def take(self, trade: Trade) -> None:
        """A new match to settle; in mode "auto" it settles in the background."""
        self._queue.append(trade)
        self.go_on()

    def go_on(self) -> None:
        """In mode "auto", settle what is queued in the background."""
        if self._queue and self.mode == "auto":
            task = asyncio.get_running_loop().create_task(self.settle())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Settle everything that is queued; returns when it is final."""
        async with self._lock:
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(len(self._queue), 25))]
                await self._settle_batch(batch)

    def close(self) -> None:
        """Forget what is queued or under way: the venue starts anew."""
        self._queue.clear()
        for task in self._tasks:
            task.cancel()

    # For a snapshot

    def quiet(self) -> asyncio.Lock:
        """While this is held, no batch is under way."""
        return self._lock

    def plan(self) -> tuple[Mode, int, int, list[Trade]]:
        """What is still to come."""
        return self.mode, self.failures, self.retries, list(self._queue)

    def follow(self, plan: tuple[Mode, int, int, list[Trade]]) -> None:
        self.mode, self.failures, self.retries, queue = plan
        self._queue.extend(queue)

    async def _settle_batch(self, batch: list[Trade]) -> None:
        rest = []
        for trade in batch:
            if self.failures:
                self.failures -= 1
                self._move(trade, TradeStatus.FAILED)
                continue
            if self.retries:
                self.retries -= 1
                self._move(trade, TradeStatus.RETRYING)
            rest.append(trade)
        for contract in dict.fromkeys(trade.taker.spender for trade in rest):
            await self._settle_group([t for t in rest if t.taker.spender == contract])

    async def _settle_group(self, group: list[Trade]) -> None:
        """Settle trades of one exchange contract in one transaction."""
        try:
            transaction_hash = await self._send(group)
        except ChainError:
            if len(group) == 1:
                self._move(group[0], TradeStatus.FAILED)
                return
            for trade in group:  # one bad trade must not fail its neighbours
                await self._settle_group([trade])
            return
        for trade in group:
            self._move(trade, TradeStatus.MINED, transaction_hash)
            self._move(trade, TradeStatus.CONFIRMED, transaction_hash)

    async def _send(self, group: list[Trade]) -> str:
        venue = self.venue
        if venue.chain is None:
            digest = hashlib.sha256("".join(trade.id for trade in group).encode()).hexdigest()
            return "0x" + "0" * 8 + digest[:56]  # the zeros mark a hash that is on no chain
        matches = [match for trade in group for match in matches_of(trade)]
        return await venue.on_chain(venue.chain.settle, group[0].taker.spender, matches)

    def _move(self, trade: Trade, status: TradeStatus, transaction_hash: str = "") -> None:
        now = self.venue.clock.now_ms()
        self.venue.engine.set_trade_status(trade, status, now, transaction_hash)
        self.venue.publish()


def matches_of(trade: Trade) -> list[Match]:
    """What the exchange contract is asked to do for a trade, a match for each resting order."""
    taker = trade.taker
    result = []
    fee_left = trade.fee
    for fill in trade.fills:
        maker = fill.order
        kind: Kind = "mint" if taker.side is Side.BUY else "merge"
        if maker.token_id == taker.token_id:
            kind = "complementary"
        # A seller's fee comes out of each match's proceeds, so it is spread as far as they reach.
        fee = min(fee_left, fill.shares if trade.fee_in_shares else fill.taker_collateral)
        fee_left -= fee
        result.append(
            Match(
                kind=kind,
                condition_id=taker.market.condition_id,
                taker=taker.maker,
                maker=maker.maker,
                taker_token_id=int(taker.token_id),
                maker_token_id=int(maker.token_id),
                taker_side=taker.side.value,
                shares=fill.shares,
                taker_collateral=fill.taker_collateral,
                maker_collateral=fill.maker_collateral,
                taker_order_id=taker.id,
                maker_order_id=maker.id,
                fee=fee,
            )
        )
    return result
