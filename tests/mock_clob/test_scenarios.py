"""Named scenarios as a user meets them: by name, over the streams, on the chain, and quickly."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from polymarket import AsyncPublicClient
from polymarket.models.clob.market_events import parse_market_event
from polymarket.streams import MarketSpec
from web3 import Web3
from websockets.asyncio.client import connect

from mock_clob import market_events, scenario
from mock_clob.chain.evm import Chain
from mock_clob.model import MarketAdded, OrderType, Side
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED, HOUSE
from mock_clob.scenarios import SCENARIOS
from mock_clob.venue import Options, Venue

YES = DOCUMENTED.token_ids[0]
PATIENCE = 10.0


def heard(clob: MockClob, kind: str, happen: Callable[[], None], custom: bool = True) -> Any:
    """The first event of a kind that a subscriber of the documented market hears of."""

    async def run() -> Any:
        async with AsyncPublicClient() as client:
            spec = MarketSpec(asset_ids=[YES], custom_feature_enabled=custom)
            async with await client.subscribe([spec]) as stream, asyncio.timeout(PATIENCE):
                assert (await anext(aiter(stream))).type == "book"
                await asyncio.to_thread(happen)
                async for event in stream:
                    if event.type == kind:
                        return event.payload
        raise AssertionError("the stream ended")

    return asyncio.run(run())


def test_new_market_is_told_to_every_custom_subscriber(mock_clob: MockClob) -> None:
    mock_clob.reset(chain=False, scenario="new-market", flow=0)
    told = heard(mock_clob, "new_market", lambda: mock_clob.advance(31))
    assert (told.slug, told.outcomes, told.active) == ("late-market", ("Yes", "No"), True)
    market = mock_clob.call(lambda: mock_clob.venue.engine.markets[told.condition_id])
    assert told.asset_ids == market.token_ids == told.clob_token_ids
    assert mock_clob.call(lambda: mock_clob.venue.engine.books[told.condition_id].bids)


def test_resolution_is_told_and_ends_trading(mock_clob: MockClob) -> None:
    mock_clob.reset(chain=False, scenario="resolution", flow=0)
    told = heard(mock_clob, "market_resolved", lambda: mock_clob.advance(121))
    assert (told.condition_id, told.winning_outcome) == (DOCUMENTED.condition_id, "Yes")
    assert told.winning_asset_id == YES


def raw(clob: MockClob, seconds: float, **more: Any) -> list[Any]:
    """What a plain subscriber of the documented market hears while the clock jumps."""

    async def run() -> list[Any]:
        told = []
        async with connect(f"{clob.ws_url}/ws/market", proxy=None) as socket:
            await socket.send(json.dumps({"type": "market", "assets_ids": [YES]} | more))
            told.append(json.loads(await socket.recv()))
            await asyncio.to_thread(clob.advance, seconds)
            await socket.send("PING")
            while (text := await socket.recv()) != "PONG":
                told.append(json.loads(text))
        return told

    return asyncio.run(run())


def test_resolution_of_other_markets_is_told_too(mock_clob: MockClob) -> None:
    mock_clob.reset(chain=False, scenario="neg-risk", flow=0)
    told = raw(mock_clob, 130, custom_feature_enabled=True)[1:]
    assert [(each["event_type"], each["winning_outcome"]) for each in told] == [
        ("market_resolved", "No"),
        ("market_resolved", "No"),
        ("market_resolved", "Yes"),
    ]


def test_finer_tick_is_told_without_the_custom_feature(mock_clob: MockClob) -> None:
    mock_clob.reset(chain=False, scenario="tick-change")
    mock_clob.call(mock_clob.venue.clock.freeze)
    told = heard(mock_clob, "tick_size_change", lambda: mock_clob.advance(60), custom=False)
    assert (str(told.old_tick_size), str(told.new_tick_size)) == ("0.01", "0.001")


def test_life_of_markets_is_not_told_without_the_custom_feature(mock_clob: MockClob) -> None:
    mock_clob.reset(chain=False, scenario="eventful", flow=0)
    told = raw(mock_clob, 200)
    assert {each["event_type"] for each in told} == {"book", "price_change"}


def test_fees_are_charged_in_every_market() -> None:
    listings = scenario.listings(137, "fees")
    assert {listing.market.fee_rate for listing in listings} == {70_000}
    assert {listing.market.fee_rate_bps for listing in listings} == {1_000}
    assert DOCUMENTED.fee_rate == 0  # the shared one is left alone


def test_new_market_with_a_fee_tells_its_curve() -> None:
    market = scenario.listings(137, "fees")[0].market
    told = market_events.new_market(MarketAdded(market, 1))
    assert (told["fees_enabled"], told["taker_base_fee"]) == (True, "1000")
    assert told["fee_schedule"]["rate"] == "0.07"
    event = parse_market_event(told)
    assert (event.type, event.payload.condition_id) == ("new_market", market.condition_id)


def test_empty_scenario_has_no_orders() -> None:
    assert not Venue(Options(chain=False, scenario="empty")).engine.open


def test_every_scenario_has_the_usual_markets_first() -> None:
    usual = [listing.market.condition_id for listing in scenario.listings(137)]
    for name in SCENARIOS:
        ids = [listing.market.condition_id for listing in scenario.listings(137, name)]
        assert ids[: len(usual)] == usual


@pytest.mark.parametrize("name", ["default", "new-market"])
def test_chain_of_a_scenario_holds_what_its_ledger_says(name: str) -> None:
    chain = Chain(scenario.genesis(137, name))
    venue = Venue(Options(chain=False, scenario=name))
    house = HOUSE.address
    held = [entry for entry in scenario.holdings(137, name) if entry[0] == house]
    assert held
    for _, asset, amount in held:
        assert venue.ledger.balance(house.lower(), asset) == amount
        if asset.isdigit():
            assert chain.position_balance(house, int(asset)) == amount


@pytest.mark.parametrize("name", SCENARIOS)
def test_reset_takes_less_than_20_ms(name: str) -> None:
    venue = Venue(Options(chain=False, scenario=name))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        venue.reset()
        times.append(time.perf_counter() - start)
    assert min(times) < 0.020


def test_listings_of_an_unknown_scenario_name_those_there_are() -> None:
    with pytest.raises(ValueError, match="default, empty, busy"):
        scenario.listings(137, "nonesuch")


def test_house_quotes_are_orders_the_venue_would_take() -> None:
    venue = Venue(Options(chain=False))
    for order in venue.engine.open.values():
        assert (order.type, order.owner) == (OrderType.GTC, "house")
        assert order.price % order.market.tick == 0
        cost = order.maker_amount if order.side is Side.BUY else order.taker_amount
        assert cost * 1_000_000 == order.price * order.size


def test_resolution_pays_out_on_the_chain(mock_clob: MockClob) -> None:
    mock_clob.reset(scenario="neg-risk", flow=0)
    mock_clob.advance(121)
    web3 = Web3(Web3.HTTPProvider(mock_clob.rpc_url))
    numerators = web3.eth.contract(
        Web3.to_checksum_address(mock_clob.venue.contracts.ctf), abi=PAYOUT_NUMERATORS
    ).functions.payoutNumerators
    markets = mock_clob.call(lambda: list(mock_clob.venue.engine.markets.values()))
    for market in markets:
        if market.slug not in ("winner-a", "winner-b", "winner-c"):
            continue
        wanted = [1, 0] if market.slug == "winner-a" else [0, 1]
        condition = bytes.fromhex(market.condition_id[2:])
        deadline = time.monotonic() + PATIENCE
        while [numerators(condition, at).call() for at in (0, 1)] != wanted:
            assert time.monotonic() < deadline, market.slug


PAYOUT_NUMERATORS: Any = [
    {
        "type": "function",
        "name": "payoutNumerators",
        "stateMutability": "view",
        "inputs": [{"name": "", "type": "bytes32"}, {"name": "", "type": "uint256"}],
        "outputs": [{"name": "", "type": "uint256"}],
    }
]


def test_reset_forgets_payouts_that_are_under_way(mock_clob: MockClob) -> None:
    mock_clob.reset(scenario="resolution", flow=0)
    venue = mock_clob.venue

    def at_once() -> None:
        venue.advance(121)
        venue.reset()

    mock_clob.call(at_once)
    loop = mock_clob.call(asyncio.get_running_loop)
    chain = venue.chain
    assert chain is not None

    async def height() -> int:
        return await venue.on_chain(lambda: chain.block_number)

    assert asyncio.run_coroutine_threadsafe(height(), loop).result() == 0


def test_command_line_serves_a_scenario() -> None:
    command = [sys.executable, "-m", "mock_clob", "serve", "--json", "--no-chain", "--port", "0"]
    command += ["--scenario", "new-market", "--flow", "2.5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        process.terminate()
    assert facts["scenario"] == "new-market"
    assert process.returncode == 0
    questions = [market["question"] for market in facts["markets"]]
    assert len(questions) == len(scenario.listings(137))  # the late one is not there yet
