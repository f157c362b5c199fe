"""The venue as the snippets of py-clob-client trade on it, and a client of account 0."""

from __future__ import annotations

import pytest
from py_clob_client.client import ClobClient
from trading_client import trading_client

from mock_clob.pytest_plugin import MockClob


@pytest.fixture
def venue(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> MockClob:
    """Exchange 1 without the chain; the environment has account 0's key."""
    mock_clob.reset(exchange=1, chain=False)
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", mock_clob.account(0).key)
    return mock_clob


@pytest.fixture
def client(venue: MockClob) -> ClobClient:
    return trading_client()
