"""The venue as the snippets trade on it: a client of account 0, gateways, an order journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from order_journal import OrderJournal
from py_clob_client.client import ClobClient
from trading_client import trading_client

from mock_clob.pytest_plugin import MockClob
from tests.snippets.order_bench import Bench, clob, secure


@pytest.fixture
def venue(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> MockClob:
    """Exchange 1 without the chain; the environment has account 0's key."""
    mock_clob.reset(exchange=1, chain=False)
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", mock_clob.account(0).key)
    return mock_clob


@pytest.fixture
def client(venue: MockClob) -> ClobClient:
    return trading_client()


@pytest.fixture(params=[secure, clob], ids=["polymarket-client", "py-clob-client"])
def bench(request: pytest.FixtureRequest, mock_clob: MockClob) -> Bench:
    made: Bench = request.param(mock_clob)
    made.gateway.order_id(made.sign("0.40", "GTC"))  # what clients read once is read
    return made


@pytest.fixture
def journal_path(tmp_path: Path) -> Path:
    return tmp_path / "orders.sqlite"


@pytest.fixture
def journal(journal_path: Path) -> Iterator[OrderJournal]:
    made = OrderJournal(journal_path)
    yield made
    made.close()
