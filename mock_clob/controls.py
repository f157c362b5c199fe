"""What a test can do to the venue besides trading: one method for each thing.

Two doors lead here: the fixture `mock_clob` (pytest_plugin.py) and `/__mock/` over HTTP (admin.py).
All methods run on the server's thread; amounts are decimal strings, dollars and shares. They raise
ValueError, with what would have been right, and then nothing has changed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

from mock_clob import rules, scenario, snapshot, wire
from mock_clob.accounts import ACCOUNTS
from mock_clob.faults import STREAM_PRESETS, Effect, Fault
from mock_clob.journal import Entry
from mock_clob.ledger import COLLATERAL
from mock_clob.model import UNIT, Market, Side
from mock_clob.signer_throttle import CANCEL, ORDER, TIERS
from mock_clob.snapshot import Snapshot

if TYPE_CHECKING:
    from mock_clob.venue import Venue

Json = dict[str, Any]

MAX_SECONDS = 366 * 86_400  # of one advance: a scenario plays all of it
MAX_FUNDS = 10**15  # dollars
MAX_SNAPSHOTS = 100
MAX_FLOW = 1_000
MAX_FAULTS = 1_000


class Controls:
    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.snapshots: dict[str, Snapshot] = {}  # by name; kept over a reset

    # The venue as a whole

    def state(self) -> Json:
        """Options, clock, markets, orders, trades, accounts, streams, and a digest to compare."""
        venue = self.venue
        engine, ledger = venue.engine, venue.ledger
        statuses: dict[str, int] = {}
        for trade in engine.trades.values():
            statuses[trade.status] = statuses.get(trade.status, 0) + 1
        return {
            "digest": snapshot.digest(venue),
            "options": dataclasses.asdict(venue.options),
            "clock": {"now_ms": venue.clock.now_ms(), "frozen": venue.clock.frozen},
            "markets": [self._market_row(market) for market in engine.markets.values()],
            "orders": {
                "open": len(engine.open),
                "delayed": len(engine.delayed),
                "known": len(engine.orders),
            },
            "trades": statuses,
            "accounts": [
                {
                    "index": account.index,
                    "address": account.address,
                    "collateral": wire.amount(ledger.balance(account.address.lower(), COLLATERAL)),
                    "shares": {
                        asset: wire.amount(amount)
                        for (owner, asset), amount in ledger.balances.items()
                        if owner == account.address.lower() and asset != COLLATERAL and amount
                    },
                    "open_orders": sum(
                        order.signer == account.address.lower() for order in engine.open.values()
                    ),
                }
                for account in scenario.USERS
            ],
            "streams": {"open": venue.hub.open} | dataclasses.asdict(venue.hub.counters),
            "settlement": venue.settlement.mode,
            "faults": len(venue.faults),
            "snapshots": list(self.snapshots),
            "journal": venue.journal.summary(),
        }

    def reset(
        self,
        exchange: int | None = None,
        chain_id: int | None = None,
        seed: int | None = None,
        chain: bool | None = None,
        throttle: bool | None = None,
        time_scale: float | None = None,
        edition: str | None = None,
        signer_limits: Literal["off", "warn", "enforce"] | None = None,
        scenario: str | None = None,
        flow: float | None = None,
    ) -> Json:
        """Begin anew; options that are not named stay as they are."""
        given = {name: value for name, value in locals().items() if value is not None}
        del given["self"]
        if (flow or 0) > MAX_FLOW:
            raise ValueError(f"flow must be at most {MAX_FLOW} a second, not {flow}")
        if time_scale is not None and not 0.001 <= time_scale <= 1_000_000:
            raise ValueError(f"time_scale must lie between 0.001 and 1000000, not {time_scale}")
        options = dataclasses.replace(self.venue.options, **given)
        self.venue.reset(options)
        return dataclasses.asdict(options)

    def play(self, name: str) -> Json:
        """Begin anew with another scenario: its markets, and what happens in them."""
        return self.reset(scenario=name)

    async def snapshot(self, name: str = "default") -> Json:
        """Remember the venue as it is now, under a name."""
        if len(self.snapshots) >= MAX_SNAPSHOTS and name not in self.snapshots:
            raise ValueError(f"there are {MAX_SNAPSHOTS} snapshots already: give a name again")
        self.snapshots[name] = await snapshot.take(self.venue)
        return {"name": name, "bytes": len(self.snapshots[name].data)}

    def restore(self, name: str = "default") -> Json:
        """Go back to a snapshot, any number of times. Streams are closed, clients connect again."""
        if name not in self.snapshots:
            known = ", ".join(self.snapshots) or "none yet"
            raise ValueError(f"no snapshot named {name!r}; there are: {known}")
        snapshot.restore(self.venue, self.snapshots[name])
        snapshot.go_on(self.venue)
        return {"name": name, "now_ms": self.venue.clock.now_ms()}

    # Time

    def advance(self, seconds: float) -> Json:
        """Move the clock forward; what falls due on the way happens."""
        if not 0 <= seconds <= MAX_SECONDS:
            raise ValueError(f"seconds must lie between 0 and {MAX_SECONDS}, not {seconds!r}")
        self.venue.advance(seconds)
        return self._clock()

    def freeze(self, at_ms: int | None = None) -> Json:
        """Stop the clock, now or at a later instant (Unix ms). `advance` still moves it."""
        latest = self.venue.clock.now_ms() + MAX_SECONDS * 1000
        if at_ms is not None and at_ms > latest:
            raise ValueError(f"at_ms must be at most {latest}, not {at_ms}")
        self.venue.clock.freeze(at_ms)
        self.venue.tick()
        return self._clock()

    def unfreeze(self) -> Json:
        """Let the clock run on from where it stands."""
        self.venue.clock.unfreeze()
        return self._clock()

    # What goes wrong

    def faults(self) -> list[Json]:
        """The faults in force, and how many calls each has met."""
        return [_fault_row(fault) for fault in self.venue.faults._faults]

    def add_fault(
        self,
        name: str = "",
        status: int = 0,
        body: str = "",
        headers: dict[str, str] | None = None,
        delay: float = 0.0,
        drop: bool = False,
        method: str | None = None,
        path: str | None = None,
        signer: str = "*",
        phase: Literal["before", "after"] | None = None,
        nth: int = 1,
        times: int | None = 1,
        probability: float = 1.0,
        depth: int | None = None,
        stream: dict[str, Any] | None = None,
    ) -> Json:
        """A preset by name (ws_... for the streams, with their arguments in `stream`), or an
        answer of your own: status, body, headers, delay, drop."""
        if name in STREAM_PRESETS:
            try:
                self.venue.hub.fault(name, **(stream or {}))
            except TypeError as error:
                raise ValueError(str(error)) from None
            return {"name": name}
        if len(self.venue.faults) >= MAX_FAULTS:
            raise ValueError(f"there are {MAX_FAULTS} faults already: clear them first")
        effect: Effect | str = name
        if not name:
            effect = _effect(status, body, headers or {}, delay, drop)
        return _fault_row(
            self.venue.faults.add(
                effect,
                method=method,
                path=path,
                signer=signer,
                phase=phase,
                nth=nth,
                times=times,
                probability=probability,
                depth=depth,
            )
        )

    def clear_faults(self) -> Json:
        """No faults any more, neither of requests nor of the streams."""
        count = len(self.venue.faults)
        self.venue.faults.clear()
        self.venue.hub.thaw()
        return {"cleared": count}

    def mode(
        self,
        restart: bool = False,
        trading: Literal["open", "cancel_only", "disabled"] | None = None,
        geoblocked: bool | None = None,
        closed_only: list[str] | None = None,
        banned: list[str] | None = None,
    ) -> Json:
        """Put the venue, or addresses, into one of its modes: see modes.py."""
        modes = self.venue.modes
        addresses = [self._address(each) for each in (closed_only or []) + (banned or [])]
        if restart:
            modes.restart(self.venue.clock.now_ms())
        if trading is not None:
            modes.trading = trading
        if geoblocked is not None:
            modes.geoblocked = geoblocked
        for number, address in enumerate(addresses):
            (modes.close_only if number < len(closed_only or []) else modes.ban)(address)
        return {"trading": modes.trading, "geoblocked": modes.geoblocked}

    # What happens to trades, accounts and markets

    async def settle(
        self,
        mode: Literal["auto", "manual"] | None = None,
        failures: int = 0,
        retries: int = 0,
    ) -> Json:
        """Settle what is queued. Mode "manual" keeps later trades MATCHED until the next call;
        `failures` trades end FAILED first, `retries` show RETRYING on their way."""
        if failures < 0 or retries < 0:
            raise ValueError("failures and retries cannot be negative")
        settlement = self.venue.settlement
        settlement.mode = mode or settlement.mode
        settlement.failures += failures
        settlement.retries += retries
        await settlement.settle()
        return {"mode": settlement.mode, "failures": settlement.failures}

    async def fund(self, account: int | str, amount: str) -> Json:
        """Give a test account collateral, in dollars; on the chain too, where there is one."""
        owner, units = self._address(account), _units(amount)
        venue = self.venue
        if venue.chain is None:
            venue.ledger.balances[owner.lower(), COLLATERAL] += units
        else:
            await venue.on_chain(venue.chain.deposit, venue.collateral, owner, units)
            await venue.refresh(owner.lower(), COLLATERAL)
        balance = wire.amount(venue.ledger.balance(owner.lower(), COLLATERAL))
        return {"address": owner, "collateral": balance}

    def tier(self, account: int | str, tier: str) -> Json:
        """Move an account to another tier of the per-signer limits."""
        if tier.lower() not in TIERS:
            raise ValueError(f"no tier named {tier!r}; there are: {', '.join(TIERS)}")
        owner = self._address(account)
        self.venue.signers.set_tier(owner, tier, self.venue.clock.now())
        chosen = TIERS[tier.lower()]
        rates = {ORDER: chosen.orders, CANCEL: chosen.cancels}
        return {"address": owner, "tier": chosen.name} | {
            name: dataclasses.asdict(rate) for name, rate in rates.items()
        }

    def change_tick(self, market: str, tick: str) -> Json:
        """Change a market's tick size; orders off the new tick are canceled."""
        chosen, units = self._market(market), _units(tick)
        if units not in rules.TICKS:
            known = ", ".join(wire.price(each) for each in rules.TICKS)
            raise ValueError(f"no tick of {tick!r}; there are: {known}")
        self.venue.engine.change_tick(chosen, units, self.venue.clock.now_ms())
        self.venue.publish()
        return self._market_row(chosen)

    def resolve(self, market: str, outcome: str) -> Json:
        """Close a market with an outcome: its orders go, its shares can be redeemed."""
        chosen = self._market(market)
        if outcome not in chosen.outcomes:
            known = ", ".join(chosen.outcomes)
            raise ValueError(f"{chosen.slug} has no outcome {outcome!r}; it has: {known}")
        self.venue.engine.resolve(chosen, outcome, self.venue.clock.now_ms())
        self.venue.publish()
        return self._market_row(chosen)

    def requests(self, method: str | None = None, path: str | None = None) -> list[Json]:
        """The journal: requests of a method and a path (`*` stands for any text)."""
        return [entry_row(entry) for entry in self.venue.journal.requests(method, path)]

    # What was meant

    def _clock(self) -> Json:
        return {"now_ms": self.venue.clock.now_ms(), "frozen": self.venue.clock.frozen}

    def _address(self, account: int | str) -> str:
        """A test account by its index or address, or one of their wallets."""
        text = str(account).lower()
        for each in ACCOUNTS:
            if text in (str(each.index), each.address.lower()):
                return each.address
        if text in {wallet.lower() for wallet in scenario.smart_wallets()}:
            return text
        raise ValueError(f"no test account {account!r}: give an index from 0 to 9 or its address")

    def _market(self, name: str) -> Market:
        for market in self.venue.engine.markets.values():
            if name in (market.slug, market.condition_id, *market.token_ids):
                return market
        known = ", ".join(market.slug for market in self.venue.engine.markets.values())
        raise ValueError(f"no market {name!r}: give a token id, a condition id or one of {known}")

    def _market_row(self, market: Market) -> Json:
        engine = self.venue.engine
        yes = market.token_ids[0]
        book = engine.books[market.condition_id]
        sides = [book.levels(market, yes, side) for side in (Side.BUY, Side.SELL)]
        return {
            "slug": market.slug,
            "condition_id": market.condition_id,
            "token_ids": list(market.token_ids),
            "tick_size": wire.price(market.tick),
            "accepting_orders": market.accepting_orders,
            "closed": market.closed,
            "winner": market.outcome(market.winning_token_id) if market.winning_token_id else None,
            "best_bid": _first(sides[0][::-1]),
            "best_ask": _first(sides[1]),
        }


