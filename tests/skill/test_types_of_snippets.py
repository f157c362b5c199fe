"""`make types` looks into snippets, which are in folders that no package can be named after."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.skill.conftest import ROOT
from tests.skill.small_tree import SmallTree


def make_types(tree: SmallTree) -> subprocess.CompletedProcess[str]:
    """What `make types` says of a small repository, with the real rules and the real mypy."""
    rules = (ROOT / "pyproject.toml").read_text()
    for name, text in (
        ("pyproject.toml", rules),
        ("uv.lock", ""),
        ("mock_clob/__init__.py", ""),
        ("demo/__init__.py", ""),
        ("scripts/__init__.py", ""),
        ("evals/__init__.py", ""),
        ("evals/tasks/one/check.py", ""),
        (".venv/ready", "the last file: nothing has to be installed"),
    ):
        (tree.root / name).parent.mkdir(parents=True, exist_ok=True)
        (tree.root / name).write_text(text)
    tools = Path(sys.executable).parent
    return subprocess.run(
        ["make", "-f", ROOT / "Makefile", "types", f"RUN={tools}/", f"UV={sys.executable}"],
        cwd=tree.root,
        capture_output=True,
        text=True,
        check=False,
    )


def test_wrong_use_of_a_neighbour_in_another_folder_is_reported(tmp_path: Path) -> None:
    tree = SmallTree(tmp_path)
    tree.snippet("prices", "def half(price: int) -> int:\n    return price // 2\n")
    tree.snippet("order", 'from prices import half\n\nhalf("1")\n', folder="edge-cases")
    checked = make_types(tree)
    assert checked.returncode != 0
    assert 'snippets/edge-cases/order.py:3: error: Argument 1 to "half"' in checked.stdout


def test_untyped_function_is_reported(tmp_path: Path) -> None:
    tree = SmallTree(tmp_path)
    tree.snippet("order", "def half(price):\n    return price // 2\n", folder="edge-cases")
    checked = make_types(tree)
    assert "snippets/edge-cases/order.py:1: error: Function is missing a type" in checked.stdout


def test_right_snippets_are_let_pass(tmp_path: Path) -> None:
    checked = make_types(SmallTree(tmp_path))
    assert checked.returncode == 0, checked.stdout + checked.stderr
