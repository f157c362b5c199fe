"""Tables that stand for what a linked script prints have its figures."""

from __future__ import annotations

import re
import runpy

import pytest

from tests.skill.checks import SCRIPTS, SKILL
from tests.skill.conftest import ROOT

FIGURE = re.compile(r"\b\d[\d,]*(?:\.\d+)?\b")


def missing(printed: str, guide: str) -> set[str]:
    """The figures of three digits and more, or with a fraction, that the guide does not have."""
    figures = {each for each in FIGURE.findall(printed) if len(each) > 2}
    assert figures, "the script prints no figure"
    return figures - set(FIGURE.findall(guide))


@pytest.mark.parametrize(
    ("script", "guide"),
    [
        ("burst_against_sustained", "library/production-patterns.md"),
        ("venue_algorithms", "library/rate-limiting.md"),
        ("reconnect_backoff", "real-time/connection-management.md"),
        ("rate_limits", "library/rate-limiting.md"),
    ],
)
def test_table_has_the_figures_that_the_script_prints(
    script: str, guide: str, capsys: pytest.CaptureFixture[str]
) -> None:
    runpy.run_path(str(ROOT / SCRIPTS / f"{script}.py"), run_name="__main__")
    assert missing(capsys.readouterr().out, (ROOT / SKILL / guide).read_text()) == set()


def test_a_figure_that_a_table_lacks_is_noticed() -> None:
    assert missing("1,234 in 0.7 s of 10", "| 1,234 | 0.8 |") == {"0.7"}
