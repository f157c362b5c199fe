"""What every test stands on: snippets are importable by plain name, as a reader saves them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

SNIPPETS = Path(__file__).parent.parent / "snippets"

sys.path[:0] = [str(folder) for folder in sorted(SNIPPETS.iterdir()) if folder.is_dir()]


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("update_examples", False) and config.getoption("numprocesses", None):
        raise pytest.UsageError("--update-examples rewrites guides: run it without -n")
