"""Notifications through py-clob-client and polymarket-client: what is told, and what is dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from polymarket import SecureClient
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import DropNotificationParams, OrderArgs
from py_clob_client.exceptions import PolyApiException
from py_clob_client.order_builder.constants import BUY, SELL

from mock_clob.accounts import ACCOUNTS
from mock_clob.notifications import KEPT
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES = DOCUMENTED.token_ids[0]


@pytest.fixture
def reader(mock_clob: MockClob) -> Iterator[Any]:
    mock_clob.reset(exchange=2, chain=False)
    client = SecureClient.create(private_key=ACCOUNTS[0].key, wallet=ACCOUNTS[0].address)
    yield client
    client.close()


def told(client: ClobClient) -> list[tuple[int, str, str]]:
    """(type, matched size, trade id) of each note, the newest first."""
    return [
        (note["type"], note["payload"]["matched_size"], note["payload"]["trade_id"])
        for note in client.get_notifications()
    ]


def test_both_sides_of_a_trade_are_told(alice: ClobClient, bob: ClobClient) -> None:
    alice.create_and_post_order(OrderArgs(YES, 0.51, 20, SELL))
    bob.create_and_post_order(OrderArgs(YES, 0.51, 10, BUY))
    [trade] = bob.get_trades()
    assert told(alice) == told(bob) == [(2, "10", trade["id"])]
    [note] = alice.get_notifications()
    assert note["payload"]["remaining_size"] == "10"
    assert note["payload"]["transaction_hash"] == trade["transaction_hash"] != ""
    assert note["owner"] == alice.creds.api_key


def test_resting_order_is_no_news(alice: ClobClient) -> None:
    alice.create_and_post_order(OrderArgs(YES, 0.4, 20, BUY))
    assert alice.get_notifications() == []


def test_failed_settlement_is_told(reader: Any, mock_clob: MockClob) -> None:
    venue = mock_clob.venue
    mock_clob.call(lambda: setattr(venue.settlement, "failures", 1))
    filled = reader.place_market_order(token_id=YES, amount="5.2", side="BUY")
    [page] = list(reader.list_account_trades())
    assert page.items[0].status == "FAILED"
    failed, fill = reader.get_notifications()
    assert (failed.type.name, fill.type.name) == ("ORDER_FILL_FAILED", "ORDER_FILL")
    assert (failed.payload.order_id, fill.payload.trade_id) == (
        filled.order_id,
        filled.trade_ids[0],
    )


def test_resolved_market_is_told_to_whoever_holds_its_shares(
    reader: Any, mock_clob: MockClob
) -> None:
    venue = mock_clob.venue

    def resolve() -> None:
        market = venue.engine.by_token[YES]
        venue.engine.resolve(market, "Yes", venue.clock.now_ms())
        venue.publish()

    mock_clob.call(resolve)
    [note] = reader.get_notifications()
    assert note.type.name == "MARKET_RESOLVED"
    assert note.payload.condition_id == DOCUMENTED.condition_id
    assert [token.winner for token in note.payload.tokens] == [True, False]


def test_only_named_notes_are_dropped(alice: ClobClient) -> None:
    for price in (0.3, 0.4):
        alice.cancel(alice.create_and_post_order(OrderArgs(YES, price, 20, BUY))["orderID"])
    second, first = alice.get_notifications()
    alice.drop_notifications(DropNotificationParams(ids=[str(first["id"]), "999"]))
    assert alice.get_notifications() == [second]
    assert alice.drop_notifications() == "OK"
    assert alice.get_notifications() == [second]


def test_nobody_drops_the_notes_of_others(alice: ClobClient, bob: ClobClient) -> None:
    alice.cancel(alice.create_and_post_order(OrderArgs(YES, 0.4, 20, BUY))["orderID"])
    [note] = alice.get_notifications()
    bob.drop_notifications(DropNotificationParams(ids=[str(note["id"])]))
    assert alice.get_notifications() == [note]
    assert bob.get_notifications() == []


@pytest.mark.parametrize("ids", [["x"], ["-1"], ["1.5"], ["9" * 30]])
def test_ids_that_are_no_numbers_are_refused(alice: ClobClient, ids: list[str]) -> None:
    with pytest.raises(PolyApiException) as error:
        alice.drop_notifications(DropNotificationParams(ids=ids))
    assert error.value.status_code == 400


def test_the_oldest_notes_make_room(
    alice: ClobClient, client_of: Callable[[int], ClobClient], venue_1: MockClob
) -> None:
    order_id = alice.create_and_post_order(OrderArgs(YES, 0.4, 20, BUY))["orderID"]
    venue = venue_1.venue

    def cancel_often() -> None:
        from mock_clob.model import OrderChanged

        event = OrderChanged(venue.engine.orders[order_id], "CANCELLATION", 0)
        venue.notifications.take([event] * (KEPT + 5))

    venue_1.call(cancel_often)
    kept = alice.get_notifications()
    assert (len(kept), kept[0]["id"], kept[-1]["id"]) == (KEPT, KEPT + 5, 6)
