"""A short run in every test run, with seeds that are fixed; `make soak` takes the long ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_clob.pytest_plugin import MockClob
from tests.redis_server import running
from tests.soak.run import Run, endure
from tests.soak.schedule import steps


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
