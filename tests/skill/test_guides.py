"""The guides as a whole: fences, links, form and versions."""

from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path

import pytest
import yaml
from skills_ref import validate

from mock_clob.venue import Options, Venue
from tests.skill import checks
from tests.skill.conftest import ROOT
from tests.skill.links import links, routing
from tests.skill.plain_fences import locked_versions, plain_fences

SKILL_MD = ROOT / checks.SKILL / "SKILL.md"
SNIPPETS = sorted((ROOT / checks.SNIPPETS).glob("*/*.py"))
KEYS = {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}
DESCRIPTION_CHARACTERS = 600  # 1,024 are allowed; agents that list many skills cut it sooner


def frontmatter() -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load(SKILL_MD.read_text().split("---\n")[1])
    return loaded


def version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def test_every_fence_is_of_a_known_kind_and_none_is_lost() -> None:
    checks.expect_none(checks.shape(ROOT))


def test_every_snippet_is_shown() -> None:
    checks.expect_none(checks.all_shown(ROOT))


def test_every_snippet_has_a_name_of_its_own() -> None:
    checks.expect_none(checks.plain_names(ROOT))


@pytest.mark.parametrize("path", SNIPPETS, ids=lambda path: path.name)
def test_snippet_stands_on_nothing_of_this_repository(path: Path) -> None:
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    ours = {"", "mock_clob", "snippets", "tests", "demo"}
    if path.parent.name == "testing":
        ours.remove("mock_clob")  # it is what that guide is about
    assert imported.isdisjoint(ours)


def test_plain_fences_are_what_they_say() -> None:
    routes = Venue(Options(chain=False)).routes
    locked = locked_versions(ROOT / "uv.lock")
    checks.expect_none(plain_fences(ROOT, routes, locked))


def test_every_link_leads_somewhere() -> None:
    checks.expect_none(links(ROOT))


def test_skill_md_links_every_guide() -> None:
    checks.expect_none(routing(ROOT))


def test_skill_keeps_the_form() -> None:
    checks.expect_none(checks.form(ROOT))


def test_skill_is_valid_by_its_specification() -> None:
    assert validate(SKILL_MD.parent) == []
    assert set(frontmatter()) <= KEYS
    assert frontmatter()["name"] == SKILL_MD.parent.name
    assert len(str(frontmatter()["description"])) <= DESCRIPTION_CHARACTERS


def test_versions_agree() -> None:
    metadata = frontmatter()["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["version"] == version()
    assert locked_versions(ROOT / "uv.lock")["polymarket-skills"] == version()
    assert f"## [{version()}]" in (ROOT / "CHANGELOG.md").read_text()


def test_marketplace_offers_this_skill_in_this_version() -> None:
    manifest = json.loads((ROOT / ".claude-plugin/marketplace.json").read_text())
    [plugin] = manifest["plugins"]
    assert plugin["version"] == version()
    assert plugin["name"] == frontmatter()["name"]
    assert [(ROOT / skill).resolve() for skill in plugin["skills"]] == [SKILL_MD.parent]
