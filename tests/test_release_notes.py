"""A tag becomes a release only with the version, the date and the notes of CHANGELOG.md."""

from __future__ import annotations

import pytest

from scripts.publish import ROOT, version
from scripts.release_notes import release_notes

CHANGELOG = """\
# Changelog

## [0.2.0] - 2026-12-24

### Added

- New.

## [0.1.0] - 2026-11-30

- Old.

## [0.0.2] - 2026-10-01

## [0.0.1] - unreleased

- Never.
"""


def test_notes_are_the_section_of_the_version() -> None:
    assert release_notes(CHANGELOG, "v0.2.0", "0.2.0") == "### Added\n\n- New.\n"
    assert release_notes(CHANGELOG, "v0.1.0", "0.1.0") == "- Old.\n"


@pytest.mark.parametrize(
    ("tag", "project", "message"),
    [
        ("v0.2.0", "0.1.0", "the tag is v0.2.0, but pyproject.toml says 0.1.0"),
        ("0.1.0", "0.1.0", "the tag is 0.1.0"),
        ("v0x1.0", "0x1.0", r"no section \[0x1.0\]"),
        ("v0.0.2", "0.0.2", "says nothing of 0.0.2"),
        ("v0.0.1", "0.0.1", "gives 0.0.1 no date: unreleased"),
    ],
)
def test_what_cannot_be_released_is_refused(tag: str, project: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        release_notes(CHANGELOG, tag, project)


def test_changelog_of_this_project_will_be_understood() -> None:
    """Whether the version is dated yet or not, its section is found and says something."""
    text = (ROOT / "CHANGELOG.md").read_text().replace("- unreleased", "- 2026-12-24")
    assert release_notes(text, f"v{version()}", version()).startswith("### ")
