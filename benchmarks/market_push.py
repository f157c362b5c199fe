"""How fast the mocked venue pushes market data: one order after another, 100 subscribers.

The venue has a process and a core of its own; every order passes the engine and is told to every
subscriber as a price_change with its hash and best prices. Beside it the price of being real: the
`websockets` library that broadcasts one canned message, without a venue. The subscribers are one
process that counts frames.

Run: python benchmarks/market_push.py
"""

from __future__ import annotations

import asyncio
import itertools
import json
import multiprocessing
import os
import platform
import time
from collections.abc import Callable
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median

from websockets.asyncio.server import ServerConnection, broadcast
from websockets.asyncio.server import serve as ws_serve

from mock_clob.model import UNIT, Order, OrderType, Side
from mock_clob.scenario import DOCUMENTED, HOUSE
from mock_clob.server import Server
from mock_clob.signed_order import exchange_contract
from mock_clob.venue import Options, Venue

SUBSCRIBERS, ORDERS, ROUNDS = 100, 1_000, 7
YES = DOCUMENTED.token_ids[0]
CANNED = "x" * 591  # as long as the venue's message
AT_ONCE = 10  # orders between two looks at the network, as a busy venue has them

_HANDSHAKE = (
    b"GET /ws/market HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def serve(pipe: Pipe) -> None:
    """A venue on the first core. Each number that comes in is that many orders to place."""
    os.sched_setaffinity(0, {0})
    venue = Venue(Options(chain=False))
    with Server(venue) as server:
        pipe.send(server.port)
        while count := pipe.recv():
            before = time.process_time()
            asyncio.run_coroutine_threadsafe(place(venue, count), _loop(server)).result()
            pipe.send(time.process_time() - before)


def broadcast_canned(pipe: Pipe) -> None:
    """A plain websockets server on the first core that says the same again and again."""
    os.sched_setaffinity(0, {0})
    asyncio.run(_broadcast_canned(pipe))


async def _broadcast_canned(pipe: Pipe) -> None:
    async def stay(connection: ServerConnection) -> None:
        await connection.wait_closed()

    loop = asyncio.get_running_loop()
    async with ws_serve(stay, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        pipe.send(next(iter(server.sockets)).getsockname()[1])
        while count := await loop.run_in_executor(None, pipe.recv):
            before = time.process_time()
            for number in range(count):
                broadcast(server.connections, CANNED)
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
            pipe.send(time.process_time() - before)


def _loop(server: Server) -> asyncio.AbstractEventLoop:
    return server.call(asyncio.get_running_loop)


async def place(venue: Venue, count: int) -> None:
    """Orders one cent apart that rest, and are canceled again: the book keeps its size."""
    market = venue.engine.by_token[YES]
    contract = exchange_contract(venue.contracts, 2, market.neg_risk)
    for number in range(count // 2):
        now = venue.clock.now_ms()
        price = 10_000 * (1 + number % 40)
        order = Order(
            id=f"0x{next(_IDS):064x}",
            owner="house",
            signer=HOUSE.address.lower(),
            maker=HOUSE.address.lower(),
            market=market,
            token_id=YES,
            side=Side.BUY,
            type=OrderType.GTC,
            price=price,
            size=10 * UNIT,
            maker_amount=10 * price,
            taker_amount=10 * UNIT,
            created_ms=now,
        )
        venue.engine.place(order, contract)
        venue.publish()
        venue.engine.cancel(order.id, now)
        venue.publish()
        if number % (AT_ONCE // 2) == 0:
            await asyncio.sleep(0)
    while any(connection.queue for connection in venue.hub.connections):
        await asyncio.sleep(0)


_IDS = itertools.count()


class Counter(asyncio.Protocol):
    """A subscriber that reads frames and keeps nothing of them."""

    def __init__(self) -> None:
        self.frames = 0
        self.bytes = 0
        self._rest = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(_HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        data = self._rest + data
        at = 0
        if not self._open:
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                self._rest = data
                return
            self._open = True
            frame = json.dumps({"type": "market", "assets_ids": [YES], "initial_dump": False})
            head = b"\x81\xfe" + len(frame).to_bytes(2, "big") + bytes(4)  # masked with zeros
            self.transport.write(head + frame.encode())
        while at + 4 <= len(data):
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            if start + size > len(data):
                break
            at = start + size
            self.frames += 1
        self._rest = data[at:]


async def measure(port: int, pipe: Pipe) -> list[tuple[float, float, float]]:
    """(messages/s, venue's core in use, bytes of a message) of each round."""
    loop = asyncio.get_running_loop()
    counters = []
    for _ in range(SUBSCRIBERS):
        _, counter = await loop.create_connection(Counter, "127.0.0.1", port)
        counters.append(counter)
    await asyncio.sleep(0.5)
    results = []
    for _ in range(ROUNDS):
        heard, read = sum(c.frames for c in counters), sum(c.bytes for c in counters)
        start = time.perf_counter()
        pipe.send(ORDERS)
        wanted = heard + ORDERS * SUBSCRIBERS
        while sum(counter.frames for counter in counters) < wanted:
            await asyncio.sleep(0.002)
        seconds = time.perf_counter() - start
        busy = await loop.run_in_executor(None, pipe.recv)
        size = (sum(c.bytes for c in counters) - read) / (ORDERS * SUBSCRIBERS)
        results.append((ORDERS * SUBSCRIBERS / seconds, busy / seconds, size))
    return results


def run(target: Callable[[Pipe], None]) -> list[tuple[float, float, float]]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs,))
    process.start()
    results = asyncio.run(measure(ours.recv(), ours))
    ours.send(0)
    process.join()
    return results


def processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def main() -> None:
    os.sched_setaffinity(0, {min(1, (os.cpu_count() or 1) - 1)})
    print(
        f"{processor()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}. {SUBSCRIBERS} subscribers, {ROUNDS} rounds of "
        f"{ORDERS} messages each; messages a second to all subscribers together.\n"
    )
    print("| server, on one core | min | median | max | bytes | core in use |")
    print("|---|---|---|---|---|---|")
    for name, target in (("mocked venue", serve), ("websockets, canned", broadcast_canned)):
        results = run(target)
        rates = [rate for rate, _, _ in results]
        cells = [f"{value:,.0f}" for value in (min(rates), median(rates), max(rates))]
        cells.append(f"{median(size for _, _, size in results):.0f}")
        cells.append(f"{median(busy for _, busy, _ in results):.0%}")
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
