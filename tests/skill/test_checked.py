"""skills/polymarket/testing/checked.md is what was run. `make sync` makes it anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.skill import checked, checks
from tests.skill.conftest import ROOT
from tests.skill.small_tree import SmallTree

PATH = ROOT / checks.SKILL / checked.PAGE


def test_page_of_what_was_run_is_true(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("update_examples"):
        PATH.write_text(checked.page(ROOT))
    assert PATH.read_text() == checked.page(ROOT), "run make sync"


def test_start_page_has_the_figures_of_this_run(request: pytest.FixtureRequest) -> None:
    path = ROOT / checked.START
    if request.config.getoption("update_examples"):
        path.write_text(checked.start_page(ROOT))
    assert path.read_text() == checked.start_page(ROOT), "run make sync"
    assert re.search(r"\d{2,} blocks and \d{2,} linked files", path.read_text())


def test_page_follows_from_what_blocks_import(tmp_path: Path) -> None:
    tree = SmallTree(tmp_path)
    tree.snippet("hello", "import py_clob_client\n")
    (tree.root / "uv.lock").write_text('[[package]]\nname = "py-clob-client"\nversion = "9.9"\n')
    with pytest.raises(ValueError, match="does not say when"):
        checked.page(tree.root)
    tree.entry.write_text(tree.entry.read_text() + "Checked on 2026-01-02.\n")
    page = checked.page(tree.root)
    assert "facts as of 2026-01-02" in page
    assert "| py-clob-client 9.9 | 1 | library/a |" in page
