"""The drift report: what it installs, what it calls broken, and which facts it calls aged."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scripts.drift import ROOT, TRACKED, AgedFact, aged_facts, failures, requirements

REPORT = """<testsuites><testsuite>
<testcase classname="tests.skill.test_blocks" name="a"/>
<testcase classname="tests.skill.test_blocks" name="b"><failure message="no"/></testcase>
<testcase classname="tests.site.test_site" name="c"><error message="no"/></testcase>
</testsuite></testsuites>"""


def test_tracked_packages_lose_their_pins_and_others_keep_them() -> None:
    found = requirements((ROOT / "pyproject.toml").read_text())
    assert set(TRACKED) <= set(found)
    assert any(each.startswith("vyper==") for each in found)


def test_failures_and_errors_are_named(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    assert failures(tmp_path / "report.xml") == [
        "tests.skill.test_blocks: b",
        "tests.site.test_site: c",
    ]


def test_a_run_without_tests_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text("<testsuites/>")
    with pytest.raises(ValueError, match="no test ran"):
        failures(tmp_path / "report.xml")


def test_facts_are_listed_with_their_line_once_they_are_too_old(tmp_path: Path) -> None:
    guide = tmp_path / "skills/a.md"
    guide.parent.mkdir()
    guide.write_text("# A\n\nLimits, as of 2026-01-01.\nSince 2020-01-01. Checked on 2026-03-01.\n")
    today = date(2026, 4, 1)
    assert list(aged_facts(tmp_path, today, 90)) == []
    assert list(aged_facts(tmp_path, today, 60)) == [
        AgedFact(Path("skills/a.md"), 3, date(2026, 1, 1))
    ]
    assert [fact.line for fact in aged_facts(tmp_path, today, 10)] == [3, 4]


def test_the_skill_has_facts_with_a_date() -> None:
    assert list(aged_facts(ROOT, date(2100, 1, 1), 0))
