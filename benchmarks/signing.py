"""What limits a Python bot that places orders: the signature, the call or the way to the venue.

Run: PYTHONPATH=snippets/library:snippets/auth python benchmarks/signing.py
Clients are the installed ones, unmodified; the venue is the mocked one, in a process of its own,
without its throttles. Figures are orders per second, the best of the rounds, and ratios.
"""

from __future__ import annotations

import asyncio
import os
import platform
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fast_signature import FastSigner
from polymarket import AsyncSecureClient, SecureClient, SignedOrder
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import OrderArgs

from mock_clob import routing
from mock_clob.accounts import ACCOUNTS
from mock_clob.faults import Effect
from mock_clob.scenario import DOCUMENTED
from mock_clob.server import Server
from mock_clob.venue import Options, Venue

YES, ALICE = DOCUMENTED.token_ids[0], ACCOUNTS[0]
ROUNDS, BATCH, IN_FLIGHT = 3, 15, 8
WAY_SECONDS = 0.02  # there and back, for the third table
TERMS: dict[str, Any] = {"token_id": YES, "price": "0.01", "size": 5, "side": "BUY"}
AMOUNTS = (50_000, 5_000_000)
PURE_PYTHON = {"ECC_BACKEND_CLASS": "eth_keys.backends.NativeECCBackend"}


@dataclass(frozen=True)
class Bot:
    """A client, how it signs, and how it is signed for it by the fast path."""

    client: SecureClient
    fast: Callable[[], SignedOrder]

    def sign(self) -> SignedOrder:
        return self.client.create_limit_order(**TERMS)

    def post(self, order: SignedOrder) -> None:
        assert self.client.post_order(order).ok

    def post_batch(self, orders: list[SignedOrder]) -> None:
        assert all(reply.ok for reply in self.client.post_orders(orders))


def rate(count: int, act: Callable[[], object], orders: int = 1) -> float:
    """Orders per second of `count` calls that make so many orders each; the best round."""
    best = 0.0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(count):
            act()
        best = max(best, count * orders / (time.perf_counter() - start))
    return best


def threads(count: int, act: Callable[[], object]) -> float:
    best = 0.0
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        for _ in range(ROUNDS):
            start = time.perf_counter()
            for done in [pool.submit(act) for _ in range(count)]:
                done.result()
            best = max(best, count / (time.perf_counter() - start))
    return best


async def tasks(count: int, act: Callable[[], Awaitable[object]]) -> float:
    async def worker() -> None:
        for _ in range(count // IN_FLIGHT):
            await act()

    best = 0.0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
        best = max(best, count // IN_FLIGHT * IN_FLIGHT / (time.perf_counter() - start))
    return best


def signing(bot: Bot) -> dict[str, float]:
    old = ClobClient("https://clob.polymarket.com", 137, ALICE.key)
    old.set_api_creds(old.create_or_derive_api_creds())
    args = OrderArgs(token_id=YES, price=0.01, size=5, side="BUY")
    return {
        "py-clob-client, create_order": rate(200, lambda: old.create_order(args)),
        "polymarket-client, create_limit_order": rate(200, bot.sign),
        "FastSigner.order": rate(2_000, bot.fast),
    }


def posting(bot: Bot, count: int) -> dict[str, float]:
    def one_by_one(sign: Callable[[], SignedOrder]) -> None:
        bot.post(sign())

    def batch(sign: Callable[[], SignedOrder]) -> None:
        bot.post_batch([sign() for _ in range(BATCH)])

    batches = max(2, count // BATCH)
    asynchronous = asyncio.run(_posting_async(bot, count))
    return {
        "one after the other": rate(count, partial(one_by_one, bot.sign)),
        "the same, FastSigner": rate(count, partial(one_by_one, bot.fast)),
        f"{IN_FLIGHT} threads": threads(count, partial(one_by_one, bot.sign)),
        f"{IN_FLIGHT} threads, FastSigner": threads(count, partial(one_by_one, bot.fast)),
        f"{IN_FLIGHT} tasks": asynchronous["client"],
        f"{IN_FLIGHT} tasks, FastSigner": asynchronous["fast"],
        f"batches of {BATCH}": rate(batches, partial(batch, bot.sign), BATCH),
        f"batches of {BATCH}, FastSigner": rate(batches, partial(batch, bot.fast), BATCH),
    }


async def _posting_async(bot: Bot, count: int) -> dict[str, float]:
    client = await AsyncSecureClient.create(private_key=ALICE.key, wallet=ALICE.address)
    async with client:

        async def by_client() -> None:
            await client.post_order(await client.create_limit_order(**TERMS))

        async def by_hand() -> None:
            await client.post_order(bot.fast())

        await by_client()
        return {"client": await tasks(count, by_client), "fast": await tasks(count, by_hand)}


def table(title: str, rows: dict[str, float]) -> None:
    print(title)
    base = next(iter(rows.values()))
    for name, value in rows.items():
        print(f"  {name:<44} {value:>7,.0f}/s {value / base:>6.1f} x")


@contextmanager
def venue(way_seconds: float = 0.0) -> Iterator[None]:
    """The mocked venue in another process; production names lead there."""
    command = [sys.executable, __file__, "serve", str(way_seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as it:
        assert it.stdout is not None
        tls_port, plain_port, ca_pem = it.stdout.readline().split()
        routing.install(int(tls_port), int(plain_port), ca_pem)
        try:
            yield
        finally:
            routing.uninstall()
            it.communicate("")  # it ends when its input does


def serve(way_seconds: float) -> None:
    options = Options(chain=False, throttle=False, signer_limits="off")
    with Server(Venue(options)) as server:
        if way_seconds:
            way = Effect(delay=way_seconds, name="way")
            faults = server.venue.faults
            server.call(lambda: faults.add(way, method="POST", path="/order*", times=None))
        print(server.tls_port, server.port, server.ca_pem, flush=True)
        sys.stdin.read()


@contextmanager
def trader() -> Iterator[Bot]:
    with SecureClient.create(private_key=ALICE.key, wallet=ALICE.address) as client:
        signer = FastSigner(ALICE.key, client.create_limit_order(**TERMS), neg_risk=False)
        yield Bot(client, lambda: signer.order(*AMOUNTS))


def measured(what: str) -> None:
    """One table of this process: `sign` and `post` differ by the backend of the environment."""
    backend = "coincurve" if "ECC_BACKEND_CLASS" not in os.environ else "pure Python, the default"
    with venue(WAY_SECONDS if what == "way" else 0.0), trader() as bot:
        if what == "sign":
            table(f"Signing, {backend}", signing(bot))
        elif what == "post":
            table(f"Signing and posting on loopback, {backend}", posting(bot, 240))
        else:
            title = f"Signing and posting with {WAY_SECONDS * 1000:.0f} ms on the way, {backend}"
            table(title, posting(bot, 80))


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(float(sys.argv[2]))
    elif sys.argv[1:]:
        measured(sys.argv[1])
    else:
        model = [n for n in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in n]
        print(platform.python_version(), (model or ["?"])[0].split(":")[-1].strip(), os.cpu_count())
        for what in ("sign", "post", "way"):
            for changes in (PURE_PYTHON, {}):
                run = [sys.executable, __file__, what]
                subprocess.run(run, check=True, env=os.environ | changes)
