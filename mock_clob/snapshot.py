"""The whole state of a venue as bytes, and a venue that goes on from them.

In it: options, books, orders, trades, balances, keys, throttles, faults, journal, clock, chain.
Not in it: WebSocket connections and their faults. They are closed (1012, as a restart does) when a
snapshot is restored, because what they have heard no longer holds.

The bytes are a pickle that may name classes of the venue's state and nothing else, so that a file
of a stranger can put nonsense into a venue but cannot run code. They are good for the version of
mock-clob that made them.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import io
import json
import os
import pickle
import sys
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import MethodType
from typing import TYPE_CHECKING, Any

from mock_clob.chain.errors import Reverted
from mock_clob.clock import NS
from mock_clob.contracts import CONTRACTS
from mock_clob.settlement import Settlement

if TYPE_CHECKING:
    from mock_clob.venue import Venue

MAGIC = b"mock-clob state\n"

# Attributes of the venue that are its state; one graph, so what they share stays shared.
STATE = (
    "options",
    "journal",
    "faults",
    "throttle",
    "signers",
    "ledger",
    "engine",
    "keys",
    "builders",
    "notifications",
    "rewards",
    "rfq",
    "wallets",
    "relayer",
    "heartbeats",
    "modes",
    "flow",
)
# The others: saved in their own way below, made from the options, or no state at all.
OTHER = (
    "clock",
    "settlement",
    "chain",
    "contracts",
    "hub",
    "app",
    "routes",
    "controls",
    "delays",
    "payouts",
)

_MODULES = frozenset(
    f"mock_clob.{name}"
    for name in (
        "auth",
        "book",
        "builders",
        "chain.blocks",
        "chain.errors",
        "chain.saved",
        "clock",
        "engine",
        "faults",
        "flow",
        "heartbeats",
        "ip_limits",
        "ip_throttle",
        "journal",
        "ledger",
        "model",
        "modes",
        "notifications",
        "relayer.transactions",
        "rewards",
        "rfq",
        "scenario",
        "scenarios",
        "signer_throttle",
        "venue",
        "wallets",
    )
)
_OTHERS = frozenset(
    {
        ("array", "array"),
        ("array", "_array_reconstructor"),
        ("builtins", "frozenset"),
        ("builtins", "int"),
        ("builtins", "set"),
        ("collections", "OrderedDict"),
        ("collections", "defaultdict"),
        ("collections", "deque"),
        ("decimal", "Decimal"),
        ("functools", "partial"),
        ("random", "Random"),
        ("mock_clob.chain.saved", "header"),
        ("mock_clob.chain.saved", "transaction"),
        ("mock_clob.relayer.sessions", "authorized"),
        ("mock_clob.snapshot", "_method"),
    }
)
_NOT_STATE = frozenset({("mock_clob.venue", "Venue")})


class NoSnapshot(ValueError):
    """These bytes are not the state of a venue, or of one of another version."""


@dataclass(frozen=True)
class Snapshot:
    """`data` holds the keys that the venue gave to its test accounts, and no other secret."""

    data: bytes

    def write(self, path: Path) -> None:
        """Whole or not at all; readable by its owner only."""
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with os.fdopen(
                os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
            ) as f:
                f.write(self.data)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


async def take(venue: Venue) -> Snapshot:
    """The venue's state between two settlements. Runs on the server's thread.

    Raises NoSnapshot where something waits that cannot be saved.
    """
    async with venue.settlement.quiet():
        await venue.payouts.done()
        await venue.relayer.released()
        await venue.on_chain(int)  # one thread, first come first served: whoever is there is done
        state: dict[str, Any] = {name: getattr(venue, name) for name in STATE}
        state["moment"] = venue.clock.moment()
        state["settlement"] = venue.settlement.plan()
        if venue.chain is not None:
            from mock_clob.chain.saved import save

            # Not awaited: nothing may happen between the chain's state and the engine's.
            state["chain"] = venue._chain_thread.submit(save, venue.chain).result()
        buffer = io.BytesIO()
        try:
            _Pickler(buffer, venue).dump(state)
        except (AttributeError, TypeError, pickle.PicklingError) as error:
            raise NoSnapshot(f"this cannot be part of a snapshot: {error}") from error
    return Snapshot(MAGIC + _version() + buffer.getvalue())


def restore(venue: Venue, snapshot: Snapshot, *, resume: bool = False) -> None:
    """Make the venue what it was; `go_on` lets it move. On the server's thread, or before it runs.

    `resume` moves a live clock on to today, as far from the wall clock as it was, and lets the
    scenario continue where it stood. Raises NoSnapshot; then nothing has changed.
    """
    state = _load(venue, snapshot.data)
    moment = state["moment"]
    for part in (venue.settlement, venue.delays, venue.payouts):
        part.close()
    for name in STATE:
        setattr(venue, name, state[name])
    venue.contracts = CONTRACTS[venue.options.chain_id]
    venue.settlement = Settlement(venue)
    venue.settlement.follow(state["settlement"])
    venue.clock.restore(moment)
    away = (venue.clock.moment().wall_ns - moment.wall_ns) / NS
    if resume and not moment.frozen and away > 0:
        venue.clock.advance(away)
        venue.flow.postpone(away)
    venue.chain = venue._fresh_chain() if venue.options.chain else None
    if venue.chain is not None:
        from mock_clob.chain.saved import load

        venue._chain_thread.submit(load, venue.chain, state["chain"]).result()
    venue.hub.reset()


def go_on(venue: Venue) -> None:
    """Take up what was under way. Runs on the server's thread."""
    venue.settlement.go_on()
    venue.delays.watch()


