"""What a call may use: two traders, the venue, and the market of the clients' own examples."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from polymarket import RelayerApiKey

from mock_clob.accounts import ACCOUNTS
from mock_clob.model import UNIT
from mock_clob.pytest_plugin import MockClob
from mock_clob.relayer.keys import relayer_api_key
from mock_clob.scenario import DOCUMENTED

YES, NO = DOCUMENTED.token_ids
CONDITION = DOCUMENTED.condition_id
ALICE, BOB = ACCOUNTS[0], ACCOUNTS[1]


@dataclass
class World:
    """`alice` holds 10,000 dollars and 100 shares of YES and NO each, `bob` dollars only.

    On the unified surfaces `alice` is called as the async client is, and `bob` is a sync one.
    """

    alice: Any
    bob: Any
    venue: MockClob
    kind: type[Any] = object  # the class of alice's client

    def give(self, address: str, token_id: str, shares: int) -> None:
        """Shares for a wallet, as the venue's ledger has them."""
        balances = self.venue.venue.ledger.balances
        self.venue.call(
            lambda: balances.__setitem__((address.lower(), token_id), shares * UNIT),
        )


class Awaited:
    """A sync client that can be called as the async one: what that awaits, this gives done."""

    def __init__(self, client: Any, pattern: type[Any]) -> None:
        self._client = client
        self._pattern = pattern

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._client, name)
        if not inspect.iscoroutinefunction(getattr(self._pattern, name, None)):
            return value

        def call(*args: Any, **kwargs: Any) -> Awaitable[Any]:
            return _done(value(*args, **kwargs))

        return call


def relayed() -> dict[str, Any]:
    """What a client of Alice's deposit wallet is made with, besides her private key."""
    key = RelayerApiKey(key=relayer_api_key(ALICE.address), address=ALICE.address)
    return {"api_key": key}


async def _done(value: Any) -> Any:
    return value


async def settled(value: Any) -> Any:
    """What a call gave, awaited where the async client needs it."""
    return await value if inspect.isawaitable(value) else value


async def first_page(paginator: Any) -> tuple[Any, ...]:
    """The items of a list's first page."""
    page = await settled(paginator.first_page())
    return tuple(page.items)
