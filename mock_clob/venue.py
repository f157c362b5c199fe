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
from mock_clob.builders import Builders
from mock_clob.clock import Clock
from mock_clob.contracts import CONTRACTS, Contracts
from mock_clob.controls import Controls
from mock_clob.delays import Delays
from mock_clob.engine import Engine
from mock_clob.faults import Faults
from mock_clob.gate import Gate
from mock_clob.heartbeats import Heartbeats
from mock_clob.hosts import build_app, routes_of
from mock_clob.ip_limits import CURRENT_EDITION, EDITIONS
from mock_clob.ip_throttle import IpThrottle
from mock_clob.journal import Journal
from mock_clob.ledger import COLLATERAL, UNLIMITED, Ledger
from mock_clob.model import Trade
from mock_clob.modes import Modes
from mock_clob.notifications import Notifications
from mock_clob.payouts import Payouts
from mock_clob.position_ids import is_position_id
from mock_clob.relayer.transactions import Transactions
from mock_clob.rewards import Rewards
from mock_clob.rfq import Rfq
from mock_clob.rules import MAX_BODY_BYTES
from mock_clob.scenarios import named
from mock_clob.settlement import Settlement
from mock_clob.signer_throttle import SignerThrottle
from mock_clob.sockets import Hub
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
    scenario: which markets there are and what happens in them (scenarios.py).
    flow: orders and cancels a second by the house; None is the scenario's own, 0 none.
    max_body: bytes of a request's body.
    """

    exchange: int = 2
    chain_id: int = 137
    seed: int = 0
    chain: bool = True
    throttle: bool = True
    time_scale: float = 1.0
    edition: str = CURRENT_EDITION
    signer_limits: SignerLimits | None = None
    scenario: str = "default"
    flow: float | None = None
    max_body: int = MAX_BODY_BYTES

    def __post_init__(self) -> None:
        if self.exchange not in (1, 2, 3):
            raise ValueError(f"exchange must be 1, 2 or 3, not {self.exchange!r}")
        if self.chain_id not in CONTRACTS:
            raise ValueError(f"chain_id must be one of {sorted(CONTRACTS)}, not {self.chain_id!r}")
        named(self.scenario)
        if self.flow is not None and self.flow < 0:
            raise ValueError(f"flow cannot be negative: {self.flow!r}")
        if self.time_scale <= 0:
            raise ValueError(f"time_scale must be greater than 0, not {self.time_scale!r}")
        if self.edition not in EDITIONS:
            raise ValueError(f"edition must be one of {', '.join(EDITIONS)}, not {self.edition!r}")

    @property
    def signer_mode(self) -> SignerLimits:
        return self.signer_limits or ("off" if self.exchange == 1 else "warn")


class Venue:
    def __init__(self, options: Options | None = None) -> None:
        self._chain_thread = ThreadPoolExecutor(1, "mock-clob-chain")
        self._chains: dict[tuple[int, str], Chain] = {}  # by chain id and scenario
        self._ticker: asyncio.Task[None] | None = None
        self.clock = Clock()
        self.hub = Hub(self)
        self.controls = Controls(self)
        self.routes = routes_of(self)
        self.app: Starlette = build_app(self.routes)
        self._gate: ASGIApp = Gate(self, self.app)
        self.options = options or Options()
        self.settlement = Settlement(self)
        self.delays = Delays(self)
        self.payouts = Payouts(self)
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
        self.engine = Engine(
            self.ledger,
            self.options.seed,
            fees_to=scenario.OPERATOR.address.lower(),
            fees_in_shares=self.options.exchange == 1,
        )
        self.keys = Keys(
            frozenset(account.address.lower() for account in ACCOUNTS), self.options.chain_id
        )
        self.builders = Builders()
        self.notifications = Notifications(self.engine)
        self.rewards = Rewards(self.engine, self.clock.now_ms())
        self.rfq = Rfq()
        self.wallets = Wallets(
            [account.address for account in scenario.USERS], [scenario.NEWCOMER.address]
        )
        self.relayer = Transactions(self)
        self.heartbeats = Heartbeats()
        self.modes = Modes()
        self.delays.close()
        self.payouts.close()
        self.settlement = Settlement(self)
        self.chain = self._fresh_chain() if self.options.chain else None
        self.hub.reset()
        self.flow = scenario.load(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.get_running_loop().create_task(self._tick_forever())
        await self._gate(scope, receive, send)

    @property
    def collateral(self) -> str:
        """The collateral token's address in this edition: USDC.e until CLOB V2, then pUSD."""
        return self.contracts.usdc_e if self.options.exchange == 1 else self.contracts.pusd

    def spenders(self, asset: str = COLLATERAL) -> list[str]:
        """The contracts whose allowances count, as GET /balance-allowance lists them."""
        c = self.contracts
        if self.options.exchange == 1:
            return [c.exchange_v1, c.neg_risk_exchange_v1, c.neg_risk_adapter]
        on_2 = [c.exchange_v2, c.neg_risk_exchange_v2, c.neg_risk_adapter]
        if self.options.exchange == 2:
            return on_2
        if asset == COLLATERAL:
            return [*on_2, c.exchange_v3]
        return [c.exchange_v3] if is_position_id(asset) else on_2

    def matched(self, trades: Sequence[Trade]) -> None:
        """The engine made these trades: tell the streams, and settle."""
        self.publish()
        for trade in trades:
            if not self.flow.adopt(trade):
                self.settlement.take(trade)

    def publish(self) -> None:
        """Send what the engine has to say to the streams, and note it for the accounts."""
        events = self.engine.drain()
        self.notifications.take(events)
        self.payouts.take(events)
        self.hub.publish(events)

    def tick(self) -> None:
        """What happens by the clock alone: expiries, delayed orders, missed heartbeats."""
        now = self.clock.now_ms()
        self.rewards.look(now)
        others = self.flow.run(now, self.publish)
        self.engine.expire(now)
        released = others + self.engine.release(now)
        for api_key in self.heartbeats.missed(now):
            for order in [o for o in self.engine.open.values() if o.owner == api_key]:
                self.engine.cancel(order.id, now, "heartbeat missed")
        self.matched(released)
        self.hub.tick(now)

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
        self.engine.cover(owner, asset, self.clock.now_ms())
        self.publish()

    def _read_chain(self, chain: Chain, owner: str, asset: str) -> tuple[int, dict[str, int]]:
        if asset == COLLATERAL:
            return chain.balance(self.collateral, owner), {
                spender: chain.allowance(self.collateral, owner, spender)
                for spender in self.spenders()
            }
        return chain.position_balance(owner, int(asset)), {
            spender: UNLIMITED if chain.approved_for_all(owner, spender, int(asset)) else 0
            for spender in self.spenders(asset)
        }

    def _fresh_chain(self) -> Chain:
        """The chain of this chain id, as at genesis. Kept between resets: making one takes long."""

        def make() -> Chain:
            from mock_clob.chain.evm import Chain

            chain = self._chains.get((self.options.chain_id, self.options.scenario))
            if chain is None:
                start = scenario.genesis(self.options.chain_id, self.options.scenario)
                chain = Chain(start, self.options.chain_id, now_ms=self.clock.now_ms)
                self._chains[self.options.chain_id, self.options.scenario] = chain
            chain.reset()
            return chain

        return self._chain_thread.submit(make).result()

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.tick()
