"""GitHub's own schemas accept the issue forms, which ask for what a report needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / ".github/ISSUE_TEMPLATE"
FORMS = sorted(path for path in TEMPLATES.glob("*") if path.name != "config.yml")


def refusal(schema: str, path: Path) -> str:
    """What is wrong with a file, "" if nothing. The schemas come with the checker: no network."""
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*checker, path], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def required(path: Path) -> set[str]:
    """What a form cannot be sent without."""
    elements = yaml.safe_load(path.read_text())["body"]
    return {each["id"] for each in elements if each.get("validations", {}).get("required")}


def test_there_is_a_form_for_blocks_and_one_for_facts() -> None:
    assert [path.name for path in FORMS] == ["block-failed.yml", "fact-out-of-date.yml"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_form_is_one(path: Path) -> None:
    assert refusal("github-issue-forms", path) == ""


def test_configuration_of_the_chooser_is_one() -> None:
    assert refusal("github-issue-config", TEMPLATES / "config.yml") == ""


def test_forms_require_what_it_takes_to_see_it_again() -> None:
    block, fact = map(required, FORMS)
    assert block == {"block", "version", "where", "happened", "changed", "installed"}
    assert fact == {"place", "fact", "source"}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("name: A\nbody: []\n", "description"),
        ("name: A\ndescription: b\nbody:\n  - type: checkbox\n", "checkbox"),
        ("name: [", "Failed to parse"),
    ],
)
def test_form_that_github_would_not_show_is_noticed(wrong: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "form.yml").write_text(wrong)
    assert named in refusal("github-issue-forms", tmp_path / "form.yml")
