"""A reader who saves a page's files side by side has what they import, or is told where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.skill import checks
from tests.skill.conftest import ROOT
from tests.skill.guide import markdown_files, read
from tests.skill.neighbours import with_neighbours


@pytest.mark.parametrize(
    "path", markdown_files(ROOT / checks.SKILL), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_page_names_the_files_that_it_needs_and_does_not_show(path: Path) -> None:
    guide = read(path)
    shown = {ROOT / block.title for block in guide.blocks}
    inside = {n for f in guide.fences for n in range(f.line, f.last_line + 1)}
    prose = "\n".join(line for n, line in enumerate(guide.lines, 1) if n not in inside)
    elsewhere = with_neighbours(ROOT, shown) - shown
    assert {path.name for path in elsewhere if f"`{path.name}`" not in prose} == set()
