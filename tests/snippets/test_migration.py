"""Moving over: the old bot is refused today, the collateral moves one for one."""

from __future__ import annotations

import pytest
from new_bot import new_bot
from old_bot import old_bot
from py_clob_client.exceptions import PolyApiException
from secure_client import secure_client
from usdc_balance import get_usdc_e_balance
from wrap_collateral import unwrap, wrap

from mock_clob.faults import Effect
from mock_clob.pytest_plugin import MockClob

LATER = '{"errorMsg":"the market is not yet ready to process new orders","orderID":"","status":""'
LATER += ',"success":true,"makingAmount":"","takingAmount":""}'


@pytest.fixture
def today(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> MockClob:
    """The venue of today, with account 0's key and address in the environment."""
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", mock_clob.account(0).key)
    monkeypatch.setenv("POLYMARKET_FUNDER", mock_clob.account(0).address)
    monkeypatch.delenv("POLYGON_RPC_URL", raising=False)
    mock_clob.reset(exchange=2)
    return mock_clob


def test_the_old_bot_reads_and_is_refused_today(
    today: MockClob, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PolyApiException) as refused:
        old_bot()
    assert refused.value.error_msg == {"error": "order_version_mismatch"}
    assert capsys.readouterr().out == "best bid 0.48\n"


def test_the_new_bot_ends_in_one_line_when_its_order_is_refused(today: MockClob) -> None:
    effect = Effect(status=200, body=LATER, headers={"content-type": "application/json"})
    today.fault(effect, method="POST", path="/order")
    with pytest.raises(SystemExit, match="refused, market_not_ready: the market is not yet ready"):
        new_bot()


def test_collateral_goes_over_and_back_to_the_base_unit(today: MockClob) -> None:
    with secure_client() as client:
        wrap(client, 1_234_567)
        assert str(get_usdc_e_balance(client.wallet, "pUSD")) == "10001.234567"
        assert str(get_usdc_e_balance(client.wallet, "USDC.e")) == "9998.765433"
        unwrap(client, 1_234_567)
        assert get_usdc_e_balance(client.wallet, "USDC.e") == 10_000


@pytest.mark.parametrize("base_units", [0, -1])
def test_nothing_is_sent_for_an_amount_that_is_none(today: MockClob, base_units: int) -> None:
    with secure_client() as client, pytest.raises(ValueError, match="base_units must be above 0"):
        wrap(client, base_units)
    assert not [entry for entry in today.journal if entry.path == "/rpc"]
