"""The relayer's transactions: what was asked, where it stands, and how it is done on the chain.

A transaction is NEW until it runs, then CONFIRMED or FAILED. It runs at once, unless `hold` keeps
it NEW until `release`. One that would revert is not sent: it is FAILED with the contract's words.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mock_clob.chain.errors import ChainError
from mock_clob.rules import Rejected

if TYPE_CHECKING:
    from mock_clob.venue import Venue

NEW, CONFIRMED, FAILED = "STATE_NEW", "STATE_CONFIRMED", "STATE_FAILED"


@dataclass
class Transaction:
    id: str
    kind: str
    wallet: str  # lower case
    to: str
    data: bytes
    done: Callable[[], None] | None  # what the venue notes once it is confirmed
    metadata: str = ""
    state: str = NEW
    hash: str = ""
    error: str = ""


@dataclass
class Transactions:
    venue: Venue
    hold: bool = False
    _known: dict[str, Transaction] = field(default_factory=dict)
    _releasing: asyncio.Task[None] | None = None
    _answered: dict[tuple[str, str], Transaction] = field(default_factory=dict)

    async def take(
        self,
        kind: str,
        wallet: str,
        to: str,
        data: bytes,
        *,
        metadata: str = "",
        done: Callable[[], None] | None = None,
    ) -> Transaction:
        """A new transaction. Raises Rejected("relayer_busy") while the wallet has another."""
        if any(known.wallet == wallet and known.state == NEW for known in self._known.values()):
            raise Rejected("relayer_busy")
        digest = hashlib.sha256(f"relayer {len(self._known)} {wallet}".encode()).digest()
        name = str(uuid.UUID(bytes=digest[:16], version=4))
        made = Transaction(name, kind, wallet, to, data, done, metadata)
        self._known[name] = made
        if not self.hold:
            await self._run(made)
        return made

    def find(self, name: str) -> Transaction:
        """Raises Rejected("relayer_transaction")."""
        try:
            return self._known[name]
        except KeyError:
            raise Rejected("relayer_transaction") from None

    def repeated(self, sender: str, idempotency_key: str) -> Transaction | None:
        return self._answered.get((sender, idempotency_key))

    def remember(self, sender: str, idempotency_key: str, made: Transaction) -> None:
        self._answered[sender, idempotency_key] = made

    def release(self) -> None:
        """Run what was held, in order and in the background, and hold no more."""
        self.hold = False
        self._releasing = asyncio.get_running_loop().create_task(self._run_all())

    async def released(self) -> None:
        """Return when nothing that was held is under way."""
        if self._releasing is not None:
            await self._releasing
            self._releasing = None

    async def _run_all(self) -> None:
        for waiting in [known for known in self._known.values() if known.state == NEW]:
            await self._run(waiting)

    async def _run(self, transaction: Transaction) -> None:
        chain = self.venue.chain
        assert chain is not None
        call = transaction.to, transaction.data
        try:
            transaction.hash = await self.venue.on_chain(chain.operate, *call)
        except ChainError as error:
            transaction.state, transaction.error = FAILED, str(error)
            return
        transaction.state = CONFIRMED
        done, transaction.done = transaction.done, None
        if done:
            done()