# What the bytes may name


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, venue: Venue) -> None:
        super().__init__(file, protocol=5)
        self._venue = venue

    def persistent_id(self, value: Any) -> str | None:
        return "venue" if value is self._venue else None

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, MethodType):
            return _method, (value.__self__, value.__name__)
        if isinstance(value, Enum):
            return type(value), (value.value,)  # Python 3.11.0 to 3.11.3 would name getattr
        if isinstance(value, Reverted):
            return Reverted, (value.data,)
        if isinstance(value, asyncio.Future | asyncio.Lock):
            raise NoSnapshot(f"this cannot be part of a snapshot: {value!r}")
        chain = sys.modules.get("mock_clob.chain.saved")
        if chain and isinstance(value, chain.BlockHeaderAPI):
            return chain.header, (chain.header_bytes(value),)
        if chain and isinstance(value, chain.SignedTransactionAPI):
            return chain.transaction, (value.encode(),)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, venue: Venue) -> None:
        super().__init__(file)
        self._venue = venue

    def persistent_load(self, name: Any) -> Venue:
        if name != "venue":
            raise NoSnapshot(f"a snapshot does not name {name!r}")
        return self._venue

    def find_class(self, module: str, name: str) -> Any:
        if module in _MODULES and (module, name) not in _NOT_STATE and "." not in name:
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and found.__module__ == module:
                return found
        if (module, name) in _OTHERS:
            return super().find_class(module, name)
        raise NoSnapshot(f"a snapshot does not name {module}.{name}")


def _method(owner: Any, name: str) -> Any:
    """A method of an object of the venue's: what waits for its time in the flow, or a release."""
    if type(owner).__module__ not in _MODULES or name.startswith("__"):
        raise NoSnapshot(f"a snapshot does not name {type(owner).__name__}.{name}")
    return MethodType(vars(type(owner))[name], owner)


def _load(venue: Venue, data: bytes) -> dict[str, Any]:
    if not data.startswith(MAGIC):
        raise NoSnapshot("this is no state of mock-clob")
    head = MAGIC + _version()
    if not data.startswith(head):
        raise NoSnapshot("this state was made by another version of mock-clob")
    try:
        state = _Unpickler(io.BytesIO(data[len(head) :]), venue).load()
        whole = all(type(state[name]) is type(getattr(venue, name)) for name in STATE)
        state["moment"], state["settlement"]
    except NoSnapshot:
        raise
    except Exception as error:
        raise NoSnapshot(f"this state is damaged: {type(error).__name__}") from error
    if not whole or (state["options"].chain and "chain" not in state):
        raise NoSnapshot("this state is not whole")
    return state  # type: ignore[no-any-return]


@cache
def _version() -> bytes:
    """32 bytes that change with the code: attributes may have come or gone."""
    digest = hashlib.sha256(sys.version.encode())
    folder = Path(__file__).parent
    for file in sorted(folder.rglob("*.py")):
        digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.digest()


# A summary to compare


def digest(venue: Venue) -> str:
    """SHA-256 over what trading changes: markets, orders, trades, balances, keys.

    Not over the journal, the throttles and the clock, which every request changes.
    """
    engine, ledger = venue.engine, venue.ledger
    facts = [
        [[m.condition_id, m.tick, m.closed, m.winning_token_id] for m in engine.markets.values()],
        [[o.id, o.status, o.matched, o.spent] for o in engine.orders.values()],
        [*engine.open],
        [*engine.delayed],
        [[t.id, t.status, t.transaction_hash] for t in engine.trades.values()],
        sorted([*key, amount] for key, amount in ledger.balances.items() if amount),
        sorted([*key, amount] for key, amount in ledger.reserved.items() if amount),
        sorted([*key, amount] for key, amount in ledger.matched.items() if amount),
        sorted([*key, amount] for key, amount in ledger.allowances.items() if amount),
        sorted(venue.keys._by_key),
        sorted(venue.keys._read_only),
        repr(venue.modes),
        venue.chain.head.hash.hex() if venue.chain else "",
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
