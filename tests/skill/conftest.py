"""Counts blocks and prints the line that `make test` ends with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.skill.checks import everything
from tests.skill.fences import Fence, read

ROOT = Path(__file__).parents[2]
BLOCKS_RUN = pytest.StashKey[set[str]]()


@pytest.fixture
def count_block(request: pytest.FixtureRequest) -> set[str]:
    """Where each block that ran stands."""
    return request.config.stash.setdefault(BLOCKS_RUN, set())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "place" in metafunc.fixturenames:
        places = [
            pytest.param((guide.path, n), id=f"{guide.path.parent.name}/{guide.path.name}:{b.line}")
            for guide in everything(ROOT)
            for n, b in enumerate(guide.blocks)
        ]
        metafunc.parametrize("place", places)


@pytest.fixture
def block(place: tuple[Path, int]) -> Fence:
    """A block of a guide, read anew: a run with --update-examples rewrites the guides."""
    path, number = place
    return read(path).blocks[number]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    run = terminalreporter.config.stash.get(BLOCKS_RUN, None)
    if run is not None:
        found = sum(len(guide.blocks) for guide in everything(ROOT))
        line = f"blocks: {found} found, {len(run)} run, {found - len(run)} skipped"
        terminalreporter.write_line(line)
