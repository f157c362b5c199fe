"""How fast the mocked venue is: orders, start, reset, snapshot, memory.

The venue has a process and a core of its own; every order is parsed, its HMAC and its EIP-712
signature are checked, it is matched, settled in the ledger and answered. The per-IP throttle is
off, because it would hold back what is measured. Orders are signed before (venue_orders.py).
Beside it the price of being real: the same requests to what answers all of them alike, which is
pytest-httpserver over the network and respx in the client's own process.

Run: python benchmarks/venue_speed.py
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
from venue_orders import credentials, pairs, requests

from mock_clob import snapshot
from mock_clob.accounts import ACCOUNTS
from mock_clob.server import Server
from mock_clob.venue import Options, Venue

ROUNDS, ORDERS = 5, 20_000  # 100,000 orders in all
SINGLES = 2_000
CANNED = {"success": True, "orderID": "0x" + "0" * 64, "status": "live", "errorMsg": ""}
HERE = Path(__file__).parent.parent


def serve(pipe: Pipe) -> None:
    """A venue on the first core; each question is answered with its resident memory in MB."""
    os.sched_setaffinity(0, {0})
    venue = Venue(Options(chain=False, throttle=False))
    for account in ACCOUNTS[:8]:
        assert venue.keys.create(account.address.lower(), 0) == credentials(account)
    with Server(venue) as server:
        pipe.send(server.port)
        while pipe.recv():
            pipe.send((_resident(), len(venue.engine.orders)))


def serve_canned(pipe: Pipe) -> None:
    """pytest-httpserver on the first core, which says the same to every order."""
    from pytest_httpserver import HTTPServer

    os.sched_setaffinity(0, {0})
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it writes a line for each request
    with HTTPServer(threaded=True) as server:
        server.expect_request("/order", method="POST").respond_with_json(CANNED)
        pipe.send(server.port)
        while pipe.recv():
            pipe.send((_resident(), 0))


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Sender(asyncio.Protocol):
    """Sends the next request when the last is answered, and knows how long each took."""

    def __init__(self, port: int, waiting: Iterator[bytes], over: asyncio.Future[None]) -> None:
        self.port, self.waiting, self.over = port, waiting, over
        self.seconds: list[float] = []
        self.refusal = ""
        self._received = b""
        self._done = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send()

    def send(self) -> None:
        request = next(self.waiting, None)
        if request is None:
            self._done = True
            self.transport.close()
        else:
            self._sent = time.perf_counter()
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if not end or len(body) < int(length):
            return
        self.seconds.append(time.perf_counter() - self._sent)
        if b'"success":true' not in body.replace(b" ", b""):
            self.refusal = body.decode()
        self._received = b""
        if b"connection: close" not in head.lower():
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        """A server that closes after each reply is asked again on a new connection."""
        if self._done:
            self.over.set_result(None)
        else:
            loop = asyncio.get_running_loop()
            self._again = loop.create_task(
                loop.create_connection(lambda: self, "127.0.0.1", self.port)
            )


async def send(port: int, batches: list[list[bytes]]) -> tuple[float, list[float]]:
    """(orders a second, seconds of each): a connection for each batch."""
    loop = asyncio.get_running_loop()
    senders = [Sender(port, iter(batch), loop.create_future()) for batch in batches]
    start = time.perf_counter()
    for sender in senders:
        await loop.create_connection(lambda sender=sender: sender, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(sender.over for sender in senders))
    taken = time.perf_counter() - start
    for sender in senders:
        assert not sender.refusal, sender.refusal
    seconds = [each for sender in senders for each in sender.seconds]
    return len(seconds) / taken, seconds


def over_http(target: Callable[[Pipe], None], rounds: int, orders: int) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs,))
    process.start()
    port = ours.recv()
    signed = [requests(pair) for pair in pairs()]
    single = [asyncio.run(send(port, [list(islice(signed[0], SINGLES))]))[1]][0]
    rates = []
    for _ in range(rounds):
        batches = [list(islice(each, orders // 4)) for each in signed]
        rates.append(asyncio.run(send(port, batches))[0])
    ours.send(True)
    memory, kept = ours.recv()
    ours.send(False)
    process.join()
    return {"rates": rates, "single": single, "memory": memory, "kept": kept}


def in_process() -> list[float]:
    """Seconds of each post that respx answers, by the client that it replaces the network of."""
    import respx

    signed = requests(pairs()[0])
    bodies = [each.partition(b"\r\n\r\n")[2] for each in islice(signed, SINGLES)]
    seconds = []
    with respx.mock, httpx.Client() as client:
        respx.post("https://clob.polymarket.com/order").respond(json=CANNED)
        for body in bodies:
            start = time.perf_counter()
            client.post("https://clob.polymarket.com/order", content=body)
            seconds.append(time.perf_counter() - start)
    return seconds


def start(*options: str) -> float:
    """Seconds from the command to its first answer, in the better of three runs."""
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        command = [sys.executable, "-m", "mock_clob", "serve", "--port", "0", "--json", *options]
        with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            url = process.stdout.readline().partition('"url": "')[2].partition('"')[0]
            httpx.get(f"{url}/ok")
            best = min(best, time.perf_counter() - begun)
            process.terminate()
    return best


def begin_anew(chain: bool) -> tuple[float, float, float]:
    """Median milliseconds of a reset, a snapshot and a restore, with 1,000 orders of before."""
    venue = Venue(Options(chain=chain, throttle=False))
    for account in ACCOUNTS[:8]:
        venue.keys.create(account.address.lower(), 0)
    with Server(venue) as server:
        signed = islice(requests(pairs()[0]), 2_000)
        # Without the SELLs, which would have to wait for the BUYs to be settled on the chain.
        asyncio.run(send(server.port, [[r for n, r in enumerate(signed) if n % 4 < 2]]))
        held = server.wait(lambda: snapshot.take(venue))
        taking = _milliseconds(lambda: server.wait(lambda: snapshot.take(venue)))
        restoring = _milliseconds(lambda: server.call(lambda: snapshot.restore(venue, held)))
        resetting = _milliseconds(lambda: server.call(venue.reset))
    return resetting, taking, restoring


def _milliseconds(act: Callable[[], Any]) -> float:
    taken = []
    for _ in range(11):
        begun = time.perf_counter()
        act()
        taken.append(1000 * (time.perf_counter() - begun))
    return median(taken)


def processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def main() -> None:
    cores = os.cpu_count() or 1
    print(
        f"{processor()}, {cores} cores, {platform.system()}, Python {platform.python_version()}; "
        f"load average {os.getloadavg()[0]:.1f}. {ROUNDS} rounds of {ORDERS:,} orders over 4 "
        f"connections; {SINGLES:,} single orders one after another.\n"
    )
    plain, full = start("--no-chain"), start()
    quick, real = begin_anew(chain=False), begin_anew(chain=True)
    os.sched_setaffinity(0, {min(1, cores - 1)})  # the servers have the first one
    print("| one core each | orders/s: min | median | max | single: p50 ms | p99 ms | RSS MB |")
    print("|---|---|---|---|---|---|---|")
    for name, target, orders in (
        ("mocked venue: verified, matched, settled", serve, ORDERS),
        ("pytest-httpserver, canned", serve_canned, 2_000),
    ):
        got = over_http(target, ROUNDS, orders)
        rates = got["rates"]
        cells = [f"{value:,.0f}" for value in (min(rates), median(rates), max(rates))]
        cells += [f"{1000 * value:.2f}" for value in _percentiles(got["single"])]
        print(f"| {name} | {' | '.join(cells)} | {got['memory']:.0f} |")
        if got["kept"]:
            memory = f"{got['memory']:.0f} MB with {got['kept']:,} orders known"
    seconds = in_process()
    cells = [f"{1000 * value:.2f}" for value in _percentiles(seconds)]
    rate = f"{len(seconds) / sum(seconds):,.0f}"
    print(f"| respx, canned, in the client's process | {rate} | | | {' | '.join(cells)} | |\n")
    print("| mocked venue | without the chain | with it |")
    print("|---|---|---|")
    print(f"| start to first answer, s | {plain:.2f} | {full:.2f} |")
    for number, name in enumerate(("reset, ms", "snapshot, ms", "restore, ms")):
        print(f"| {name} | {quick[number]:.1f} | {real[number]:.1f} |")
    print(f"\nResident memory: {memory}.")


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    return median(seconds), quantiles(seconds, n=100)[98]


if __name__ == "__main__":
    main()
