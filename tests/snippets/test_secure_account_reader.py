"""The user stream with polymarket-client, at the venue of today's order format."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from polymarket import SecureClient
from reconnect_backoff import Backoff
from secure_account_reader import account_reader, stream_auth
from stream_timeouts import StreamTimeouts
from user_stream import UserStream

from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from tests.snippets.scripted_venue import in_loop

YES = DOCUMENTED.token_ids[0]


@pytest.fixture
def venue(mock_clob: MockClob) -> MockClob:
    mock_clob.reset(exchange=2, chain=False)
    return mock_clob


def secure_client(venue: MockClob, index: int) -> SecureClient:
    account = venue.account(index)
    return SecureClient.create(private_key=account.key, wallet=account.address)


def place(client: SecureClient, side: Any, price: str, shares: str = "10") -> Any:
    return client.place_limit_order(token_id=YES, side=side, price=price, size=shares)


@in_loop
async def test_a_fill_made_while_away_is_told_once_and_the_rest_stays_open(
    venue: MockClob,
) -> None:
    alice = await asyncio.to_thread(secure_client, venue, 0)
    bob = await asyncio.to_thread(secure_client, venue, 1)
    filled: list[dict[str, Any]] = []
    mine = (await asyncio.to_thread(place, alice, "SELL", "0.51", "20")).order_id
    stream = UserStream(
        stream_auth(alice),
        account_reader(alice),
        lambda event: filled.append(event) if event["event_type"] == "trade" else None,
        timeouts=StreamTimeouts(10, 300),
        backoff=Backoff(0.02, 0.02, minimum_seconds=0.01),
    )
    async with stream:
        await stream.wait_until(lambda: stream.reconciled)
        assert stream.state.open_orders() == {mine}
        venue.call(venue.venue.hub.drop)
        await stream.wait_until(lambda: not stream.reconciled)
        await asyncio.to_thread(place, bob, "BUY", "0.51", "8")
        await stream.wait_until(lambda: stream.reconciled and bool(filled))
        assert stream.state.filled(mine) == Decimal(8)
        assert stream.state.open_orders() == {mine}
    assert len({event["id"] for event in filled}) == 1
    alice.close()
    bob.close()


@in_loop
async def test_a_fill_that_no_message_told_is_found_though_the_connection_lives(
    venue: MockClob,
) -> None:
    alice = await asyncio.to_thread(secure_client, venue, 0)
    bob = await asyncio.to_thread(secure_client, venue, 1)
    events: list[str] = []
    mine = (await asyncio.to_thread(place, alice, "SELL", "0.51", "20")).order_id
    stream = UserStream(
        stream_auth(alice),
        account_reader(alice),
        lambda event: events.append(event["event_type"]),
        read_every=0.2,
        timeouts=StreamTimeouts(10, 300),
    )
    async with stream:
        await stream.wait_until(lambda: stream.reconciled)
        venue.call(venue.venue.hub.freeze)
        await asyncio.to_thread(place, bob, "BUY", "0.51", "8")
        venue.call(venue.venue.hub.thaw)  # nothing is sent again
        await stream.wait_until(lambda: stream.state.filled(mine) == 8)
        venue.call(venue.venue.hub.freeze)
        await asyncio.to_thread(place, bob, "BUY", "0.51", "12")
        venue.call(venue.venue.hub.thaw)
        await stream.wait_until(lambda: not stream.state.open_orders())
        assert stream.state.filled(mine) == 20
        assert (events.count("stream_down"), events.count("stream_reconciled")) == (0, 1)
