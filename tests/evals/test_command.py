"""`python -m evals`: a solution, or an agent that is any command, graded at the boundary."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from evals.stage import ROOT, TASKS


def evals(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Outside of the session's routes, as a user runs it."""
    return subprocess.run(
        [sys.executable, "-m", "evals", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if "MOCK_CLOB" not in name},
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_list_names_each_task_and_its_guide() -> None:
    lines = evals("list").stdout.splitlines()
    assert len(lines) == len(list(TASKS.glob("*/check.py")))
    assert "read_book             edge-cases/prices.md" in lines


def test_a_solution_is_graded() -> None:
    passed = evals("grade", "read_book", "evals/tasks/read_book/reference.py")
    assert (passed.returncode, passed.stdout) == (0, "pass  read_book\n")
    failed = evals("grade", "read_book", "evals/tasks/read_book/wrong.py")
    assert failed.returncode == 1
    assert failed.stdout.startswith("FAIL  read_book\n      answer.json: {'bid': '0.45'")


def test_a_crash_is_shown_with_its_last_line(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("raise RuntimeError('my own fault')\n")
    failed = evals("grade", "read_book", str(tmp_path / "mine.py"))
    assert failed.stdout.splitlines()[-1].strip() == "RuntimeError: my own fault"


@pytest.mark.parametrize(
    "arguments",
    [("grade", "no_such_task", "x.py"), ("grade", "read_book", "no_such_file.py")],
)
def test_what_is_not_there_is_said_in_a_line(arguments: tuple[str, ...]) -> None:
    ended = evals(*arguments)
    assert ended.returncode == 2
    assert "no_such" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


AGENT = """import pathlib, shutil, sys
prompt = sys.stdin.read()
assert "best bid" in prompt
assert ("SKILL.md" in prompt) == pathlib.Path("skills/polymarket/SKILL.md").exists() == {skilled}
shutil.copy({solution!r}, "solution.py")
"""


@pytest.mark.parametrize("skilled", [True, False])
def test_any_command_is_an_agent(tmp_path: Path, skilled: bool) -> None:
    agent = tmp_path / "agent.py"
    solution = str(TASKS / "read_book" / "reference.py")
    agent.write_text(AGENT.format(solution=solution, skilled=skilled))
    command = shlex.join([sys.executable, str(agent)])
    more = [] if skilled else ["--without-skill"]
    ended = evals("try", "read_book", "--with", command, *more)
    assert (ended.returncode, ended.stdout) == (0, "pass  read_book\n1 of 1 passed\n")


def test_an_agent_has_the_files_of_its_task(tmp_path: Path) -> None:
    agent = tmp_path / "agent.py"
    reference = str(TASKS / "mend_ids" / "reference.py")
    agent.write_text(f"""import shutil
assert "clobTokenIds" in open("broken.py").read()
shutil.copy({reference!r}, "solution.py")
""")
    command = shlex.join([sys.executable, str(agent)])
    ended = evals("try", "mend_ids", "--with", command)
    assert ended.stdout == "pass  mend_ids\n1 of 1 passed\n"
    assert "--- broken.py\nimport json" in evals("prompt", "mend_ids").stdout


def test_an_agent_that_writes_nothing_has_failed() -> None:
    ended = evals("try", "read_book", "place_limit", "--with", "true")
    assert ended.returncode == 1
    assert ended.stdout.count("wrote no solution.py") == 2
    assert ended.stdout.endswith("0 of 2 passed\n")


def test_triggers_are_two_dozen_half_of_them_near_misses() -> None:
    triggers = json.loads((ROOT / "evals" / "triggers.json").read_text())
    should, should_not = triggers["should"], triggers["should_not"]
    assert len(should) == len(should_not) == 12
    assert len({*should, *should_not}) == 24
