"""What a guide's prose says of a linked file is in that file: an agent copies it unread."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import polymarket
import pytest

from tests.skill import checks
from tests.skill.conftest import ROOT
from tests.skill.guide import markdown_files

SKILL = ROOT / checks.SKILL
SCRIPTS = SKILL / "scripts"
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
PIECE = re.compile(r"\n\n|\n- |\n\| ")  # paragraphs, items and rows
LINKED = re.compile(r"\[`(\w+\.py)`\]")
NAME = re.compile(r"`([A-Za-z_][\w.]*)(?:\([^`]*\))?`")


@functools.cache
def known() -> set[str]:
    """Functions, classes and methods of all scripts and of the client."""
    trees = [ast.parse(path.read_text()) for path in SCRIPTS.glob("*.py")]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    ours = {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, kinds)}
    return ours | set(dir(polymarket)) | set(dir(polymarket.SecureClient))


def unknown_names(text: str) -> list[str]:
    """Names beside a link to a file that are neither in that file nor a function or class."""
    found = []
    for piece in PIECE.split(FENCE.sub("", text)):
        if not (files := LINKED.findall(piece)):
            continue
        source = "".join((SCRIPTS / name).read_text() for name in files)
        for name in NAME.findall(piece):
            last = name.rsplit(".", 1)[-1]
            if last not in source and last not in known() and not (last == "py" or last.isupper()):
                found.append(f"{', '.join(files)}: {name}")
    return found


@pytest.mark.parametrize("guide", markdown_files(SKILL), ids=lambda path: path.name)
def test_names_beside_a_linked_file_are_in_it(guide: Path) -> None:
    checks.expect_none(unknown_names(guide.read_text()))


def test_name_that_is_not_there_is_noticed() -> None:
    text = "[`live_book.py`](../scripts/live_book.py): `best_bid`, `no_such_field`."
    assert unknown_names(text) == ["live_book.py: no_such_field"]
