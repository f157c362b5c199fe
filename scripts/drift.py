"""Does the skill still hold? Run the guides on the newest releases, and list facts that have aged.

    python scripts/drift.py [--uv PATH] [--days 90]

Everything happens in a throw-away environment and a copy of the tree; nothing here is changed.
Exit code 1: a guide broke. Facts that have aged are listed and break nothing.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
# What guides depend on and others release. The rest stays as pyproject.toml has it.
TRACKED = (
    "mkdocs-material",
    "polymarket-client",
    "py-clob-client",
    "py-clob-client-v2",
    "redis",
    "web3",
    "websockets",
)
CHECKS = ("tests/skill", "tests/site")
DATED = re.compile(r"(?:as of|checked on|fetched|run on) (\d{4}-\d{2}-\d{2})", re.IGNORECASE)


@dataclass(frozen=True)
class AgedFact:
    path: Path
    line: int
    day: date


def aged_facts(root: Path, today: date, days: int) -> Iterator[AgedFact]:
    """Lines that say when they were true, and said it more than `days` days ago."""
    for folder in ("skills", "snippets", "mock_clob"):
        for path in sorted((root / folder).rglob("*")):
            copied = path.parent.name == "scripts"  # from snippets/
            if path.suffix not in (".md", ".py") or copied:
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                for found in DATED.findall(line):
                    day = date.fromisoformat(found)
                    if (today - day).days > days:
                        yield AgedFact(path.relative_to(root), number, day)


def requirements(pyproject: str) -> list[str]:
    """Of the groups `dev` and `clients`, with the tracked packages free of their pins."""
    groups = tomllib.loads(pyproject)["dependency-groups"]
    found = []
    for each in [*groups["clients"], *groups["dev"]]:
        if isinstance(each, str):
            name = re.split(r"[\s<>=!~\[;]", each)[0]
            found.append(name if name in TRACKED else each)
    return found


def failures(report: Path) -> list[str]:
    """The names of the tests that did not pass, from pytest's JUnit file. ValueError: none ran."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    if not cases:
        raise ValueError("no test ran")
    return [
        f"{case.get('classname', '')}: {case.get('name', '')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]


def versions(python: Path) -> dict[str, str]:
    """What is installed there, of the tracked packages."""
    code = "import importlib.metadata as m, sys; print(*(m.version(n) for n in sys.argv[1:]))"
    shown = subprocess.check_output([python, "-c", code, *TRACKED], text=True)
    return dict(zip(TRACKED, shown.split(), strict=True))


def run(uv: str, work: Path) -> list[str]:
    """Install the newest releases beside a copy of the tree and run the guides. The failures."""
    tree, python = work / "tree", work / "venv/bin/python"
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    subprocess.check_call([uv, "venv", "--quiet", "--python", sys.executable, work / "venv"])
    wanted = requirements((ROOT / "pyproject.toml").read_text())
    install = [uv, "pip", "install", "--quiet", "--upgrade", "--python", str(python)]
    subprocess.check_call([*install, "--editable", str(tree), *wanted])
    here, newest = versions(Path(sys.executable)), versions(python)
    for name in TRACKED:
        note = "" if here[name] == newest[name] else f"  (here {here[name]})"
        print(f"{name:<20} {newest[name]}{note}", flush=True)
    (tree / ".venv").symlink_to(work / "venv")
    report = work / "report.xml"
    command = [str(python), "-m", "pytest", "-q", f"--junitxml={report}", *CHECKS]
    path = os.pathsep.join([str(ROOT / ".tools"), os.environ["PATH"]])  # its redis-server
    subprocess.run(command, cwd=tree, env={**os.environ, "PATH": path}, check=False)
    return failures(report)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--uv", default="uv", help="the uv to install with (default: %(default)s)")
    parser.add_argument("--days", type=int, default=90, help="when a fact has aged (%(default)s)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        broken = run(arguments.uv, Path(work))
    for name in broken:
        print(f"broke: {name}")
    aged = list(aged_facts(ROOT, date.today(), arguments.days))
    for fact in aged:
        print(f"aged: {fact.path}:{fact.line}: true on {fact.day}, look again")
    print(f"{len(broken)} broken, {len(aged)} facts older than {arguments.days} days")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
