"""The workflows are sound, run what the Makefile has, name actions by commit, and may do little."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_issue_forms import refusal

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
OURS = re.compile(r"\$/\.github/workflows/(\w+)\.yml")


def faults(text: str, makefile: str) -> Iterator[str]:
    for used in re.findall(r"uses:\s*(.+)", text):
        if not (PINNED.fullmatch(used.strip()) or OURS.fullmatch(used.strip())):
            yield f"not named by commit and version: {used}"
    workflow: dict[Any, Any] = yaml.safe_load(text)
    if workflow.get("permissions") != {"contents": "read"}:
        yield "it may do more than read"
    for name, job in workflow["jobs"].items():
        if "steps" not in job:
            continue  # another workflow's jobs
        if "timeout-minutes" not in job:
            yield f"{name} may run for ever"
        if "write" in job.get("permissions", {}).values() and "checkout" in str(job):
            yield f"{name} may write, and runs code of the repository"
        for step in job["steps"]:
            for target in re.findall(r"make (\w+)", step.get("run", "")):
                if not re.search(rf"^{target}:", makefile, re.MULTILINE):
                    yield f"there is no make {target}"


def zizmor(path: Path) -> str:
    """What it finds wrong, "" if nothing."""
    command = [Path(sys.executable).with_name("zizmor"), "--offline", "--no-progress", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_is_pinned_bounded_and_runs_what_is_there(path: Path) -> None:
    assert list(faults(path.read_text(), (ROOT / "Makefile").read_text())) == []
    assert refusal("github-workflows", path) == ""


def test_zizmor_finds_nothing() -> None:
    assert refusal("dependabot", ROOT / ".github/dependabot.yml") == ""
    assert zizmor(ROOT / ".github") == ""


def test_there_are_workflows_for_tests_drift_pages_and_releases() -> None:
    assert {path.stem for path in WORKFLOWS} >= {"tests", "drift", "pages", "release"}


def test_an_action_has_one_commit_everywhere() -> None:
    text = "".join(path.read_text() for path in WORKFLOWS)
    pins = set(PINNED.findall(text))
    assert len(pins) == len({pin.split("@")[0] for pin in pins}) > 1


def test_site_is_uploaded_with_its_hidden_files() -> None:
    """The skills index is in .well-known, which the action leaves out unless told."""
    pages = yaml.safe_load((ROOT / ".github/workflows/pages.yml").read_text())
    [upload] = [
        step for step in pages["jobs"]["build"]["steps"] if "upload" in step.get("uses", "")
    ]
    assert upload["with"]["include-hidden-files"] is True


def test_nothing_is_published_before_the_tests_have_passed() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]
    called = OURS.fullmatch(jobs["test"]["uses"])
    assert called
    assert ROOT / f".github/workflows/{called[1]}.yml" in WORKFLOWS
    assert jobs["provenance"]["needs"] == ["test", "build"]
    assert jobs["pypi"]["needs"] == "provenance"
    assert jobs["github"]["needs"] == "pypi"


def test_a_loose_workflow_is_noticed(tmp_path: Path) -> None:
    loose = (
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n"
        "    permissions: {contents: write}\n    steps:\n"
        "      - uses: actions/checkout@v4\n      - run: make gold\n"
        "      - run: echo ${{ github.event.pull_request.title }}\n"
    )
    assert list(faults(loose, "test:\n")) == [
        "not named by commit and version: actions/checkout@v4",
        "it may do more than read",
        "a may run for ever",
        "a may write, and runs code of the repository",
        "there is no make gold",
    ]
    path = tmp_path / "loose.yml"
    path.write_text(loose)
    assert "template-injection" in zizmor(path)
    path.write_text(loose.replace("runs-on", "run-on"))
    assert "run-on" in refusal("github-workflows", path)
