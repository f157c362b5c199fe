"""Run a stream in the background of an `async with` block, and wait for what it brings about."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Self


class StreamTask(ABC):
    """Subclasses call `_moved` when something has changed that somebody may wait for."""

    _task: asyncio.Task[None]
    _change: asyncio.Future[None]

    @abstractmethod
    async def _run(self) -> None:
        """What the stream does until it is closed."""

    def _moved(self) -> None:
        if not self._change.done():
            self._change.set_result(None)

    @property
    def ended(self) -> bool:
        """Whether it stopped for good: it was closed, or an error that does not pass ended it."""
        return self._task.done()

    async def __aenter__(self) -> Self:
        self._change = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop and wait for the end. Raises the error that had ended the stream before, if any."""
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Return when `condition()` holds: now or after a later message.

        Raises the error that ended the stream, ConnectionError if it was closed. To wait for the
        end itself: `wait_until(lambda: False)`.
        """
        while not condition():
            if self._change.done():
                self._change = self._change.get_loop().create_future()
            waits = {self._change, self._task}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if self._task.cancelled():
                raise ConnectionError("the stream was closed")
            if self._task.done():
                self._task.result()
