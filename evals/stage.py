"""Where a solution is run: a fresh venue, an empty folder, a process of its own."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_clob import routing
from mock_clob.model import Order
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

ROOT = Path(__file__).parents[1]
TASKS = ROOT / "evals" / "tasks"
SCRIPTS = ROOT / "skills" / "polymarket" / "scripts"
YES, NO = DOCUMENTED.token_ids
POLL_SECONDS = 0.02
Check = Callable[["Stage"], Iterable[str]]


class Wrong(Exception):
    """A solution did not do what the task asks; the text says what."""


class Stage:
    """One run of a solution. `check.py` prepares it, acts while it runs, and grades it."""

    def __init__(self, venue: MockClob, folder: Path, environment: dict[str, str]) -> None:
        self.venue, self.folder = venue, folder
        account = venue.account(0)
        self.environment = {
            "POLYMARKET_PRIVATE_KEY": account.key,
            "POLYMARKET_FUNDER": account.address,
            "POLYGON_RPC_URL": "https://polygon-rpc.com",
            **environment,
        }
        self.process: subprocess.Popen[str] | None = None
        self.code: int | None = None
        self.printed = self.complained = ""

    # For check.py

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for it while the solution runs. Raises Wrong when the solution ends before."""
        assert self.process is not None
        while not condition():
            if self.process.poll() is not None:
                raise Wrong("it ended before its time")
            time.sleep(POLL_SECONDS)

    def answer(self) -> dict[str, Any]:
        """What the solution wrote to answer.json. Raises Wrong when that is no JSON object."""
        try:
            found = json.loads((self.folder / "answer.json").read_text())
        except (OSError, ValueError) as error:
            raise Wrong(f"answer.json: {error}") from None
        if not isinstance(found, dict):
            raise Wrong("answer.json holds no object")
        return found

    def open_orders(self) -> list[Order]:
        """Of the solution's key, the oldest first. Prices, sizes: integers of 1e-6."""
        signer = self.venue.account(0).address.lower()
        orders = self.venue.call(lambda: list(self.venue.venue.engine.open.values()))
        return [order for order in orders if order.signer.lower() == signer]

    def all_orders(self) -> list[Order]:
        """Every order of the solution's key that the venue ever accepted."""
        signer = self.venue.account(0).address.lower()
        orders = self.venue.call(lambda: list(self.venue.venue.engine.orders.values()))
        return [order for order in orders if order.signer.lower() == signer]

    def requests(self, method: str, path: str) -> int:
        return len(self.venue.journal.requests(method, path))

    def replies(self, method: str, path: str) -> int:
        return sum(each.status > 0 for each in self.venue.journal.requests(method, path))

    # For the runner

    def run(self, solution: Path, seconds: float, meanwhile: Callable[[Stage], None]) -> None:
        """Raises Wrong when it takes longer, or ends while `meanwhile` still waits for it."""
        shutil.copy(solution, self.folder / "solution.py")
        base = {**os.environ, **self.environment, "PYTHONPATH": str(SCRIPTS)}
        self.process = subprocess.Popen(
            [sys.executable, "solution.py"],
            cwd=self.folder,
            env=routing.environment(self.venue.server.route, base),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            meanwhile(self)
            self.printed, self.complained = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Wrong(f"it still ran after {seconds:g} s") from None
        finally:
            self.process.kill()
            if self.code is None:
                rest = self.process.communicate()
                self.printed, self.complained = self.printed or rest[0], self.complained or rest[1]
                self.code = self.process.returncode


@dataclass(frozen=True)
class Task:
    name: str

    @property
    def folder(self) -> Path:
        return TASKS / self.name

    @property
    def prompt(self) -> str:
        return (self.folder / "prompt.md").read_text()

    @property
    def check(self) -> Any:
        """check.py: GUIDE, grade; if need be FILES, OPTIONS, SECONDS, REDIS, prepare, meanwhile."""
        return importlib.import_module(f"evals.tasks.{self.name}.check")

    @property
    def files(self) -> dict[str, str]:
        """What the task gives: texts by name."""
        return dict(getattr(self.check, "FILES", {}))

    def give(self, folder: Path) -> None:
        for name, text in self.files.items():
            (folder / name).write_text(text)


def tasks() -> list[Task]:
    return [Task(path.parent.name) for path in sorted(TASKS.glob("*/check.py"))]


def named(name: str) -> Task:
    """Raises ValueError for a name that is no task's."""
    found = [task for task in tasks() if task.name == name]
    if not found:
        raise ValueError(f"no task named {name!r}; there are: {', '.join(t.name for t in tasks())}")
    return found[0]


def grade(task: Task, solution: Path, venue: MockClob) -> list[str]:
    """Run a solution in a fresh venue and say what is wrong with it; empty: it passed."""
    check = task.check
    venue.reset(**getattr(check, "OPTIONS", {}))
    redis = {"REDIS_URL": os.environ.get("REDIS_URL", "")} if getattr(check, "REDIS", False) else {}
    with _empty_folder() as folder:
        task.give(folder)
        stage = Stage(venue, folder, redis)
        getattr(check, "prepare", _nothing)(stage)
        try:
            stage.run(
                solution, getattr(check, "SECONDS", 20.0), getattr(check, "meanwhile", _nothing)
            )
            faults = list(check.grade(stage))
        except Wrong as wrong:
            faults = [str(wrong)]
        if faults and stage.complained:
            faults.append(stage.complained.strip().splitlines()[-1])
    return faults


@contextmanager
def _empty_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="eval-") as folder:
        yield Path(folder)


def _nothing(_: Stage) -> None:
    pass
