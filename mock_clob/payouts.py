"""Resolutions on the chain: once a market has its outcome, its shares can be redeemed there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mock_clob.model import Event, MarketResolved

if TYPE_CHECKING:
    from mock_clob.venue import Venue


@dataclass
class Payouts:
    venue: Venue
    _tasks: set[asyncio.Task[str]] = field(default_factory=set)

    def take(self, events: Iterable[Event]) -> None:
        """Report what was resolved, in the background. Without a chain there is nothing to do."""
        chain = self.venue.chain
        if chain is None:
            return
        for event in events:
            if isinstance(event, MarketResolved):
                market = event.market
                won = event.winning_token_id == market.token_ids[0]
                payouts = (1, 0) if won else (0, 1)
                report = self.venue.on_chain(chain.report_payouts, market.condition_id, payouts)
                task = asyncio.get_running_loop().create_task(report)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def done(self) -> None:
        """Return when nothing is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def close(self) -> None:
        """Forget what is under way: the venue starts anew."""
        for task in self._tasks:
            task.cancel()
