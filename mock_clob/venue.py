"""The venue as a whole: puts the rooms together and starts them anew.

Only the server's loop thread touches a venue; `Server.call` brings others there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_clob import scenario
from mock_clob.accounts import ACCOUNTS
from mock_clob.auth import Keys
from mock_clob.clock import Clock
from mock_clob.contracts import CONTRACTS, Contracts
from mock_clob.engine import Engine
from mock_clob.faults import Faults
from mock_clob.gate import Gate
from mock_clob.heartbeats import Heartbeats
from mock_clob.hosts import build_app
from mock_clob.journal import Journal
from mock_clob.ledger import COLLATERAL, Ledger
from mock_clob.model import Trade
from mock_clob.settlement import Settlement
from mock_clob.sockets import Hub
from mock_clob.throttle import CURRENT_EDITION, IpThrottle, SignerThrottle
from mock_clob.wallets import Wallets

if TYPE_CHECKING:
    from mock_clob.chain.evm import Chain

T = TypeVar("T")
SignerLimits = Literal["off", "warn", "enforce"]
TICK_SECONDS = 0.25


@dataclass(frozen=True)
class Options:
    """How the venue behaves. The defaults are the strict ones.

    exchange: the order format it takes, 1 (py-clob-client), 2 (CLOB V2) or 3 (position ids).
    signer_limits: the per-signer buckets: "off", "warn" (the last known state) or "enforce".
    Exchange 1 is of the time before them: None is "off" there, else "warn".
    time_scale: divides every throttle window's seconds and its count, so that rates stay.
    edition: which day's table of per-IP limits holds.
    """

    exchange: int = 2
    chain_id: int = 137
    seed: int = 0
    chain: bool = True
    throttle: bool = True
    time_scale: float = 1.0
    edition: str = CURRENT_EDITION
    signer_limits: SignerLimits | None = None

    def __post_init__(self) -> None:
        if self.exchange not in (1, 2, 3):
            raise ValueError(f"exchange must be 1, 2 or 3, not {self.exchange!r}")
        if self.chain_id not in CONTRACTS:
            raise ValueError(f"chain_id must be one of {sorted(CONTRACTS)}, not {self.chain_id!r}")
        if self.time_scale <= 0:
            raise ValueError(f"time_scale must be greater than 0, not {self.time_scale!r}")

    @property
    def signer_mode(self) -> SignerLimits:
        return self.signer_limits or ("off" if self.exchange == 1 else "warn")


class Venue:
    def __init__(self, options: Options | None = None) -> None:
        self._chain_thread = ThreadPoolExecutor(1, "mock-clob-chain")
        self._chains: dict[int, Chain] = {}
        self._ticker: asyncio.Task[None] | None = None
        self.clock = Clock()
        self.hub = Hub(self)
        self.app: Starlette = build_app(self)
        self._gate: ASGIApp = Gate(self, self.app)
        self.options = options or Options()
        self.settlement = Settlement(self)
        self.reset()

    def reset(self, options: Options | None = None, **changes: Any) -> None:
        """Begin anew: fresh books, balances, keys and journal. Sockets are closed."""
        self.options = replace(options or self.options, **changes)
        self.settlement.close()
        self.clock.reset()
        self.journal = Journal()
        self.faults = Faults(self.options.seed)
        self.throttle = IpThrottle(self.options.edition, self.options.time_scale)
        self.signers = SignerThrottle(enforce=self.options.signer_mode == "enforce")
        self.contracts: Contracts = CONTRACTS[self.options.chain_id]
        self.ledger = Ledger()
        self.engine = Engine(self.ledger, self.options.seed)
        self.keys = Keys(
            frozenset(account.address.lower() for account in ACCOUNTS), self.options.chain_id
        )
        self.wallets = Wallets()
        self.heartbeats = Heartbeats()
        self.settlement = Settlement(self)
        self.chain = self._fresh_chain() if self.options.chain else None
        self.hub.reset()
        scenario.load(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.get_running_loop().create_task(self._tick_forever())
        await self._gate(scope, receive, send)

    @property
    def collateral(self) -> str:
        """The collateral token's address in this edition: USDC.e until CLOB V2, then pUSD."""
        return self.contracts.usdc_e if self.options.exchange == 1 else self.contracts.pusd

    def spenders(self) -> list[str]:
        """The contracts whose allowances count, as GET /balance-allowance lists them."""
        c = self.contracts
        if self.options.exchange == 1:
            return [c.exchange_v1, c.neg_risk_exchange_v1, c.neg_risk_adapter]
        if self.options.exchange == 2:
            return [c.exchange_v2, c.neg_risk_exchange_v2, c.neg_risk_adapter]
        return [c.exchange_v3]

    def matched(self, trades: Sequence[Trade]) -> None:
        """The engine made these trades: tell the streams, and settle."""
        self.publish()
        for trade in trades:
            self.settlement.take(trade)

    def publish(self) -> None:
        """Send what the engine has to say to the streams."""
        self.hub.publish(self.engine.drain())

    def tick(self) -> None:
        """What happens by the clock alone: expiries and missed heartbeats."""
        now = self.clock.now_ms()
        self.engine.expire(now)
        for api_key in self.heartbeats.missed(now):
            for order in [o for o in self.engine.open.values() if o.owner == api_key]:
                self.engine.cancel(order.id, now, "heartbeat missed")
        self.publish()

    def advance(self, seconds: float) -> None:
        """Move the clock forward; what falls due on the way happens."""
        self.clock.advance(seconds)
        self.tick()

    async def on_chain(self, function: Callable[..., T], *args: Any) -> T:
        """Run a call of the chain on its one thread: the EVM is not thread-safe."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._chain_thread, lambda: function(*args))

    async def refresh(self, owner: str, asset: str) -> None:
        """Read a wallet's balance and allowances from the chain again."""
        if self.chain is None or not owner:
            return
        balance, allowances = await self.on_chain(self._read_chain, self.chain, owner, asset)
        self.ledger.balances[owner, asset] = balance
        for spender, amount in allowances.items():
            self.ledger.allow(owner, spender, asset, amount)

    def _read_chain(self, chain: Chain, owner: str, asset: str) -> tuple[int, dict[str, int]]:
        if asset == COLLATERAL:
            return chain.balance(self.collateral, owner), {
                spender: chain.allowance(self.collateral, owner, spender)
                for spender in self.spenders()
            }
        return chain.position_balance(owner, int(asset)), {
            spender: int(chain.approved_for_all(owner, spender)) for spender in self.spenders()
        }

    def _fresh_chain(self) -> Chain:
        """The chain of this chain id, as at genesis. Kept between resets: making one takes long."""

        def make() -> Chain:
            from mock_clob.chain.evm import Chain

            chain = self._chains.get(self.options.chain_id)
            if chain is None:
                chain = Chain(self.options.chain_id, now_ms=self.clock.now_ms)
                self._chains[self.options.chain_id] = chain
            chain.reset()
            return chain

        return self._chain_thread.submit(make).result()

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.tick()
