"""Real clients for the mocked venue's own tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from py_clob_client.client import ClobClient

from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob


@pytest.fixture
def venue_1(mock_clob: MockClob) -> MockClob:
    """The venue as py-clob-client trades on it, without the chain."""
    mock_clob.reset(exchange=1, chain=False)
    return mock_clob


@pytest.fixture
def client_of(venue_1: MockClob) -> Callable[[int], ClobClient]:
    """An authenticated py-clob-client of the account with this index."""

    def make(index: int) -> ClobClient:
        client = ClobClient(venue_1.url, chain_id=137, key=ACCOUNTS[index].key)
        client.set_api_creds(client.create_or_derive_api_creds())
        return client

    return make


@pytest.fixture
def alice(client_of: Callable[[int], ClobClient]) -> ClobClient:
    return client_of(0)


@pytest.fixture
def bob(client_of: Callable[[int], ClobClient]) -> ClobClient:
    return client_of(1)
