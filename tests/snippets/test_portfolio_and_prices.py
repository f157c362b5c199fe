"""What the Data API tells of a wallet and a token, kept exactly."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import async_client
import export_portfolio
import partial_fill
import pyarrow.csv as csv
import pyarrow.parquet as parquet
import pytest
from export_portfolio import ACTIVITY, POSITIONS, export, table
from hypothesis import given
from hypothesis import strategies as st
from polymarket import SecureClient
from polymarket.errors import PolymarketError
from price_history import EPOCH, YES, candles, history

from mock_clob.faults import Effect
from mock_clob.pytest_plugin import MockClob


@pytest.fixture
def client(mock_clob: MockClob) -> Iterator[SecureClient]:
    mock_clob.reset(exchange=2)
    account = mock_clob.account(0)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        yield client


def bought(client: SecureClient, dollars: int) -> Decimal:
    order = client.place_market_order(token_id=YES, side="BUY", amount=Decimal(dollars))
    assert order.ok
    client.wait_for_order_fill_settlement(order)
    return order.taking_amount


# The portfolio


def test_both_forms_hold_the_same_exact_figures(client: SecureClient, tmp_path: Path) -> None:
    shares = bought(client, 7)
    client.merge_positions(
        condition_id=client.get_order_book(token_id=YES).market, amount=100_000_000
    ).wait()
    counted = export(client, client.wallet, tmp_path / "new")
    rows = parquet.read_table(tmp_path / "new" / "activity.parquet").to_pylist()
    assert counted == {"positions": 2, "activity": len(rows)}
    (trade,) = (row for row in rows if row["type"] == "TRADE")
    assert (trade["side"], trade["shares"], trade["amount"]) == ("BUY", shares, Decimal(7))
    assert {"SPLIT", "MERGE"} <= {row["type"] for row in rows}
    assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)
    held, gone = parquet.read_table(tmp_path / "new" / "positions.parquet").to_pylist()
    assert (held["asset_id"], held["status"], held["current_size"]) == (YES, "OPEN", shares)
    assert (gone["outcome"], gone["status"], gone["current_size"]) == ("No", "CLOSED", 0)
    for name, columns in (("positions", POSITIONS), ("activity", ACTIVITY)):
        read = csv.read_csv(
            tmp_path / "new" / f"{name}.csv",
            convert_options=csv.ConvertOptions(column_types=columns, strings_can_be_null=True),
        )
        assert read.equals(parquet.read_table(tmp_path / "new" / f"{name}.parquet"))


def test_every_page_is_exported(tmp_path: Path, mock_clob: MockClob) -> None:
    mock_clob.reset(exchange=2, chain=False)
    account = mock_clob.account(0)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        for _ in range(105):  # a page has 100
            assert client.place_market_order(token_id=YES, side="BUY", amount=1).ok
        assert export(client, client.wallet, tmp_path)["activity"] == 106


def test_nothing_is_written_when_a_page_cannot_be_read(
    client: SecureClient, tmp_path: Path, mock_clob: MockClob
) -> None:
    mock_clob.fault(Effect(status=500, body="no"), path="/v2/activity", times=100)
    with pytest.raises(PolymarketError):
        export(client, client.wallet, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_wallet_without_anything_has_columns_and_no_rows() -> None:
    empty = table([], ACTIVITY)
    assert (empty.num_rows, empty.column_names) == (0, list(ACTIVITY))


def test_without_a_wallet_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POLYMARKET_FUNDER", raising=False)
    with pytest.raises(SystemExit, match="POLYMARKET_FUNDER is not set"):
        runpy.run_path(export_portfolio.__file__, run_name="__main__")


# Prices


def test_a_month_is_read_in_pieces_that_neither_miss_nor_repeat(
    client: SecureClient, mock_clob: MockClob
) -> None:
    bought(client, 7)
    mock_clob.advance(40 * 86_400)
    now = datetime.fromtimestamp(mock_clob.venue.clock.now_ms() / 1000, UTC)
    points = history(client, YES, now - timedelta(days=40), now, timedelta(hours=1))
    times = [at for at, _ in points]
    assert times == sorted(set(times))
    assert len(points) >= 40 * 24 - 24
    assert {price for _, price in points} == {Decimal("0.52")}
    asked = [entry for entry in mock_clob.journal if entry.path.endswith("price-history")]
    assert len(asked) <= 4


@given(st.lists(st.tuples(st.integers(0, 7_200), st.integers(1, 999)), max_size=40))
def test_candles_keep_every_price_and_make_none_up(raw: list[tuple[int, int]]) -> None:
    length = timedelta(minutes=10)
    points = [(EPOCH + timedelta(seconds=s), Decimal(p) / 1000) for s, p in sorted(raw)]
    made = candles(points, length)
    assert [c.start for c in made] == sorted({at - (at - EPOCH) % length for at, _ in points})
    for candle in made:
        part = [p for at, p in points if candle.start <= at < candle.start + length]
        assert (candle.open, candle.close) == (part[0], part[-1])
        assert (candle.high, candle.low) == (max(part), min(part))


# An order that is refused


@pytest.mark.parametrize("example", [partial_fill, async_client])
def test_a_refused_order_is_told_as_such(
    mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch, example: ModuleType
) -> None:
    mock_clob.reset(exchange=2)
    account = mock_clob.account(0)
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", account.key)
    monkeypatch.setenv("POLYMARKET_FUNDER", account.address)
    amounts = {"makingAmount": "", "takingAmount": ""}
    refusal = {"errorMsg": "no", "orderID": "", "status": "", "success": True, **amounts}
    mock_clob.fault(Effect(status=200, body=json.dumps(refusal)), method="POST", path="/order")
    with pytest.raises(SystemExit, match="no"):
        runpy.run_path(str(example.__file__), run_name="__main__")
