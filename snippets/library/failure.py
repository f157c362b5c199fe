"""What a failed call means to its caller: may it be repeated, and can the venue have the order?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

_MODES = ("post-only mode", "Trading is currently")
_UNDECIDED = ("context canceled", "order match delayed", "order timed out")


class Kind(StrEnum):
    NOT_SENT = "not sent"  # the client stopped it
    REFUSED = "refused"  # the venue says no, and will say it again
    AUTH = "not authorised"
    DUPLICATE = "duplicate"  # this very order was accepted before
    RATE_LIMITED = "rate limited"
    UNAVAILABLE = "unavailable"  # not taken now, perhaps later
    UNKNOWN = "unknown"  # perhaps carried out


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
        return self.kind in (Kind.RATE_LIMITED, Kind.UNAVAILABLE, Kind.UNKNOWN)

    @property
    def in_doubt(self) -> bool:
        """Whether the venue may have the order although the call failed."""
        return self.kind in (Kind.DUPLICATE, Kind.UNKNOWN)


def kind_of(text: str) -> Kind:
    """What the venue's words say: the `error` of a refused request, the `errorMsg` of a 200."""
    if text.endswith("is invalid. Duplicated."):
        return Kind.DUPLICATE
    if text.startswith(_MODES):
        return Kind.UNAVAILABLE
    return Kind.UNKNOWN if any(words in text for words in _UNDECIDED) else Kind.REFUSED
