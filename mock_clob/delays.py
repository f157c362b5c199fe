"""Wakes the venue when a delayed order is due, so that a delay of milliseconds is one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_clob.venue import Venue


class Delays:
    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self._task: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """Call when an order may have been delayed."""
        waiting = self._task is not None and not self._task.done()
        if self.venue.engine.next_release is not None and not waiting:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        venue = self.venue
        while (due := venue.engine.next_release) is not None:
            await venue.clock.sleep((due - venue.clock.now_ms()) / 1000)
            venue.tick()
