"""How long each failure goes unnoticed, and how long recovery takes: the guide's table, measured.

The stream runs with its real timeouts on a virtual clock, against a venue in memory whose network
takes no time. Every figure is over 100 faults at random moments.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
from typing import Any, Self

import pytest
import reconnecting_socket
from liveness import LEAST_PATIENCE_SECONDS
from market_stream import MarketStream
from reconnect_backoff import Backoff
from stream_timeouts import StreamTimeouts
from websockets.exceptions import ConnectionClosedError

from tests.snippets.virtual_loop import run

TOKEN = "71"
FAULTS = 100
DATA_EVERY_SECONDS = 1.0


class Venue:
    """Stands in for `websockets.connect`: one quiet market that changes once a second."""

    def __init__(self) -> None:
        self.fault = ""
        self.inbox: asyncio.Queue[str | Exception] = asyncio.Queue()
        self.pulse: asyncio.Task[None] | None = None

    def __call__(self, url: str, **options: Any) -> Self:
        assert options["ping_interval"] is None, "the library's pings would hide or cause faults"
        return self

    async def __aenter__(self) -> Self:
        self.inbox = asyncio.Queue()
        self.fault = ""
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.pulse is not None
        self.pulse.cancel()

    async def close(self) -> None:
        pass

    async def recv(self) -> str:
        frame = await self.inbox.get()
        if isinstance(frame, Exception):
            raise frame
        return frame

    async def send(self, frame: str) -> None:
        if frame != "PING":
            self.put({"event_type": "book", "bids": [{"price": "0.4", "size": "1"}], "asks": []})
            self.pulse = asyncio.create_task(self.market())
        elif self.fault not in ("half-open", "no PONG"):
            self.inbox.put_nowait("PONG")

    def put(self, message: dict[str, Any]) -> None:
        now_ms = int(asyncio.get_running_loop().time() * 1_000)
        self.inbox.put_nowait(json.dumps(message | {"asset_id": TOKEN, "timestamp": now_ms}))

    async def market(self) -> None:
        while True:
            await asyncio.sleep(DATA_EVERY_SECONDS)
            best = "0.5" if self.fault == "gap" else "0.4"  # its bid at 0.5 was never told
            change = {"asset_id": TOKEN, "price": "0.3", "size": "1", "side": "BUY"}
            if self.fault not in ("half-open", "freeze"):
                told = [change | {"best_bid": best, "best_ask": "1"}]
                self.put({"event_type": "price_change", "price_changes": told})

    def begin(self, fault: str) -> None:
        self.fault = fault
        if fault == "drop":
            self.inbox.put_nowait(ConnectionClosedError(None, None))


async def measure(fault: str, venue: Venue) -> tuple[list[float], list[float]]:
    """Seconds from each fault to its detection, and from there to a good book."""
    clock, rng = asyncio.get_running_loop().time, random.Random(fault)
    noticed, recovered = [], []
    downs: list[float] = []

    def on_event(event: dict[str, Any]) -> None:
        if event["event_type"] == "stream_down":
            downs.append(clock())

    backoff = Backoff(rng=random.Random(1))
    async with MarketStream(
        [TOKEN], on_event, timeouts=StreamTimeouts(5, 300), backoff=backoff
    ) as stream:
        for number in range(FAULTS):
            await stream.wait_until(lambda: stream.books[TOKEN].ready)
            await asyncio.sleep(rng.uniform(40, 80))  # long enough to be a stable connection
            began = clock()
            venue.begin(fault)
            await stream.wait_until(lambda: len(downs) > number)  # noqa: B023
            noticed.append(downs[-1] - began)
            await stream.wait_until(lambda: stream.books[TOKEN].ready)
            recovered.append(clock() - downs[-1])
    return noticed, recovered


@pytest.mark.parametrize(
    ("fault", "soonest", "latest"),
    [
        ("drop", 0, 0),
        ("half-open", 10, 15),
        ("no PONG", 10, 15),
        ("freeze", 299, 300),  # 300 from the last data, which came up to a second before
        ("gap", 5, 6),  # 5 from the first message that shows it, which came up to a second after
    ],
)
def test_failures_are_noticed_and_repaired_within_the_times_of_the_guide(
    fault: str, soonest: float, latest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue = Venue()
    monkeypatch.setattr(reconnecting_socket, "connect", venue)
    noticed, recovered = run(measure(fault, venue))
    spread = (latest - soonest) / 10
    assert soonest <= min(noticed) <= soonest + spread
    assert latest - spread <= max(noticed) <= latest + LEAST_PATIENCE_SECONDS
    assert 0.5 <= min(recovered) < statistics.median(recovered) < max(recovered) <= 1