def entry_row(entry: Entry) -> Json:
    return dataclasses.asdict(entry)


def _first(levels: Sequence[tuple[int, int]]) -> str | None:
    return wire.price(levels[0][0]) if levels else None


def _fault_row(fault: Fault) -> Json:
    effect = fault.effect
    return {
        "name": effect.name,
        "status": effect.status,
        "delay": effect.delay,
        "drop": effect.drop,
        "method": fault.method,
        "paths": list(fault.paths),
        "signer": fault.signer,
        "phase": fault.phase,
        "nth": fault.nth,
        "times": fault.times,
        "probability": fault.probability,
        "seen": fault.seen,
        "fired": fault.fired,
    }


def _effect(status: int, body: str, headers: dict[str, str], delay: float, drop: bool) -> Effect:
    if status and not 200 <= status <= 599:
        raise ValueError(f"a status lies between 200 and 599, not {status}")
    if not 0 <= delay <= MAX_SECONDS:
        raise ValueError(f"a delay lies between 0 and {MAX_SECONDS} seconds, not {delay}")
    if not (status or delay or drop):
        raise ValueError("a fault needs the name of a preset, or a status, a delay or drop")
    for name, value in headers.items():
        if not (f"{name}{value}".isascii() and f"{name}{value}".isprintable() and name):
            raise ValueError(f"no header: {name!r}")
    return Effect(status, body, headers, delay, drop, name="custom")


def _units(text: str) -> int:
    """A decimal string in base units of 1e-6; above nothing and without a rest."""
    try:
        units = Decimal(text) * UNIT
        exact = units == units.to_integral_value()
    except (InvalidOperation, ValueError):
        exact = False
    if not exact or not 0 < units <= MAX_FUNDS * UNIT:
        raise ValueError(f"an amount is a decimal string with at most six places, not {text!r}")
    return int(units)
