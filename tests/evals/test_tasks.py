"""Every grader passes the reference, and refuses the empty and a plausible wrong solution."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from evals.stage import ROOT, SCRIPTS, Task, grade, tasks
from mock_clob.pytest_plugin import MockClob
from tests.redis_server import RedisServer
from tests.skill import checks

SKILL = ROOT / checks.SKILL
ALL = tasks()
GUIDES = sorted({task.check.GUIDE for task in ALL})


@pytest.fixture(autouse=True)
def _redis(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", redis_server.url)


def faults(task: Task, solution: Path, venue: MockClob) -> list[str]:
    found = grade(task, solution, venue)
    venue.allow_unknown_routes()
    return found


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.name)
def test_reference_passes(task: Task, mock_clob: MockClob) -> None:
    assert faults(task, task.folder / "reference.py", mock_clob) == []


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.name)
def test_plausible_wrong_solution_fails(task: Task, mock_clob: MockClob) -> None:
    assert faults(task, task.folder / "wrong.py", mock_clob)


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.name)
def test_empty_solution_fails(task: Task, mock_clob: MockClob) -> None:
    assert faults(task, ROOT / "evals" / "empty.py", mock_clob)


@pytest.mark.parametrize("task", [t for t in ALL if t.files], ids=lambda task: task.name)
def test_given_file_is_named_and_does_not_solve_the_task(
    task: Task, mock_clob: MockClob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task.check, "SECONDS", 5.0, raising=False)
    task.give(tmp_path)
    for name in task.files:
        assert name in task.prompt
        assert faults(task, tmp_path / name, mock_clob)


def test_there_are_enough_of_them() -> None:
    assert len(ALL) >= 25
    for task in ALL:
        assert sorted(
            p.name for p in task.folder.iterdir() if p.suffix != ".pyc" and p.is_file()
        ) == [
            "check.py",
            "prompt.md",
            "reference.py",
            "wrong.py",
        ]


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.name)
def test_one_guide_names_all_that_the_reference_uses(task: Task) -> None:
    """So an agent with SKILL.md and that guide can write it."""
    guide = (SKILL / "SKILL.md").read_text() + (SKILL / task.check.GUIDE).read_text()
    tree = ast.parse((task.folder / "reference.py").read_text())
    modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    ours = {name for name in modules if (SCRIPTS / f"{name}.py").exists()}
    missing = {name for name in ours if not re.search(rf"\b{name}\.py\b", guide)}
    assert missing == set()
