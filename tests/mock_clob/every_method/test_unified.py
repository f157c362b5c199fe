"""Every public method of polymarket-client's four clients.

The calls are written once, as the async clients are called; the sync ones answer them too.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from polymarket import AsyncSecureClient, SecureClient

from mock_clob.pytest_plugin import MockClob
from tests.mock_clob.every_method import (
    unified_clob,
    unified_reads,
    unified_streams,
    unified_wallets,
)
from tests.mock_clob.every_method.profile import seen
from tests.mock_clob.every_method.surfaces import SURFACES, UNIFIED, calls_of, codes, methods
from tests.mock_clob.every_method.world import ALICE, BOB, Awaited, World, relayed, settled

# Modules of calls, and whether the venue needs its chain for them.
MODULES = {unified_clob: False, unified_reads: False, unified_streams: False, unified_wallets: True}
CALLS = {
    name: (call, chain)
    for module, chain in MODULES.items()
    for name, call in calls_of(module).items()
}
WALLET_CALLS = calls_of(unified_wallets)


async def act(surface: str, method: str, venue: MockClob) -> None:
    kind = SURFACES[surface]
    if surface.startswith("public"):
        client = kind()
    else:
        wallet: dict[str, Any] = {"wallet": ALICE.address}
        if method in WALLET_CALLS:
            wallet = relayed()
        client = await settled(kind.create(private_key=ALICE.key, **wallet))
    bob = SecureClient.create(private_key=BOB.key, wallet=BOB.address)
    called: Any = client if surface.endswith("async") else Awaited(client, AsyncSecureClient)
    try:
        await CALLS[method][0](World(called, bob, venue, kind))
    finally:
        bob.close()
        await settled(client.close())


@pytest.mark.parametrize(
    ("surface", "method"),
    [
        (surface, name)
        for surface in UNIFIED
        for name in methods(SURFACES[surface])
        if name in CALLS
    ],
)
def test_method_is_answered(surface: str, method: str, mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=2, chain=CALLS[method][1])
    with seen() as ran:
        asyncio.run(act(surface, method, mock_clob))
    assert ran & codes(SURFACES[surface], method), f"the call of {method} does not call it"
