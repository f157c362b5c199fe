"""Gamma without the chain, read by today's client and by httpx under production names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from polymarket import PublicClient

from mock_clob.pytest_plugin import MockClob

Get = Callable[..., Any]


@pytest.fixture
def venue(mock_clob: MockClob) -> MockClob:
    mock_clob.reset(exchange=2, chain=False)
    return mock_clob


@pytest.fixture
def client(venue: MockClob) -> Iterator[Any]:
    with PublicClient() as made:
        yield made


@pytest.fixture
def get(venue: MockClob) -> Iterator[Get]:
    """The JSON of a path that answers 200, or (status, JSON) of one that is refused."""
    with httpx.Client(base_url="https://gamma-api.polymarket.com") as http:

        def read(path: str, **params: Any) -> Any:
            reply = http.get(path, params=params)
            return reply.json() if reply.status_code == 200 else (reply.status_code, reply.json())

        yield read
