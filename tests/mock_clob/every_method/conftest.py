"""The calls assert in modules that are no tests: they tell as much as tests do when they fail."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = "tests.mock_clob.every_method"
CALLS = [path.stem for path in Path(__file__).parent.glob("*.py")]
pytest.register_assert_rewrite(
    *(f"{HERE}.{name}" for name in CALLS if name.startswith(("calls_", "unified_")))
)
