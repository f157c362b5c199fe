"""The long run, by `python -m tests.soak`; not collected otherwise."""

from __future__ import annotations

import os
from pathlib import Path

from mock_clob.pytest_plugin import MockClob
from tests.redis_server import running
from tests.soak.run import Run, endure


def test_endurance(mock_clob: MockClob, tmp_path: Path) -> None:
    seed, hours = int(os.environ["SOAK_SEED"]), float(os.environ["SOAK_HOURS"])
    with running(tmp_path) as redis:
        endure(Run(mock_clob, redis, tmp_path, seed), hours=hours, say=say)


def say(text: str) -> None:
    print(text, flush=True)
