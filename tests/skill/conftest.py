"""Counts blocks and prints the line that `make test` ends with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.skill.checks import everything
from tests.skill.fences import Fence

ROOT = Path(__file__).parents[2]
BLOCKS_RUN = pytest.StashKey[set[str]]()


@pytest.fixture
def count_block(request: pytest.FixtureRequest) -> set[str]:
    """Where each block that ran stands."""
    return request.config.stash.setdefault(BLOCKS_RUN, set())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "block" in metafunc.fixturenames:
        blocks: list[Fence] = [block for guide in everything(ROOT) for block in guide.blocks]
        names = [f"{b.path.relative_to(ROOT / 'skills/polymarket')}:{b.line}" for b in blocks]
        metafunc.parametrize("block", blocks, ids=names)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    run = terminalreporter.config.stash.get(BLOCKS_RUN, None)
    if run is not None:
        found = sum(len(guide.blocks) for guide in everything(ROOT))
        line = f"blocks: {found} found, {len(run)} run, {found - len(run)} skipped"
        terminalreporter.write_line(line)
