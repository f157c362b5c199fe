"""What `failure.kind_of` makes of every refusal that the mocked venue knows."""

from __future__ import annotations

from failure import Kind, kind_of

from mock_clob.rules import ERRORS


def test_no_refusal_of_the_venue_but_the_duplicate_is_taken_for_accepted_or_open() -> None:
    kinds = {key: kind_of(refusal.text) for key, refusal in ERRORS.items()}
    safe = (Kind.REFUSED, Kind.UNAVAILABLE)
    assert [key for key, kind in kinds.items() if kind not in safe] == ["duplicate"]
