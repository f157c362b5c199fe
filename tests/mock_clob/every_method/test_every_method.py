"""No public method of any client is forgotten: each is called, or has a written reason."""

from __future__ import annotations

import inspect
from importlib.metadata import version

import pytest

from tests.mock_clob.every_method import test_unified, test_v1_and_v2
from tests.mock_clob.every_method.reasons import REASONS, SUBJECTS
from tests.mock_clob.every_method.surfaces import SURFACES, UNIFIED, everything, methods

CALLED = {surface: set(calls) for surface, calls in test_v1_and_v2.CALLS.items()}
CALLED |= {surface: set(test_unified.CALLS) for surface in UNIFIED}


def unanswered(
    found: list[tuple[str, str]], called: dict[str, set[str]], reasons: dict[str, str]
) -> list[str]:
    """What has neither a call nor a reason."""
    return [
        f"{surface}.{name}"
        for surface, name in found
        if name not in called[surface] and name not in reasons
    ]


def test_every_method_is_called_or_has_a_reason() -> None:
    assert unanswered(list(everything()), CALLED, REASONS) == []


def test_forgotten_method_is_named() -> None:
    found = [("v1", "get_ok"), ("v1", "get_new_thing"), ("v1", "open_perps_session")]
    assert unanswered(found, CALLED, REASONS) == ["v1.get_new_thing"]


@pytest.mark.parametrize(
    ("surface", "at_least"),
    [("v1", 63), ("v1.rfq", 11), ("v2", 72), ("v2.rfq", 11), ("public", 61), ("secure", 118)],
)
def test_the_enumeration_finds_what_the_packages_have(surface: str, at_least: int) -> None:
    assert len(methods(SURFACES[surface])) >= at_least


@pytest.mark.parametrize("surface", SURFACES)
def test_no_call_is_of_a_method_that_no_longer_exists(surface: str) -> None:
    existing = set(methods(SURFACES[surface]))
    if surface in UNIFIED:
        existing = set().union(*(methods(SURFACES[name]) for name in UNIFIED))
    assert CALLED[surface] - existing == set()


@pytest.mark.parametrize("method", REASONS)
def test_reason_is_still_needed(method: str) -> None:
    having = [surface for surface, name in everything() if name == method]
    assert having, f"no client has {method} any more: take its reason out"
    assert not [s for s in having if method in CALLED[s]], f"{method} is called: take it out"


@pytest.mark.parametrize("method", REASONS)
def test_reason_is_about_perps_or_combos_and_nothing_else(method: str) -> None:
    documented = {
        inspect.getdoc(getattr(SURFACES[surface], name)) or ""
        for surface, name in everything()
        if name == method
    }
    text = " ".join([method.replace("_", " "), *documented]).lower()
    assert any(word in text for word in SUBJECTS[REASONS[method]]), text


@pytest.mark.parametrize(
    ("package", "released"),
    [("py-clob-client", "0.34.6"), ("py-clob-client-v2", "1.2.1"), ("polymarket-client", "0.14.0")],
)
def test_these_are_the_editions_that_the_venue_answers(package: str, released: str) -> None:
    assert version(package) == released
