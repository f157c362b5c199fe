"""What every test stands on: snippets are importable by plain name, as a reader saves them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from py_clob_client.client import ClobClient

from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob

if TYPE_CHECKING:
    from tests.redis_server import RedisServer

SNIPPETS = Path(__file__).parent.parent / "snippets"

sys.path[:0] = [str(folder) for folder in sorted(SNIPPETS.iterdir()) if folder.is_dir()]


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("update_examples", False) and config.getoption("numprocesses", None):
        raise pytest.UsageError("--update-examples rewrites guides: run it without -n")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for the whole run: give each test its own names."""
    from tests.redis_server import running

    with running(tmp_path_factory.mktemp("redis")) as server:
        yield server


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
