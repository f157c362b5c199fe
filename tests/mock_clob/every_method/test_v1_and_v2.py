"""Every public method of py-clob-client and py-clob-client-v2, their RFQ clients included.

Each test calls one method of the unmodified client against the venue, and sees that the method
itself has run.
"""

from __future__ import annotations

from typing import Any

import py_clob_client.client as v1
import py_clob_client_v2.client as v2
import pytest

from mock_clob.pytest_plugin import MockClob
from tests.mock_clob.every_method import calls_rfq, calls_v1, calls_v2
from tests.mock_clob.every_method.profile import seen
from tests.mock_clob.every_method.surfaces import SURFACES, calls_of, codes
from tests.mock_clob.every_method.world import ALICE, BOB, World

CALLS = {
    "v1": calls_of(calls_v1),
    "v1.rfq": calls_of(calls_rfq),
    "v2": calls_of(calls_v2),
    "v2.rfq": calls_of(calls_rfq),
}


def clients(surface: str, venue: MockClob) -> tuple[Any, Any]:
    """Alice's and Bob's client with keys."""
    if surface.startswith("v1"):
        first = [v1.ClobClient(venue.url, chain_id=137, key=who.key) for who in (ALICE, BOB)]
        for client in first:
            client.set_api_creds(client.create_or_derive_api_creds())
        return first[0], first[1]
    second = [v2.ClobClient(venue.url, chain_id=137, key=who.key) for who in (ALICE, BOB)]
    for client in second:
        client.set_api_creds(client.create_or_derive_api_key())
    return second[0], second[1]


@pytest.mark.parametrize(
    ("surface", "method"), [(surface, name) for surface in CALLS for name in CALLS[surface]]
)
def test_method_is_answered(surface: str, method: str, mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=2 if surface == "v2" else 1, chain=False)
    alice, bob = clients(surface, mock_clob)
    with seen() as ran:
        CALLS[surface][method](World(alice, bob, mock_clob))
    assert ran & codes(SURFACES[surface], method), f"the call of {method} does not call it"
