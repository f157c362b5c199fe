"""The guides as a whole: fences, links, routing, form and versions."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
import yaml
from skills_ref import validate
from starlette.routing import Match

from mock_clob.hosts import CLOB_HOST, DATA_HOST
from mock_clob.venue import Options, Venue
from tests.skill import checks
from tests.skill.conftest import ROOT

SKILL_MD = ROOT / checks.SKILL / "SKILL.md"
KEYS = {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}


def frontmatter() -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load(SKILL_MD.read_text().split("---\n")[1])
    return loaded


def test_every_fence_is_of_a_known_kind_and_none_is_lost() -> None:
    assert list(checks.shape(ROOT)) == []


def test_every_snippet_is_shown_under_a_name_of_its_own() -> None:
    assert list(checks.all_shown(ROOT)) == []


def test_plain_fences_are_what_they_say() -> None:
    app = Venue(Options(chain=False)).app

    def has_route(method: str, url: str) -> bool:
        path = url.split("?")[0]
        return any(
            route.matches(
                {"type": "http", "method": method, "path": path, "headers": [(b"host", host)]}
            )[0]
            is Match.FULL
            for host in (CLOB_HOST.encode(), DATA_HOST.encode(), b"127.0.0.1")
            for route in app.routes
        )

    assert list(checks.plain_fences(ROOT, has_route)) == []


def test_every_link_leads_somewhere() -> None:
    assert list(checks.links(ROOT)) == []


def test_skill_md_routes_to_every_guide() -> None:
    assert list(checks.routing(ROOT)) == []


def test_skill_keeps_the_form() -> None:
    assert list(checks.form(ROOT)) == []


def test_skill_is_valid_by_its_specification() -> None:
    assert validate(SKILL_MD.parent) == []
    assert set(frontmatter()) <= KEYS
    assert len(str(frontmatter()["description"])) <= 600


def test_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    metadata = frontmatter()["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["version"] == project
    manifest = json.loads((ROOT / ".claude-plugin/marketplace.json").read_text())
    assert [plugin["version"] for plugin in manifest["plugins"]] == [project]
    assert f"## [{project}]" in (ROOT / "CHANGELOG.md").read_text()


def test_guides_name_no_path_of_a_machine() -> None:
    for path in [*ROOT.glob("*.md"), *(ROOT / checks.SKILL).rglob("*.md")]:
        assert "/home/" not in path.read_text(), path
        assert "/root/" not in path.read_text(), path


@pytest.mark.parametrize("path", sorted((ROOT / "snippets").glob("*/*.py")), ids=lambda p: p.name)
def test_snippet_stands_on_nothing_of_ours(path: Path) -> None:
    text = path.read_text()
    assert "mock_clob" not in text
    assert "import tests" not in text
