"""Frames from strangers: no channel crashes on one, and none changes the venue's state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from mock_clob import wire
from mock_clob.scenario import DOCUMENTED
from mock_clob.server import Server
from mock_clob.venue import Options, Venue

CHANNELS = ("/ws/market", "/ws/user", "/live-data", "/realtime/ws", "/sports/ws")
YES = DOCUMENTED.token_ids[0]

WORDS = """
type op operation action auth apiKey secret passphrase ticket rid market user subscribe unsubscribe
ping assets_ids markets subscriptions channel filter filters topic symbol provider window_seconds
price.crypto price.crypto.twap price.polymarket asset_id btcusd crypto_prices comments update
custom_feature_enabled initial_dump
"""
words = st.sampled_from([*WORDS.split(), YES, "", "*"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(words, values, max_size=6)
prices = st.sampled_from(["price.crypto", "price.crypto.twap", "price.equity", "price.polymarket"])
topics = st.sampled_from(["crypto_prices", "comments", "equity_prices", "activity"])
wishes = st.fixed_dictionaries({"channel": prices, "filter": values})
feeds = st.fixed_dictionaries({"topic": topics, "type": values, "filters": values})
frames = st.one_of(
    wishes.map(lambda wish: json.dumps({"op": "subscribe", "subscriptions": [wish]})),
    feeds.map(lambda feed: json.dumps({"action": "subscribe", "subscriptions": [feed]})),
    values.map(lambda value: json.dumps({"type": "user", "auth": value, "markets": []})),
    values.map(lambda value: json.dumps({"operation": "subscribe", "assets_ids": value})),
    objects.map(json.dumps),
    objects.map(lambda frame: json.dumps({"op": "subscribe"} | frame)),
    objects.map(lambda each: json.dumps({"action": "subscribe", "subscriptions": [each]})),
    objects.map(lambda each: json.dumps({"type": "market", "assets_ids": [YES]} | each)),
    st.text(max_size=30),
    st.binary(max_size=30),
    st.just("[" * 100_000),
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(Venue(Options(chain=False, throttle=False))) as server:
        server.call(server.venue.clock.freeze)
        yield server


def state(server: Server) -> Any:
    def read() -> Any:
        engine = server.venue.engine
        books = [wire.book(engine, token, 0) for token in engine.by_token]
        return books, dict(server.venue.ledger.balances), len(engine.orders), engine.events

    return server.call(read)


@pytest.mark.parametrize("path", CHANNELS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(said=st.lists(frames, min_size=1, max_size=6))
def test_no_frame_crashes_a_channel_or_changes_the_venue(
    server: Server, caplog: pytest.LogCaptureFixture, path: str, said: list[str | bytes]
) -> None:
    before = state(server)
    with connect(f"{server.ws_url}{path}", ping_interval=None, proxy=None, close_timeout=1) as ws:
        try:
            for frame in said:
                ws.send(frame)
            pong = ws.ping()
            while not pong.is_set():
                with suppress(TimeoutError):
                    ws.recv(timeout=0.01)
        except ConnectionClosed:
            pass
    server.call(lambda: server.venue.advance(0))
    assert state(server) == before
    assert not caplog.records
    assert server.call(lambda: server.venue.hub.counters.refused) == 0
