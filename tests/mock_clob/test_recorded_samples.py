"""What the venue answers, held against the shapes of recorded samples: their keys and JSON types.

Samples: REST replies quoted in public threads of 2025-12 to 2026-09, the stream messages recorded
in nautilus_trader's test data (2026-08), and the hash vector of the clients' own tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import AssetType, BalanceAllowanceParams, OrderArgs
from py_clob_client.exceptions import PolyApiException
from py_clob_client.order_builder.constants import BUY
from py_clob_client.utilities import generate_orderbook_summary_hash, parse_raw_orderbook_summary
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from mock_clob import wire
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from tests.mock_clob.trade_on_2 import settle, trader

YES, NO = DOCUMENTED.token_ids
CID = DOCUMENTED.condition_id

# A shape: a type, several, a list of one shape, or an object of shapes. "?" marks a key that may
# be missing.
Shape = Any
LEVEL: Shape = {"price": str, "size": str}
BOOK: Shape = {
    "market": str,
    "asset_id": str,
    "timestamp": str,
    "hash": str,
    "bids": [LEVEL],
    "asks": [LEVEL],
    "min_order_size": str,
    "tick_size": str,
    "neg_risk": bool,
    "last_trade_price": str,
}
ORDER: Shape = {
    "id": str,
    "status": str,
    "owner": str,
    "maker_address": str,
    "market": str,
    "asset_id": str,
    "side": str,
    "original_size": str,
    "size_matched": str,
    "price": str,
    "outcome": str,
    "expiration": str,
    "order_type": str,
    "associate_trades": [str],
    "created_at": int,
}
MAKER_ORDER: Shape = {
    "order_id": str,
    "owner": str,
    "maker_address": str,
    "matched_amount": str,
    "price": str,
    "fee_rate_bps": str,
    "asset_id": str,
    "outcome": str,
    "side": str,
}
TRADE: Shape = {
    "id": str,
    "taker_order_id": str,
    "market": str,
    "asset_id": str,
    "side": str,
    "size": str,
    "fee_rate_bps": str,
    "price": str,
    "status": str,
    "match_time": str,
    "last_update": str,
    "match_time_nano": str,
    "outcome": str,
    "bucket_index": int,
    "owner": str,
    "maker_address": str,
    "transaction_hash": str,
    "err_msg": str,
    "maker_orders": [MAKER_ORDER],
    "trader_side": str,
}
REPLY: Shape = {
    "errorMsg": str,
    "orderID": str,
    "takingAmount": str,
    "makingAmount": str,
    "status": str,
    "success": bool,
    "transactionsHashes?": [str],
    "tradeIDs?": [str],
}
EVENTS: dict[str, Shape] = {
    # market channel; a snapshot's tick_size and last_trade_price are of 2026-08
    "book": {
        "event_type": str,
        **{f"{key}?" if key in ("min_order_size", "neg_risk") else key: BOOK[key] for key in BOOK},
    },
    "price_change": {
        "event_type": str,
        "market": str,
        "price_changes": [
            {
                "asset_id": str,
                "price": str,
                "size": str,
                "side": str,
                "hash": str,
                "best_bid": str,
                "best_ask": str,
            }
        ],
        "timestamp": str,
    },
    "last_trade_price": {
        "event_type": str,
        "market": str,
        "asset_id": str,
        "price": str,
        "size": str,
        "side": str,
        "fee_rate_bps": str,
        "timestamp": str,
        "transaction_hash?": str,
    },
    "best_bid_ask": {
        "event_type": str,
        "market": str,
        "asset_id": str,
        "best_bid": str,
        "best_ask": str,
        "spread": str,
        "timestamp": str,
    },
    "tick_size_change": {
        "event_type": str,
        "market": str,
        "asset_id": str,
        "old_tick_size": str,
        "new_tick_size": str,
        "timestamp": str,
    },
    # user channel
    "order": {
        **ORDER,
        "event_type": str,
        "type": str,
        "order_owner": str,
        "associate_trades": ([str], type(None)),
        "created_at": str,
        "timestamp": str,
    },
    "trade": {
        **{key: TRADE[key] for key in TRADE if key not in ("match_time_nano", "err_msg")},
        "transaction_hash?": str,
        "event_type": str,
        "type": str,
        "trade_owner": str,
        "timestamp": str,
    },
}
del EVENTS["trade"]["transaction_hash"]


def misfits(value: Any, shape: Shape, path: str = "") -> list[str]:
    """Where a value is not of the shape, as `path: what is wrong`."""
    if isinstance(shape, tuple):
        found = [misfits(value, each, path) for each in shape]
        return [] if any(not each for each in found) else found[0]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{path}: no list"]
        return [m for i, each in enumerate(value) for m in misfits(each, shape[0], f"{path}[{i}]")]
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{path}: no object"]
        known = {key.rstrip("?"): (key.endswith("?"), inner) for key, inner in shape.items()}
        wrong = [f"{path}.{key}: unknown" for key in value if key not in known]
        for key, (optional, inner) in known.items():
            if key in value:
                wrong += misfits(value[key], inner, f"{path}.{key}")
            elif not optional:
                wrong.append(f"{path}.{key}: missing")
        return wrong
    return [] if type(value) is shape else [f"{path}: {value!r} is no {shape.__name__}"]


def test_the_check_finds_what_does_not_fit() -> None:
    good = {"price": "1", "size": "2"}
    assert misfits(good, LEVEL) == []
    assert misfits({"price": 1, "size": "2"}, LEVEL) == [".price: 1 is no str"]
    assert misfits({"price": "1"}, LEVEL) == [".size: missing"]
    assert misfits([good | {"side": ""}], [LEVEL]) == ["[0].side: unknown"]
    assert misfits(None, ([str], type(None))) == []
    assert misfits(True, int) == [": True is no int"]


# REST


def raw(alice: ClobClient, price: float, size: float = 10) -> Any:
    return alice.create_order(OrderArgs(token_id=YES, price=price, size=size, side=BUY))


def test_book_and_its_hash(alice: ClobClient, venue_1: MockClob) -> None:
    served = venue_1.call(lambda: wire.book(venue_1.venue.engine, YES, 1))
    assert misfits(served, BOOK) == []
    summary = parse_raw_orderbook_summary(served)
    assert generate_orderbook_summary_hash(summary) == served["hash"]
    read = alice.get_order_book(NO)
    told = read.hash
    assert alice.get_order_book_hash(read) == told


def test_hash_of_the_clients_own_vector() -> None:
    """The mock's serialisation of the vector's book, keys in its order."""
    view = {
        "market": "0xaabbcc",
        "asset_id": "100",
        "timestamp": "123456789",
        "hash": "",
        "bids": [{"price": "0.3", "size": "100"}, {"price": "0.4", "size": "100"}],
        "asks": [{"price": "0.6", "size": "100"}, {"price": "0.7", "size": "100"}],
        "min_order_size": "100",
        "tick_size": "0.01",
        "neg_risk": False,
        "last_trade_price": "0.5",
    }
    assert list(view) == list(BOOK)
    assert wire.book_hash(view) == "0458ea5755c9f73d64a14636fa5c36ed460ec394"


def test_order_replies(alice: ClobClient) -> None:
    live, matched = alice.post_order(raw(alice, 0.4)), alice.post_order(raw(alice, 0.52))
    assert misfits(live, REPLY) == misfits(matched, REPLY) == []
    assert (live["takingAmount"], live["makingAmount"]) == ("", "")
    assert (matched["takingAmount"], matched["makingAmount"]) == ("10", "5.2")
    assert matched["transactionsHashes"][0].startswith("0x")


def test_open_order_and_trade(alice: ClobClient) -> None:
    placed = alice.post_order(raw(alice, 0.52, size=150))
    assert misfits(alice.get_order(placed["orderID"]), ORDER) == []
    assert misfits(alice.get_orders(), [ORDER]) == []
    trades = alice.get_trades()
    assert len(trades) == 1
    assert misfits(trades, [TRADE]) == []


def test_cancel_and_balance(alice: ClobClient) -> None:
    placed = alice.post_order(raw(alice, 0.4))
    answer = alice.cancel_orders([placed["orderID"], "0x1"])
    assert misfits(answer, {"canceled": [str], "not_canceled": {"0x1": str}}) == []
    balance = alice.get_balance_allowance(
        BalanceAllowanceParams(asset_type=AssetType.COLLATERAL, signature_type=0)
    )
    assert type(balance["balance"]) is str
    assert balance["balance"].isdigit()
    assert all(allowed.isdigit() for allowed in balance["allowances"].values())


def test_killed_order_answers_error_and_hash(alice: ClobClient) -> None:
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(raw(alice, 0.4), "FOK")
    assert misfits(refused.value.error_msg, {"error": str, "orderID": str}) == []


def test_reply_of_today_has_trade_ids_and_no_hashes(mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=2, chain=False)
    with trader() as client:
        placed = client.place_limit_order(token_id=YES, price="0.52", size="10", side="BUY")
        assert placed.ok
        assert (len(placed.trade_ids), placed.transactions_hashes) == (1, ())
        settle(client, placed)


# Streams


@pytest.fixture
def market(venue_1: MockClob) -> Iterator[Connection]:
    with connect(f"{venue_1.ws_url}/ws/market") as stream:
        wanted = {"assets_ids": [YES, NO], "type": "market", "custom_feature_enabled": True}
        stream.send(json.dumps(wanted))
        yield stream


@pytest.fixture
def user(venue_1: MockClob, alice: ClobClient) -> Iterator[Connection]:
    creds = alice.creds
    auth = {
        "apiKey": creds.api_key,
        "secret": creds.api_secret,
        "passphrase": creds.api_passphrase,
    }
    with connect(f"{venue_1.ws_url}/ws/user") as stream:
        stream.send(json.dumps({"auth": auth, "type": "user", "markets": [CID]}))
        stream.send("PING")
        assert stream.recv(5) == "PONG"  # it is subscribed by now
        yield stream


def told(stream: Connection, until: str, **fields: str) -> list[dict[str, Any]]:
    """Messages up to the first of this event type with these fields."""
    seen: list[dict[str, Any]] = []
    while True:
        frame = json.loads(stream.recv(5))
        for message in frame if isinstance(frame, list) else [frame]:
            seen.append(message)
            if message["event_type"] == until and fields.items() <= message.items():
                return seen


def test_market_messages(alice: ClobClient, venue_1: MockClob, market: Connection) -> None:
    seen = told(market, "book", asset_id=NO)
    alice.post_order(raw(alice, 0.49))
    seen += told(market, "best_bid_ask", asset_id=NO)
    alice.post_order(raw(alice, 0.52))
    seen += told(market, "book", asset_id=NO)

    def change() -> None:
        engine = venue_1.venue.engine
        engine.change_tick(engine.markets[CID], 1_000, venue_1.venue.clock.now_ms())
        venue_1.venue.publish()

    venue_1.call(change)
    seen += told(market, "tick_size_change")
    for message in seen:
        assert misfits(message, EVENTS[message["event_type"]]) == []
    assert {message["event_type"] for message in seen} == set(EVENTS) - {"order", "trade"}


def test_user_messages(alice: ClobClient, user: Connection) -> None:
    resting = alice.post_order(raw(alice, 0.4))
    alice.cancel(resting["orderID"])
    alice.post_order(raw(alice, 0.52))
    seen = told(user, "trade", status="CONFIRMED")
    for message in seen:
        assert misfits(message, EVENTS[message["event_type"]]) == []
    assert [m["type"] for m in seen if m["event_type"] == "order"] == [
        "PLACEMENT",
        "CANCELLATION",
        "PLACEMENT",
    ]
    statuses = [m["status"] for m in seen if m["event_type"] == "trade"]
    assert statuses == ["MATCHED", "MINED", "CONFIRMED"]


def test_killed_order_on_the_user_channel(alice: ClobClient, user: Connection) -> None:
    """Recorded 2026-05 and 2026-08: the reason is in the status, and fields are empty."""
    with pytest.raises(PolyApiException) as refused:
        alice.post_order(raw(alice, 0.4), "FOK")
    [message] = told(user, "order")
    assert misfits(message, EVENTS["order"]) == []
    assert message["status"] == f"CANCELED_{refused.value.error_msg['error']}"
    assert message["id"] == refused.value.error_msg["orderID"]
    assert (message["type"], message["original_size"]) == ("CANCELLATION", "4")
    assert [message[key] for key in ("size_matched", "outcome", "created_at")] == ["", "", ""]
