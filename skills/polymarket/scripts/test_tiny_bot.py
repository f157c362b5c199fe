"""Tests of a bot: the happy path, a lost reply, a restart, a fill, and going back in time."""

from collections.abc import Iterator

import pytest
from polymarket import PolymarketError, SecureClient
from tiny_bot import YES, keep_bid

from mock_clob.pytest_plugin import MockClob


@pytest.fixture
def client(mock_clob: MockClob) -> Iterator[SecureClient]:
    """The real client under the production host names, which lead to the mocked venue."""
    account = mock_clob.account(0)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        yield client


def test_one_bid_is_kept(mock_clob: MockClob, client: SecureClient) -> None:
    assert keep_bid(client, YES, "0.40", "10") == keep_bid(client, YES, "0.40", "10")
    assert len(mock_clob.journal.requests("POST", "/order")) == 1
    assert mock_clob.journal.delayed() == []  # by the venue's rate limits


def test_a_lost_reply_makes_no_second_order(mock_clob: MockClob, client: SecureClient) -> None:
    mock_clob.fault("lose_reply")  # the venue takes the order, and the reply never comes
    with pytest.raises(PolymarketError):
        keep_bid(client, YES, "0.40", "10")
    keep_bid(client, YES, "0.40", "10")
    assert len(mock_clob.journal.requests("POST", "/order")) == 1


def test_the_bid_is_back_after_a_restart(mock_clob: MockClob, client: SecureClient) -> None:
    mock_clob.mode(restart=True)  # 425 for 90 seconds, then post-only for two minutes
    with pytest.raises(PolymarketError):
        keep_bid(client, YES, "0.40", "10")
    mock_clob.advance(91)
    keep_bid(client, YES, "0.40", "10")


def test_a_bid_that_would_take_is_refused(mock_clob: MockClob, client: SecureClient) -> None:
    with pytest.raises((PolymarketError, RuntimeError), match="order crosses book"):
        keep_bid(client, YES, "0.52", "10")


def test_a_purchase_settles_on_the_chain(mock_clob: MockClob, client: SecureClient) -> None:
    mock_clob.settle(mode="manual")  # trades stay MATCHED until they are told to settle
    client.place_market_order(token_id=YES, side="BUY", amount="5.20")
    assert mock_clob.state()["trades"] == {"MATCHED": 1}
    mock_clob.settle()
    assert mock_clob.state()["accounts"][0]["shares"][YES] == "110"


def test_both_ways_from_one_moment(mock_clob: MockClob, client: SecureClient) -> None:
    keep_bid(client, YES, "0.40", "10")
    mock_clob.snapshot()
    for outcome in ("Yes", "No"):
        mock_clob.restore()
        mock_clob.resolve("documented-market", outcome)
        assert list(client.list_open_orders().iter_items()) == []
