"""The error texts of error-handling.md are the venue's, word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from failure import Kind, kind_of

from mock_clob.faults import PRESETS
from mock_clob.rules import ERRORS

GUIDE = Path(__file__).parents[2] / "skills/polymarket/library/error-handling.md"

# Quoted in public threads or in the documentation, and never said by the mocked venue.
ONLY_AT_THE_VENUE = {
    "invalid order version, please use the latest clob-client": "the later wording of a refusal",
    "order timed out": "a 500 of the matching engine",
    "Invalid Heartbeat ID": "not a refusal of the rules but of the heartbeat route",
}


def texts() -> list[str]:
    """What stands in the first column below "Error texts"; single words are no texts."""
    lines = GUIDE.read_text().split("\n## Error texts\n")[1].splitlines()
    cells = [line.split("|")[1] for line in lines if line.startswith("|")]
    return [text for cell in cells for text in re.findall(r"`([^`]+)`", cell) if " " in text]


def spoken() -> list[str]:
    """Everything that the mocked venue says when it refuses or fails."""
    faults = [preset.effect.body for preset in PRESETS.values()]
    return [refusal.text for refusal in ERRORS.values()] + faults


@pytest.mark.parametrize("text", texts())
def test_an_error_text_of_the_guide_is_one_of_the_venue(text: str) -> None:
    parts = [part for part in re.split(r"\{\w+\}|…", text) if part.strip()]
    said = any(all(part in words for part in parts) for words in spoken())
    assert said != (text in ONLY_AT_THE_VENUE)


def test_the_guide_has_texts_and_every_exception_is_among_them() -> None:
    assert len(texts()) > 15
    assert set(ONLY_AT_THE_VENUE) <= set(texts())


def test_no_refusal_of_the_venue_but_the_duplicate_is_taken_for_accepted_or_open() -> None:
    kinds = {key: kind_of(refusal.text) for key, refusal in ERRORS.items()}
    safe = (Kind.REFUSED, Kind.UNAVAILABLE)
    assert [key for key, kind in kinds.items() if kind not in safe] == ["duplicate"]
