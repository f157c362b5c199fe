"""What a snippet imports, and which of that are snippets beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path


def imports(path: Path) -> set[str]:
    """The top-level names that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def with_neighbours(root: Path, files: Iterable[Path]) -> set[Path]:
    """These snippets that exist, and all that they import of snippets, directly or not."""
    by_name = {path.stem: path for path in (root / "snippets").glob("*/*.py")}
    found = {path for path in files if path.is_file()}
    waiting = list(found)
    while waiting:
        names = imports(waiting.pop()) & by_name.keys()
        more = {by_name[name] for name in names} - found
        found |= more
        waiting += more
    return found
