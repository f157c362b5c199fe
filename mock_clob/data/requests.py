"""What Data API requests ask for, in the spellings and with the limits of each edition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mock_clob.data.refusals import BAD_CONDITION, NO_USER, Refused
from mock_clob.gamma.catalog import Catalog
from mock_clob.model import Market
from mock_clob.query import Query

MOST_VALUES = 20  # [docs] v2: condition ids, and event ids, of one request
LAST_SECOND = 253_402_300_799  # 9999-12-31
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_CONDITION = re.compile(r"0x(?:[0-9a-fA-F]{64}|0[12][0-9a-fA-F]{60})")
_COMBO = re.compile(r"0x03(?:[0-9a-fA-F]{60}|[0-9a-fA-F]{60}0[01])")


class V1Query(Query):
    """camelCase; booleans as Go reads them."""

    TRUE: Sequence[str] = ("1", "t", "T", "true", "TRUE", "True")
    FALSE: Sequence[str] = ("0", "f", "F", "false", "FALSE", "False")

    def refusal(self, name: str, reason: str) -> Exception:
        return Refused(f"invalid query param '{name}': it {reason}", name)


class V2Query(Query):
    """snake_case or camelCase, whichever the client likes."""

    def refusal(self, name: str, reason: str) -> Exception:
        return Refused(f"invalid query param '{name}': it {reason}", name)

    def spellings(self, name: str) -> Iterable[str]:
        first, *rest = name.split("_")
        return dict.fromkeys((name, first + "".join(part.title() for part in rest)))

    def end(self) -> None:
        if self.given("offset"):
            raise Refused("offset is not supported: follow pagination.next_cursor", "offset")
        super().end()

    def second(self, name: str) -> int | None:
        """Epoch seconds; 0 and nothing at all are no bound."""
        return self.integer(name, least=0, most=LAST_SECOND) or None


def user_of(query: Query, *others: str) -> str | None:
    """The wallet asked for, in lower case. Raises Refused for what is no address, as for none."""
    text = query.text("user", *others)
    if text is None:
        return None
    if not _ADDRESS.fullmatch(text):
        raise Refused(NO_USER, "user")
    return text.lower()


def required_user(query: Query, *others: str) -> str:
    user = user_of(query, *others)
    if user is None:
        raise Refused(NO_USER, "user")
    return user


def conditions(query: Query, name: str = "condition", *others: str) -> list[str] | None:
    """Condition ids in lower case, each once; None where none is asked for."""
    if not query.given(name, *others):
        return None
    found = []
    for text in query.listed(name, *others):
        if not _CONDITION.fullmatch(text):
            raise Refused(f"{BAD_CONDITION}: {text}", name)
        # Protocol V2 may leave out the byte of the outcome.
        found.append(text.lower().ljust(66, "0"))
    return _at_most(found, name)


def combos(query: V2Query) -> list[str]:
    """Condition ids of combos."""
    found = query.listed("condition", "condition_id")
    for text in found:
        if not _COMBO.fullmatch(text):
            raise Refused(f"{BAD_CONDITION}: {text}", "condition")
    return _at_most(found, "condition")


def event_ids(query: Query, name: str = "event_id", *others: str) -> list[int] | None:
    if not query.given(name, *others):
        return None
    found = []
    for text in query.listed(name, *others):
        if not re.fullmatch(r"[1-9]\d{0,9}", text, re.ASCII):
            raise Refused(f"invalid event id: {text}", name)
        found.append(text)
    return [int(text) for text in _at_most(found, name)]


def markets(query: Query, catalog: Catalog, *names: str) -> list[Market] | None:
    """Those asked for by condition or by event, both of which cannot be; None means all."""
    by_condition = conditions(query, *names)
    by_event = event_ids(query, "event_id" if isinstance(query, V2Query) else "eventId")
    if by_condition is not None and by_event is not None:
        raise Refused(f"'{names[0]}' and 'event_id' are mutually exclusive", names[0])
    if by_event is not None:
        return catalog.in_events(by_event)
    if by_condition is None:
        return None
    known = {market.condition_id: market for market in catalog.markets}
    return [known[each] for each in by_condition if each in known]


def _at_most(values: list[str], name: str) -> list[str]:
    values = list(dict.fromkeys(values))
    if len(values) > MOST_VALUES:
        raise Refused(f"at most {MOST_VALUES} distinct values of '{name}'", name)
    return values
