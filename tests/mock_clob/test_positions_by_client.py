"""Split, merge and redeem through polymarket-client: each wallet, each kind of market."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from polymarket.errors import RequestRejectedError, TransactionFailedError

from mock_clob import protocol_v2
from mock_clob.model import UNIT, Market
from mock_clob.pytest_plugin import MockClob
from tests.mock_clob.gasless import ALICE, EVERY_WALLET, Connect, connecting, on_chain

SLUGS = ["fine-tick", "winner-a", protocol_v2.OPEN.slug]


@pytest.fixture
def connect(mock_clob: MockClob) -> Iterator[Connect]:
    for make in connecting(mock_clob):
        mock_clob.reset(exchange=3)
        yield make


def market_of(mock_clob: MockClob, slug: str) -> Market:
    markets = mock_clob.venue.engine.markets.values()
    return next(market for market in markets if market.slug == slug)


def held(mock_clob: MockClob, wallet: str, market: Market) -> tuple[int, ...]:
    """(pUSD, YES, NO)"""
    chain = mock_clob.venue.chain
    assert chain is not None
    shares = (chain.position_balance(wallet, int(token)) for token in market.token_ids)
    return on_chain(mock_clob, wallet), *shares


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("wallet", EVERY_WALLET)
def test_pair_is_split_merged_in_part_and_redeemed(
    mock_clob: MockClob, connect: Connect, wallet: Callable[[str], str], slug: str
) -> None:
    client, market = connect(ALICE, wallet(ALICE.address)), market_of(mock_clob, slug)
    start = held(mock_clob, client.wallet, market)

    def change() -> tuple[int, ...]:
        now = held(mock_clob, client.wallet, market)
        return tuple((new - old) // UNIT for old, new in zip(start, now, strict=True))

    client.split_position(condition_id=market.condition_id, amount=10 * UNIT).wait()
    assert change() == (-10, 10, 10)
    client.merge_positions(condition_id=market.condition_id, amount=4 * UNIT).wait()
    assert change() == (-6, 6, 6)

    def resolve() -> None:
        venue = mock_clob.venue
        venue.engine.resolve(market, "No", venue.clock.now_ms())
        venue.publish()

    mock_clob.call(resolve)
    client.redeem_positions(condition_id=market.condition_id).wait()
    _, yes, no = held(mock_clob, client.wallet, market)
    assert (yes, no) == (0, 0)
    assert change()[0] == start[2] // UNIT  # what was split is back; the NO held before is paid


@pytest.mark.parametrize("slug", SLUGS)
def test_several_markets_are_merged_at_once(
    mock_clob: MockClob, connect: Connect, slug: str
) -> None:
    client = connect()
    markets = [market_of(mock_clob, name) for name in (slug, "winner-b")]
    for market in markets:
        client.split_position(condition_id=market.condition_id, amount=3 * UNIT).wait()
    before = on_chain(mock_clob, client.wallet)

    wanted = [{"condition_id": market.condition_id} for market in markets]
    client.merge_multiple_positions(positions=wanted).wait()

    assert on_chain(mock_clob, client.wallet) == before + 6 * UNIT


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("wallet", EVERY_WALLET)
def test_splitting_more_than_is_there_fails_and_moves_nothing(
    mock_clob: MockClob, connect: Connect, wallet: Callable[[str], str], slug: str
) -> None:
    client, market = connect(ALICE, wallet(ALICE.address)), market_of(mock_clob, slug)
    before = held(mock_clob, client.wallet, market)

    with pytest.raises((TransactionFailedError, RequestRejectedError), match="exceeds balance"):
        client.split_position(condition_id=market.condition_id, amount=10**15).wait()

    assert held(mock_clob, client.wallet, market) == before


def test_clob_sees_split_shares_after_an_update(mock_clob: MockClob, connect: Connect) -> None:
    client, market = connect(), market_of(mock_clob, "fine-tick")
    [yes, _] = market.token_ids
    client.split_position(condition_id=market.condition_id, amount=10 * UNIT).wait()
    with pytest.raises(RequestRejectedError, match="the balance is not enough"):
        client.place_limit_order(token_id=yes, price="0.900", size="10", side="SELL")

    update: Any = client._ctx.secure_clob.get_bytes
    asked = {"asset_type": "CONDITIONAL", "token_id": yes, "signature_type": 3}
    update("/balance-allowance/update", params=asked)

    assert client.place_limit_order(token_id=yes, price="0.900", size="10", side="SELL").ok
