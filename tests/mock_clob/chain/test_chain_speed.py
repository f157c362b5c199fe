"""The chain stays quick enough to sit in every test: the best of several tries counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from mock_clob.accounts import ACCOUNTS
from mock_clob.chain.artefacts import artefact, raw
from mock_clob.chain.evm import Chain, Match


def _best(action: Callable[[], object], tries: int = 10) -> float:
    """Seconds of this thread's own: what else the machine does is not counted."""
    times = []
    for _ in range(tries):
        start = time.thread_time()
        action()
        times.append(time.thread_time() - start)
    return min(times)


def test_reset_takes_less_than_10_ms(chain: Chain) -> None:
    assert _best(chain.reset) < 0.010


def test_call_takes_less_than_5_ms(chain: Chain) -> None:
    usdc_e = raw(chain.contracts.usdc_e)
    data = artefact("Usdc").call("balanceOf", raw(ACCOUNTS[0].address))

    assert _best(lambda: chain.call(usdc_e, data)) < 0.005


@pytest.mark.parametrize("kind", ["complementary", "mint", "merge"])
def test_settlement_of_a_match_takes_less_than_60_ms(
    chain: Chain, match: Callable[..., Match], kind: Any
) -> None:
    one = [match(kind, shares=100, taker_collateral=50, maker_collateral=50)]

    assert _best(lambda: chain.settle(chain.contracts.exchange_v2, one)) < 0.060
