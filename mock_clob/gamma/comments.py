"""Comments: a small seeded table. Nobody can add to it."""

from __future__ import annotations

from dataclasses import dataclass

from mock_clob.accounts import ACCOUNTS


@dataclass(frozen=True)
class Comment:
    """Under an event, by its slug, or a series. `at` is seconds after 2026-01-02."""

    id: int
    parent_type: str  # Event | Series
    parent: str  # the event's or the series' slug
    author: str  # lower-case address
    body: str
    at: int
    reply_to: int = 0  # the first comment of its thread


def _by(index: int) -> str:
    return ACCOUNTS[index].address.lower()


COMMENTS = (
    Comment(1, "Event", "documented-market", _by(1), "Which source settles this?", 0),
    Comment(2, "Event", "documented-market", _by(8), "The documentation.", 60, 1),
    Comment(3, "Event", "documented-market", _by(2), "Buying Yes at 0.50.", 120),
    Comment(4, "Event", "documented-market", _by(1), "Thank you.", 180, 1),
    Comment(5, "Event", "winner", _by(3), "A looks strong.", 240),
    Comment(6, "Event", "winner", _by(4), "B is too cheap.", 300),
    Comment(7, "Series", "winners", _by(0), "Who won last week?", 360),
)
