"""What a failed call means to its caller: may it be repeated, and can the venue have the order?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    NOT_SENT = "not sent"  # the client stopped it
    REFUSED = "refused"  # the venue says no, and will say it again
    AUTH = "not authorised"
    DUPLICATE = "duplicate"  # this very order was accepted before
    RATE_LIMITED = "rate limited"
    UNAVAILABLE = "unavailable"  # not taken now, perhaps later
    UNKNOWN = "unknown"  # perhaps carried out


# May the same be sent again (an order only after a look-up by its id)? May the venue have it?
RETRIES: dict[Kind, tuple[bool, bool]] = {
    Kind.NOT_SENT: (False, False),
    Kind.REFUSED: (False, False),
    Kind.AUTH: (False, False),
    Kind.DUPLICATE: (False, True),
    Kind.RATE_LIMITED: (True, False),
    Kind.UNAVAILABLE: (True, False),
    Kind.UNKNOWN: (True, True),
}
_STATUSES = {401: Kind.AUTH, 408: Kind.UNKNOWN, 425: Kind.UNAVAILABLE, 429: Kind.RATE_LIMITED}
_MODES = ("post-only mode", "Trading is currently")
_UNDECIDED = ("context canceled", "order match delayed", "order timed out")


@dataclass(frozen=True)
class Failure:
    """`text` is the venue's own where it gave one; `retry_after` the seconds it asks to wait."""

    kind: Kind
    text: str
    retry_after: float = 0.0
    error: Exception | None = field(default=None, compare=False, repr=False)

    @property
    def may_repeat(self) -> bool:
        """Whether the same request may be sent again: an order only after a look-up by its id."""
        return RETRIES[self.kind][0]

    @property
    def in_doubt(self) -> bool:
        """Whether the venue may have the order although the call failed."""
        return RETRIES[self.kind][1]


def kind_of(text: str, status: int = 200) -> Kind:
    """Read the venue's words: the `error` of a refusal with its status, or a 200's `errorMsg`."""
    if status in _STATUSES:
        return _STATUSES[status]
    if text.startswith(_MODES):
        return Kind.UNAVAILABLE
    answered = status == 200 or 400 <= status < 500  # a proxy's 502 does not tell what happened
    if not answered or any(words in text for words in _UNDECIDED):
        return Kind.UNKNOWN
    return Kind.DUPLICATE if text.endswith("is invalid. Duplicated.") else Kind.REFUSED


def still_open(reasons: Iterable[str]) -> Failure | None:
    """`reasons` of `not_canceled`. A delayed order stays, though no list of open ones shows it."""
    others = [reason for reason in reasons if "already canceled or matched" not in reason]
    return Failure(Kind.UNAVAILABLE, others[0]) if others else None
