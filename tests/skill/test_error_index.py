"""edge-cases/errors.md: every text of the venue is in it, and nothing that nobody says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from mock_clob.rules import ERRORS, NOT_ANSWERED, NOT_CANCELED
from tests.skill import checks
from tests.skill.conftest import ROOT

GUIDE = ROOT / checks.SKILL / "edge-cases" / "errors.md"
CODE = re.compile(r"`([^`]+)`")
VENUE = [row.text for row in ERRORS.values() if row.source != "mock"]
VENUE += [*NOT_ANSWERED, NOT_CANCELED]
# Texts that stand beside the table of rules: of the heartbeats, of a fault, of the edge.
ELSEWHERE = {"Invalid Heartbeat ID", "context canceled", "1015"}
CLIENTS = ("py_clob_client", "polymarket")


def texts(page: str) -> Iterator[str]:
    """What stands as code in the first column of a table."""
    for line in page.splitlines():
        if line.startswith("| ") and not line.startswith("| Text"):
            yield from CODE.findall(line.split(" | ")[0])


def says(text: str, shown: str) -> bool:
    """Whether `shown` is the text, or begins it and ends with "…"."""
    return text == shown or (shown.endswith("…") and text.startswith(shown[:-1]))


def missing(page: str) -> Iterator[str]:
    shown = list(texts(page))
    yield from (text for text in VENUE if not any(says(text, each) for each in shown))


def invented(page: str) -> Iterator[str]:
    for shown in texts(page):
        if shown not in ELSEWHERE and not any(says(text, shown) for text in VENUE):
            parts = [part for part in re.split(r"…|'BUY'|'SELL'|180", shown) if len(part) > 4]
            if not all(any(part in source for source in SOURCES.values()) for part in parts):
                yield shown


def sources_of(package: str) -> str:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0])
    return "\n".join(path.read_text() for path in sorted(folder.rglob("*.py")))


SOURCES = {package: sources_of(package) for package in CLIENTS}


def test_every_text_of_the_venue_is_in_the_index() -> None:
    checks.expect_none(missing(GUIDE.read_text()))


def test_no_text_is_in_it_that_neither_venue_nor_client_says() -> None:
    assert len(list(texts(GUIDE.read_text()))) > 60
    checks.expect_none(invented(GUIDE.read_text()))


@pytest.mark.parametrize("text", [ERRORS["tick"].text, ERRORS["version"].text, NOT_CANCELED])
def test_a_text_that_is_left_out_is_reported(text: str) -> None:
    assert list(missing(GUIDE.read_text().replace(text, "gone"))) == [text]


def test_an_invented_text_is_reported() -> None:
    page = "| `invalid signature` | | |\n| `invalid moon phase` | | |\n| `no match` | | |\n"
    assert list(invented(page)) == ["invalid moon phase"]
