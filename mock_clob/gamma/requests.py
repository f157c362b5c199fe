"""What Gamma requests ask for: parameters, order and place in a list."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mock_clob.gamma.refusals import (
    BAD_ORDER,
    INVALID,
    NO_OFFSET,
    ONE_OF,
    TOO_DEEP,
    UNKNOWN,
    Refused,
)
from mock_clob.query import Query

Row = TypeVar("Row")
Sorts = Mapping[str, Callable[[Row], Any]]

PAGE, MOST_ROWS = 20, 100  # [seen] a larger limit is served as 100, without a word
DEEPEST = 2_000  # [seen] of offset, on markets and events
MOST_VALUES = 100  # [client] of ids in one request


class GammaQuery(Query):
    """Lists come as repeated parameters; booleans as Go reads them."""

    TRUE: Sequence[str] = ("1", "t", "T", "true", "TRUE", "True")
    FALSE: Sequence[str] = ("0", "f", "F", "false", "FALSE", "False")

    def refusal(self, name: str, reason: str) -> Exception:
        unknown = reason.startswith("is no parameter")
        return Refused((UNKNOWN if unknown else INVALID).format(name=name))

    def texts(self, name: str, *others: str) -> list[str]:
        found = super().texts(name, *others)
        if len(found) > MOST_VALUES:
            raise self.refusal(name, f"has over {MOST_VALUES} values")
        return found

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str | None:
        text = self.text(name)
        if text is not None and text not in choices:
            raise Refused(ONE_OF.format(choices=", ".join(choices)))
        return text or default

    def ignored(self, *names: str) -> None:
        """Parameters that change nothing here, and why not: nothing in the mock has what they add.

        Their values are read all the same, as booleans.
        """
        for name in names:
            self.flag(name)


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """How a request wants its rows: in which order, how many, from where."""

    key: Callable[[Row], tuple[Any, ...]]
    descending: bool
    limit: int
    offset: int = 0
    after: tuple[Any, ...] | None = None
    mark: str = ""  # which order a cursor goes with

    def page(self, rows: Iterable[Row]) -> list[Row]:
        return self._ordered(rows)[self.offset : self.offset + self.limit]

    def keyset(self, rows: Iterable[Row]) -> tuple[list[Row], str | None]:
        """A page, and the cursor to the next where this one is full: as the venue does."""
        part = self._ordered(rows)
        after = self.after
        if after is not None:
            key = self.key
            part = [
                row for row in part if (key(row) < after if self.descending else key(row) > after)
            ]
        part = part[: self.limit]
        full = bool(part) and len(part) == self.limit
        return part, _encoded(self.mark, self.key(part[-1])) if full else None

    def _ordered(self, rows: Iterable[Row]) -> list[Row]:
        return sorted(rows, key=self.key, reverse=self.descending)


def by_offset(
    query: GammaQuery,
    sorts: Sorts[Row],
    identity: Callable[[Row], int],
    *,
    route: str = "",
    most: int = MOST_ROWS,
    deepest: int | None = None,
    default: str = "id",
) -> Slice[Row]:
    """Raises Refused where the offset is deeper than the route serves."""
    offset = query.integer("offset", least=0) or 0
    if deepest is not None and offset > deepest:
        raise Refused(TOO_DEEP.format(route=route))
    key, descending, _ = _order(query, sorts, identity, default)
    return Slice(key, descending, _limit(query, most), offset)


def by_cursor(
    query: GammaQuery, sorts: Sorts[Row], identity: Callable[[Row], int], *, default: str = "id"
) -> Slice[Row]:
    if query.given("offset"):
        raise Refused(NO_OFFSET)
    key, descending, mark = _order(query, sorts, identity, default)
    cursor = query.text("after_cursor")
    after = _decoded(cursor, mark) if cursor is not None else None
    return Slice(key, descending, _limit(query, MOST_ROWS), after=after, mark=mark)


def _limit(query: GammaQuery, most: int) -> int:
    limit = query.integer("limit", least=1)
    return PAGE if limit is None else min(limit, most)


def _order(
    query: GammaQuery, sorts: Sorts[Row], identity: Callable[[Row], int], default: str
) -> tuple[Callable[[Row], tuple[Any, ...]], bool, str]:
    """(sort key, descending, a mark of both). `ascending` alone changes nothing."""
    order, ascending = query.text("order"), query.flag("ascending", default=True)
    names = [name.strip() for name in (order or default).split(",")]
    if any(name not in sorts for name in names):
        raise Refused(BAD_ORDER)
    chosen = [sorts[name] for name in names]
    descending = not ascending and order is not None
    mark = f"{','.join(names)} {descending}"
    return lambda row: (*(sort(row) for sort in chosen), identity(row)), descending, mark


def _encoded(mark: str, key: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps([mark, *key]).encode()).decode()


def _decoded(cursor: str, mark: str) -> tuple[Any, ...]:
    """The last row's sort key. Raises Refused for a cursor of another order, or of nobody."""
    try:
        found = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        if not isinstance(found, list) or not found or found[0] != mark:
            raise ValueError(cursor)
        fields = len(mark.split(" ")[0].split(",")) + 1
        key = tuple(found[1:])
        if len(key) != fields or not all(isinstance(each, int | str) for each in key):
            raise ValueError(cursor)
        return key
    except (binascii.Error, ValueError, RecursionError):
        raise Refused(INVALID.format(name="after_cursor")) from None


def between(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)
