"""A polymarket-client of a test account at the mocked venue of exchange 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from polymarket import SecureClient
from polymarket.models.clob.order_response import OrderResponse

from mock_clob.accounts import ACCOUNTS


@contextmanager
def trader(index: int = 0) -> Iterator[SecureClient]:
    client = SecureClient.create(private_key=ACCOUNTS[index].key, wallet=ACCOUNTS[index].address)
    try:
        yield client
    finally:
        client.close()


def settle(client: SecureClient, response: OrderResponse) -> None:
    """Wait until what a placed order matched is settled."""
    assert response.ok
    client.wait_for_order_fill_settlement(response)
