"""A short run in every test run, with seeds that are fixed; `make soak` takes the long ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from live_book import LiveBook
from move_book import MoveBook
from order_journal import Written

from mock_clob.pytest_plugin import MockClob
from tests.redis_server import running
from tests.soak.run import Run, Violation, endure
from tests.soak.schedule import Step, steps


@pytest.mark.parametrize("seed", [1, 2])
def test_chaos_loses_doubles_and_distorts_nothing(
    mock_clob: MockClob, tmp_path: Path, seed: int
) -> None:
    with running(tmp_path) as redis:
        endure(Run(mock_clob, redis, tmp_path, seed), count=60)


def test_a_seed_gives_the_same_steps_again() -> None:
    first, second = steps(7), steps(7)
    assert [next(first) for _ in range(200)] == [next(second) for _ in range(200)]
    other = steps(8)
    assert [next(other) for _ in range(5)] != [next(steps(7)) for _ in range(5)]


# What must hold is seen not to hold


@pytest.fixture
def run(mock_clob: MockClob, tmp_path: Path) -> Iterator[Run]:
    with running(tmp_path) as redis:
        made = Run(mock_clob, redis, tmp_path, seed=3)
        with made.started():
            yield made


BURST = Step(1, "burst", tuple(("BUY", "0.10", 5) for _ in range(40)))
CHECK = Step(2, "check", ())


def test_a_trader_without_a_limiter_is_noticed(run: Run) -> None:
    run.trader.gateway._wait = lambda orders: None
    with pytest.raises(Violation, match="delayed by the venue's limits"):
        run.go(BURST)


def test_an_order_that_was_not_written_down_is_noticed(run: Run) -> None:
    signed = run.trader._sign("BUY", "0.10", 5)
    run._client.post_order(signed)
    with pytest.raises(Violation, match="not in the journal"):
        run.go(Step(1, "advance", (1,)))


def test_an_order_that_is_written_as_placed_and_is_not_there_is_noticed(run: Run) -> None:
    run.trader.journal.write("0xa1", "{}")
    run.trader.journal.close_question("0xa1", Written.PLACED)
    with pytest.raises(Violation, match="the venue does not have"):
        run.go(CHECK)


def test_a_fill_that_the_stream_forgets_is_noticed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.soak.run.PATIENCE_SECONDS", 0.5)
    run.go(Step(1, "place", ("BUY", "0.55", 10)))
    run.streams.account.state.take_trade = lambda trade: False  # type: ignore[method-assign]
    run.go(Step(1, "place", ("BUY", "0.55", 10)))
    with pytest.raises(Violation, match="a fill is missed"):
        run.go(CHECK)


def test_a_move_that_is_not_read_is_noticed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.soak.run.PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(MoveBook, "total", lambda self, asset: 0)
    run.go(Step(1, "place", ("BUY", "0.55", 10)))
    with pytest.raises(Violation, match="balances differ"):
        run.go(CHECK)


def test_a_book_that_is_wrong_is_noticed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.soak.run.PATIENCE_SECONDS", 0.5)
    run.go(CHECK)
    monkeypatch.setattr(LiveBook, "apply", lambda self, message: None)
    run.go(Step(1, "place", ("BUY", "0.45", 10)))
    with pytest.raises(Violation, match="the book is not the venue's"):
        run.go(CHECK)
