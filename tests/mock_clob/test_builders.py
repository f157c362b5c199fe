"""Builders: their keys, whose trades are whose, fees; through all three clients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from py_builder_signing_sdk.config import BuilderConfig as HeaderConfig  # type: ignore[import-untyped]
from py_builder_signing_sdk.sdk_types import BuilderApiKeyCreds  # type: ignore[import-untyped]
from py_clob_client.client import ClobClient as FirstClient
from py_clob_client.clob_types import OrderArgs
from py_clob_client.clob_types import TradeParams as FirstTradeParams
from py_clob_client.exceptions import PolyApiException
from py_clob_client.order_builder.constants import BUY
from py_clob_client_v2 import (
    BuilderConfig,
    BuilderTradeParams,
    ClobClient,
    Side,
)
from py_clob_client_v2 import OrderArgs as SecondOrderArgs

from mock_clob.accounts import ACCOUNTS
from mock_clob.builders import BuilderKey, Builders
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES = DOCUMENTED.token_ids[0]
CODE = "0x" + "ab" * 32


def new_key(venue: MockClob, index: int = 5) -> BuilderKey:
    """A builder's key of another account than the traders'."""
    builders = venue.venue.builders
    return venue.call(lambda: builders.create_key(ACCOUNTS[index].address.lower(), 1_000))


def with_headers(client: FirstClient, key: BuilderKey, secret: str = "") -> FirstClient:
    """The same trader, whose orders carry the builder's headers."""
    creds = BuilderApiKeyCreds(key=key.key, secret=secret or key.secret, passphrase=key.passphrase)
    return FirstClient(
        client.host,
        chain_id=137,
        key=ACCOUNTS[0].key,
        creds=client.creds,
        builder_config=HeaderConfig(local_builder_creds=creds),
    )


def cross(client: FirstClient) -> Any:
    return client.create_and_post_order(OrderArgs(YES, 0.52, 10, BUY))


# Until CLOB V2: by headers


def test_order_with_a_builders_headers_is_that_builders(
    alice: FirstClient, venue_1: MockClob
) -> None:
    builder, other = new_key(venue_1, 5), new_key(venue_1, 6)
    cross(with_headers(alice, builder))
    cross(alice)
    [trade] = with_headers(alice, builder).get_builder_trades()
    assert (trade["builder"], trade["size"]) == (Builders.code_of(ACCOUNTS[5].address), "10")
    assert with_headers(alice, other).get_builder_trades() == []


@pytest.mark.parametrize("fault", ["secret", "revoked"])
def test_headers_that_do_not_fit_are_refused(
    alice: FirstClient, venue_1: MockClob, fault: str
) -> None:
    key = new_key(venue_1)
    if fault == "revoked":
        venue_1.call(lambda: venue_1.venue.builders.revoke_all(key.address, 2_000))
    secret = new_key(venue_1, 6).secret if fault == "secret" else ""
    for act in (cross, FirstClient.get_builder_trades):
        with pytest.raises(PolyApiException) as error:
            act(with_headers(alice, key, secret))
        assert error.value.status_code == 401


def test_builder_trades_want_headers_or_a_code(venue_1: MockClob) -> None:
    assert httpx.get(f"{venue_1.url}/builder/trades").status_code == 401


def test_builder_trades_are_filtered(alice: FirstClient, venue_1: MockClob) -> None:
    builder = with_headers(alice, new_key(venue_1))
    cross(builder)
    [trade] = builder.get_builder_trades()
    for params in (
        FirstTradeParams(id=trade["id"]),
        FirstTradeParams(maker_address=ACCOUNTS[0].address),
        FirstTradeParams(market=DOCUMENTED.condition_id, asset_id=YES),
        FirstTradeParams(after=int(trade["matchTime"]) - 1, before=int(trade["matchTime"]) + 1),
    ):
        assert builder.get_builder_trades(params) == [trade]
    for params in (
        FirstTradeParams(id="x"),
        FirstTradeParams(maker_address=ACCOUNTS[1].address),
        FirstTradeParams(market="0x00"),
        FirstTradeParams(before=int(trade["matchTime"])),
    ):
        assert builder.get_builder_trades(params) == []


