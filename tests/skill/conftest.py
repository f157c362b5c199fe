"""Gives each block its test, and counts: found in the text of the guides, run, skipped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.skill.checks import SKILL, everything
from tests.skill.fences import Fence
from tests.skill.guide import markdown_files, read

ROOT = Path(__file__).parents[2]
BLOCKS_RUN = pytest.StashKey[set[str]]()
# On purpose not the parser's way: a block that the parser lost is still counted as found.
PYTHON_LINE = re.compile(
    r"^[\s>*+-]*(?:`{3,}|~{3,})[ \t]*\{?[ \t]*\.?py", re.MULTILINE | re.IGNORECASE
)


def blocks_found() -> int:
    """How many Python blocks a reader of the raw text sees."""
    return sum(len(PYTHON_LINE.findall(p.read_text())) for p in markdown_files(ROOT / SKILL))


@pytest.fixture
def blocks_run(request: pytest.FixtureRequest) -> set[str]:
    """Where each block that has run stands."""
    return request.config.stash.setdefault(BLOCKS_RUN, set())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "place" in metafunc.fixturenames:
        places = {
            f"{block.path.relative_to(ROOT / SKILL)}:{block.line}": (guide.path, number)
            for guide in everything(ROOT)
            for number, block in enumerate(guide.blocks)
        }
        metafunc.parametrize("place", places.values(), ids=places.keys())


@pytest.fixture
def block(place: tuple[Path, int]) -> Fence:
    """A block, read anew: a run with --update-examples rewrites the guides."""
    path, number = place
    return read(path).blocks[number]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    run = terminalreporter.config.stash.get(BLOCKS_RUN, None)
    if run is not None:
        found = blocks_found()
        terminalreporter.write_line(
            f"blocks: {found} found, {len(run)} run, {found - len(run)} skipped"
        )
