"""List the tasks, show a prompt, grade a solution, or let an agent of your choice write it."""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from evals.stage import ROOT, Task, grade, named, tasks
from mock_clob import routing
from mock_clob.pytest_plugin import MockClob
from mock_clob.server import Server
from mock_clob.venue import Venue

SKILL = ROOT / "skills" / "polymarket"
AGENT_SECONDS = 1_800
SKILLED = """The folder skills/polymarket holds a skill: read its SKILL.md first. Your solution may
import the files of skills/polymarket/scripts.
"""
AROUND = """Write your solution as one Python file, solution.py, in the current folder. It will be
run once, without arguments, and must end by itself. POLYMARKET_PRIVATE_KEY, POLYMARKET_FUNDER and
POLYGON_RPC_URL are set. Use production host names.

"""


@contextmanager
def a_venue() -> Iterator[MockClob]:
    with Server(Venue()) as server:
        routing.install(*server.route)
        try:
            yield MockClob(server)
        finally:
            routing.uninstall()


def prompt_of(task: Task, *, skilled: bool = True) -> str:
    return (SKILLED if skilled else "") + AROUND + task.prompt


def ask(task: Task, command: str, folder: Path, *, skilled: bool) -> Path:
    """Let `command` write solution.py in `folder`; the prompt is its standard input.

    Raises ValueError when it fails, takes too long or leaves no solution.
    """
    if skilled:
        shutil.copytree(SKILL, folder / "skills" / "polymarket")
    task.give(folder)
    try:
        ended = subprocess.run(
            shlex.split(command),
            input=prompt_of(task, skilled=skilled),
            text=True,
            cwd=folder,
            timeout=AGENT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ValueError(str(error)) from None
    solution = folder / "solution.py"
    if ended.returncode or not solution.exists():
        written = "no " if not solution.exists() else ""
        raise ValueError(f"it ended with {ended.returncode} and wrote {written}solution.py")
    return solution


def verdict(task: Task, solution: Path, venue: MockClob) -> bool:
    faults = grade(task, solution, venue)
    print(f"{'FAIL' if faults else 'pass'}  {task.name}", flush=True)
    for fault in faults:
        print(f"      {fault}")
    return not faults


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m evals", description=__doc__)
    do = parser.add_subparsers(dest="do", required=True)
    do.add_parser("list", help="the tasks, and the guide that answers each")
    showing = do.add_parser("prompt", help="what an agent is told, and given")
    showing.add_argument("task")
    grading = do.add_parser("grade", help="run a solution and grade it")
    grading.add_argument("task")
    grading.add_argument("solution", type=Path)
    trying = do.add_parser("try", help="let an agent solve tasks, and grade them")
    trying.add_argument("task", nargs="*", help="all, if none is named")
    trying.add_argument(
        "--with",
        dest="command",
        required=True,
        help="the agent's command: it reads the prompt from standard input",
    )
    trying.add_argument("--without-skill", action="store_true", help="to see what the skill adds")
    asked = parser.parse_args(arguments)
    try:
        if asked.do == "list":
            for task in tasks():
                print(f"{task.name:<22}{task.check.GUIDE}")
            return 0
        if asked.do == "prompt":
            task = named(asked.task)
            print(prompt_of(task), end="")
            for name, text in task.files.items():
                print(f"\n--- {name}\n{text}", end="")
            return 0
        with a_venue() as venue:
            if asked.do == "grade":
                return not verdict(named(asked.task), asked.solution.resolve(strict=True), venue)
            wanted = [named(name) for name in asked.task] or tasks()
            return _try(wanted, asked.command, venue, skilled=not asked.without_skill)
    except (ValueError, OSError) as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2


def _try(wanted: Sequence[Task], command: str, venue: MockClob, *, skilled: bool) -> int:
    passed = 0
    for task in wanted:
        with tempfile.TemporaryDirectory(prefix="eval-") as folder:
            try:
                passed += verdict(task, ask(task, command, Path(folder), skilled=skilled), venue)
            except ValueError as error:
                print(f"FAIL  {task.name}\n      {error}", flush=True)
    print(f"{passed} of {len(wanted)} passed")
    return passed != len(wanted)


if __name__ == "__main__":
    sys.exit(main())
