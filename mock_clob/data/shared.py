"""What all groups of Data API routes share: the chain's log, and what happened so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from starlette.routing import Route

from mock_clob.data import refusals
from mock_clob.data.chain_log import ChainLog
from mock_clob.data.changes import Change, changes
from mock_clob.data.refusals import Handler, Refused
from mock_clob.gamma.catalog import Catalog

if TYPE_CHECKING:
    from mock_clob.venue import Venue

DAY = 86_400


class DataRoutes:
    """A group of routes of one venue."""

    def __init__(self, venue: Venue, log: ChainLog) -> None:
        self.venue = venue
        self._log = log

    def table(self) -> dict[str, Handler]:
        """Path -> handler. Those under /v2 refuse as v2 does."""
        raise NotImplementedError

    def routes(self) -> list[Route]:
        return [
            Route(path, (refusals.v2 if path.startswith("/v2") else refusals.v1)(handler))
            for path, handler in self.table().items()
        ]

    @property
    def now(self) -> int:
        return self.venue.clock.now_ms() // 1000

    def catalog(self) -> Catalog:
        return Catalog(self.venue.engine)

    async def changes(self) -> list[Change]:
        """Everything that happened, oldest first."""
        chain = self.venue.chain
        log = await self.venue.on_chain(self._log.read, chain) if chain else []
        return changes(self.venue, log)

    def refuse_contracts(self, user: str) -> str:
        """The venue's own contracts have no books of their own. Raises Refused."""
        if user in {address.lower() for address in vars(self.venue.contracts).values()}:
            raise Refused(f"user is a protocol contract: {user}", "user")
        return user


def of(wallet: str, found: Iterable[Change]) -> list[Change]:
    return [change for change in found if change.wallet == wallet]
