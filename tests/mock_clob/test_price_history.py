"""Price history from trades: points by hand, limits and refusals through py-clob-client-v2."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_clob_client_v2 import ClobClient, PricesHistoryParams
from py_clob_client_v2.exceptions import PolyApiException

from mock_clob.engine import Engine
from mock_clob.ledger import Ledger
from mock_clob.model import UNIT, Market, Order, OrderType, Side, Trade
from mock_clob.price_history import price_points
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES, NO = DOCUMENTED.token_ids
MINUTE = 60_000
START = 29_000_000 * MINUTE


def market() -> Market:
    return Market("0x01", "?", "slug", ("1", "2"))


def engine_with(trades: list[tuple[int, str, int]]) -> Engine:
    """An engine that has seen these trades: (Unix ms, the taker's token, price)."""
    listed, engine = market(), Engine(Ledger())
    engine.list_market(listed)
    for number, (at, token_id, price) in enumerate(trades):
        taker = Order(
            id=str(number),
            owner="",
            signer="",
            maker="",
            market=listed,
            token_id=token_id,
            side=Side.BUY,
            type=OrderType.FOK,
            price=price,
            size=UNIT,
            maker_amount=price,
            taker_amount=UNIT,
            created_ms=at,
        )
        trade = Trade(str(number), taker, UNIT, price, (), at, at)
        engine.trades[trade.id] = trade
    return engine


def points(engine: Engine, token_id: str, start: int, end: int, step: int) -> list[Any]:
    return list(price_points(engine, token_id, start, end, step))


def test_price_holds_until_the_next_trade() -> None:
    engine = engine_with([(START, "1", 400_000), (START + 3 * MINUTE, "1", 450_000)])
    found = points(engine, "1", START, START + 4 * MINUTE, MINUTE)
    assert [(at - START) // MINUTE for at, _ in found] == [0, 1, 2, 3, 4]
    assert [price for _, price in found] == [400_000, 400_000, 400_000, 450_000, 450_000]


def test_other_outcome_has_the_complement() -> None:
    engine = engine_with([(START, "2", 400_000)])
    assert points(engine, "1", START, START, MINUTE) == [(START, 600_000)]


def test_there_is_nothing_before_the_first_trade() -> None:
    engine = engine_with([(START, "1", 400_000)])
    assert points(engine, "1", START - 10 * MINUTE, START - 1, MINUTE) == []
    assert points(engine, "1", START - 10 * MINUTE, START, MINUTE) == [(START, 400_000)]


def test_untraded_and_unknown_tokens_have_no_points() -> None:
    assert points(engine_with([]), "1", START, START + MINUTE, MINUTE) == []
    assert points(engine_with([]), "77", START, START + MINUTE, MINUTE) == []


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 999_999)), max_size=20),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(1, 5 * MINUTE),
)
def test_points_are_the_last_trade_before_each_instant(
    trades: list[tuple[int, int]], begin: int, span: int, step: int
) -> None:
    trades.sort(key=lambda trade: trade[0])
    engine = engine_with([(START + at, "1", price) for at, price in trades])
    start, end = START + begin, START + begin + span
    found = points(engine, "1", start, end, step)
    instants = [at for at, _ in found]
    assert instants == sorted(set(instants))
    assert all(start <= at <= end for at in instants)
    for at, price in found:
        assert price == [p for made, p in trades if START + made <= at][-1]
    if trades and START + trades[0][0] <= end:
        assert instants[-1] == end


# Over HTTP


@pytest.fixture
def reader(mock_clob: MockClob) -> ClobClient:
    mock_clob.reset(exchange=2, chain=False)
    return ClobClient(host=mock_clob.url, chain_id=137)


def refused(venue: MockClob, **query: Any) -> tuple[int, str]:
    answer = httpx.get(f"{venue.url}/prices-history", params=query)
    return answer.status_code, answer.json().get("error", "")


FILTERS = "invalid filters: "


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({}, FILTERS + "the 'market' (asset id) is mandatory"),
        ({"market": YES}, "startTs is required"),
        ({"market": YES, "endTs": 5}, "startTs is required"),
        ({"market": YES, "startTs": "x"}, "startTs is required"),
        ({"market": YES, "startTs": 9, "endTs": 5}, FILTERS + "'endTs' is before 'startTs'"),
        ({"market": YES, "interval": "1d", "fidelity": "x"}, "invalid fidelity"),
        ({"market": YES, "interval": "1d", "fidelity": "0"}, "invalid fidelity"),
        ({"market": YES, "interval": "1d", "fidelity": "-1"}, "invalid fidelity"),
        ({"market": YES, "interval": "1d", "fidelity": "9" * 12}, "invalid fidelity"),
        ({"market": YES, "interval": "1m"}, FILTERS + "minimum 'fidelity' for '1m' range is 10"),
        (
            {"market": YES, "interval": "1w", "fidelity": 4},
            FILTERS + "minimum 'fidelity' for '1w' range is 5",
        ),
        (
            {"market": YES, "interval": "2d"},
            FILTERS + "the 'interval' value is unknown. Known values: '1m', '1w', '1d', '6h', '1h'",
        ),
        (
            {"market": YES, "startTs": 0, "endTs": 15 * 86_400 + 1},
            FILTERS + "'startTs' and 'endTs' interval is too long",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_the_venues_words(
    reader: ClobClient, mock_clob: MockClob, query: dict[str, Any], text: str
) -> None:
    assert refused(mock_clob, **query) == (400, text)


@pytest.mark.parametrize(
    "query",
    [
        {"interval": "max"},
        {"interval": "1h"},
        {"interval": "1w", "fidelity": 5},
        {"startTs": 0, "endTs": 15 * 86_400},
        {"startTs": 0},
    ],
)
def test_token_without_trades_has_an_empty_history(
    reader: ClobClient, mock_clob: MockClob, query: dict[str, Any]
) -> None:
    for token_id in (YES, "1234"):
        asked = {"market": token_id, **query}
        answer = httpx.get(f"{mock_clob.url}/prices-history", params=asked)
        assert (answer.status_code, answer.json()) == (200, {"history": []})


def test_client_passes_the_refusal_on(reader: ClobClient) -> None:
    asked = PricesHistoryParams(market=YES, start_ts=0, end_ts=86_400 * 16)
    with pytest.raises(PolyApiException, match="interval is too long"):
        reader.get_prices_history(asked)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"markets": [YES, NO], "interval": "1d"}, 200),
        ({"markets": [], "interval": "1d"}, 400),
        ({"markets": [YES] * 21, "interval": "1d"}, 400),
        ({"markets": "x", "interval": "1d"}, 400),
        ({"markets": [1], "interval": "1d"}, 400),
        ({"markets": [YES], "start_ts": True}, 400),
        ({"markets": [YES], "interval": 5}, 400),
        ([], 400),
    ],
)
def test_batch_takes_up_to_20_tokens(
    reader: ClobClient, mock_clob: MockClob, body: Any, status: int
) -> None:
    answer = httpx.post(f"{mock_clob.url}/batch-prices-history", json=body)
    assert answer.status_code == status
    if status == 200:
        assert answer.json() == {"history": {YES: [], NO: []}}
