"""The workflows parse, run what the Makefile has, and name actions by commit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def faults(text: str, makefile: str) -> Iterator[str]:
    for used in re.findall(r"uses:\s*(.+)", text):
        if not PINNED.fullmatch(used.strip()):
            yield f"not named by commit and version: {used}"
    workflow: dict[Any, Any] = yaml.safe_load(text)
    if workflow.get("permissions") != {"contents": "read"}:
        yield "it may do more than read"
    for name, job in workflow["jobs"].items():
        if "timeout-minutes" not in job:
            yield f"{name} may run for ever"
        for step in job["steps"]:
            for target in re.findall(r"make (\w+)", step.get("run", "")):
                if not re.search(rf"^{target}:", makefile, re.MULTILINE):
                    yield f"there is no make {target}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_is_pinned_bounded_and_runs_what_is_there(path: Path) -> None:
    assert list(faults(path.read_text(), (ROOT / "Makefile").read_text())) == []


def test_there_are_workflows_for_tests_and_drift() -> None:
    assert {path.stem for path in WORKFLOWS} >= {"tests", "drift"}


def test_a_loose_workflow_is_noticed() -> None:
    loose = "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n      - run: make gold\n"
    assert list(faults(loose, "test:\n")) == [
        "not named by commit and version: actions/checkout@v4",
        "it may do more than read",
        "a may run for ever",
        "there is no make gold",
    ]