# Since CLOB V2: by the code in the order


@pytest.fixture
def trader_of(mock_clob: MockClob) -> Callable[..., ClobClient]:
    mock_clob.reset(exchange=2, chain=False)

    def make(index: int, code: str = "") -> ClobClient:
        config = BuilderConfig(builder_address=ACCOUNTS[index].address, builder_code=code)
        client = ClobClient(
            host=mock_clob.url,
            chain_id=137,
            key=ACCOUNTS[index].key,
            builder_config=config if code else None,
        )
        client.set_api_creds(client.create_or_derive_api_key())
        return client

    return make


def test_both_sides_of_a_trade_have_their_own_builder(
    trader_of: Callable[..., ClobClient],
) -> None:
    other = "0x" + "cd" * 32
    maker, taker = trader_of(0, CODE), trader_of(1, other)
    ask = SecondOrderArgs(token_id=YES, price=0.51, size=20, side=Side.SELL)
    maker.create_and_post_order(ask)
    taker.create_and_post_order(SecondOrderArgs(token_id=YES, price=0.51, size=10, side=Side.BUY))
    [made] = maker.get_builder_trades(BuilderTradeParams(builder_code=CODE))["trades"]
    [taken] = maker.get_builder_trades(BuilderTradeParams(builder_code=other))["trades"]
    assert (made["tradeType"], made["side"]) == ("MAKER", "SELL")
    assert (taken["tradeType"], taken["side"]) == ("TAKER", "BUY")
    assert made["takerOrderHash"] == taken["takerOrderHash"]


def test_taker_fee_of_a_builders_trade_is_told(
    trader_of: Callable[..., ClobClient], mock_clob: MockClob
) -> None:
    markets = mock_clob.venue.engine.markets.values()
    token_id = next(market.token_ids[0] for market in markets if market.fee_rate)
    taker = trader_of(1, CODE)
    bid = SecondOrderArgs(token_id=token_id, price=0.52, size=100, side=Side.BUY)
    taker.create_and_post_order(bid)
    [trade] = taker.get_builder_trades(BuilderTradeParams(builder_code=CODE))["trades"]
    assert trade["feeUsdc"] == "1.7472"  # 100 * 0.07 * 0.52 * 0.48
    assert trade["fee"] == "3.36"  # in shares, at 0.52


@pytest.mark.parametrize("code", ["0x", "0x12", "x" * 66, "0x" + "0" * 64, "0x" + "g" * 64])
def test_what_is_no_code_is_refused(mock_clob: MockClob, code: str) -> None:
    for path in (f"/builder/trades?builder_code={code}", f"/fees/builder-fees/{code}"):
        answer = httpx.get(f"{mock_clob.url}{path}")
        assert (answer.status_code, answer.json()) == (400, {"error": "Invalid builder code"})


def test_fees_are_those_that_were_set(mock_clob: MockClob) -> None:
    def told() -> Any:
        return httpx.get(f"{mock_clob.url}/fees/builder-fees/{CODE.upper().replace('X', 'x')}")

    assert told().json() == {"builder_maker_fee_rate_bps": 0, "builder_taker_fee_rate_bps": 0}
    mock_clob.call(lambda: mock_clob.venue.builders.set_fees(CODE, maker_bps=1, taker_bps=25))
    assert told().json() == {"builder_maker_fee_rate_bps": 1, "builder_taker_fee_rate_bps": 25}


# Keys


def test_revoking_by_api_key_revokes_all_and_then_there_is_none(
    trader_of: Callable[..., ClobClient],
) -> None:
    client = trader_of(0)
    made = {client.create_builder_api_key()["key"] for _ in range(2)}
    assert client.revoke_builder_api_key() == "OK"
    listed = client.get_builder_api_keys()
    assert {key["key"] for key in listed} == made
    assert all(key["revokedAt"] for key in listed)
    with pytest.raises(Exception, match="Could not delete api key"):
        client.revoke_builder_api_key()


def test_builder_keys_of_others_are_not_listed(trader_of: Callable[..., ClobClient]) -> None:
    trader_of(0).create_builder_api_key()
    assert trader_of(1).get_builder_api_keys() == []
