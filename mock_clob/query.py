"""Query strings read strictly: a value of the wrong form, a repeated one and an unknown name fail.

An API's own Query says how it refuses. What the venue does with names that it does not know is
to ignore them, as far as it was seen; here they are refused, so that no filter is lost unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import QueryParams

Choice = TypeVar("Choice", bound=StrEnum)

_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_TRUE, _FALSE = ("true",), ("false",)


class Query:
    """The parameters of one request. Ask for all that the route knows, then call `end`."""

    TRUE: Sequence[str] = _TRUE
    FALSE: Sequence[str] = _FALSE

    def __init__(self, params: QueryParams) -> None:
        self._params = params
        self._known: set[str] = set()

    def refusal(self, name: str, reason: str) -> Exception:
        """What to raise for a parameter that is not as it has to be."""
        raise NotImplementedError

    def spellings(self, name: str) -> Iterable[str]:
        """Under which names a parameter may come."""
        return (name,)

    def end(self) -> None:
        """Refuse whatever nobody asked for."""
        for name in self._params:
            if name not in self._known:
                raise self.refusal(name, "is no parameter of this route")

    def given(self, name: str, *others: str) -> bool:
        return bool(self.texts(name, *others))

    def texts(self, name: str, *others: str) -> list[str]:
        """Every value of a parameter that may be repeated."""
        found = []
        for each in (name, *others):
            for spelled in self.spellings(each):
                self._known.add(spelled)
                found += self._params.getlist(spelled)
        return found

    def text(self, name: str, *others: str) -> str | None:
        """The one value of a parameter; None where it is absent or empty."""
        found = self.texts(name, *others)
        if len(found) > 1:
            raise self.refusal(name, "is given more than once")
        return found[0] if found and found[0] else None

    def listed(self, name: str, *others: str) -> list[str]:
        """The values of a comma-separated parameter, each once."""
        text = self.text(name, *others) or ""
        return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))

    def integer(
        self, name: str, *others: str, least: int | None = None, most: int | None = None
    ) -> int | None:
        text = self.text(name, *others)
        return None if text is None else self._integer(name, text, least, most)

    def integers(self, name: str, *, least: int | None = None) -> list[int]:
        """A repeated parameter of integers."""
        return [self._integer(name, text, least, None) for text in self.texts(name)]

    def _integer(self, name: str, text: str, least: int | None, most: int | None) -> int:
        if not _INTEGER.fullmatch(text):
            raise self.refusal(name, "is no integer")
        value = int(text)
        if least is not None and value < least:
            raise self.refusal(name, f"is less than {least}")
        if most is not None and value > most:
            raise self.refusal(name, f"is more than {most}")
        return value

    def amount(self, name: str, *, places: int = 6, least: int | None = 0) -> int | None:
        """A decimal number in units of 10^-places, rounded down."""
        text = self.text(name)
        if text is None:
            return None
        try:
            value = Decimal(text)
            units = int(value.scaleb(places)) if value.is_finite() else None
        except (InvalidOperation, ValueError, OverflowError):
            units = None
        if units is None or abs(units) > 10**30:
            raise self.refusal(name, "is no number")
        if least is not None and units < least:
            raise self.refusal(name, f"is less than {least}")
        return units

    def flag(self, name: str, default: bool | None = None) -> bool | None:
        text = self.text(name)
        if text is None:
            return default
        if text not in (*self.TRUE, *self.FALSE):
            raise self.refusal(name, "is neither true nor false")
        return text in self.TRUE

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str | None:
        text = self.text(name)
        if text is None:
            return default
        if text not in choices:
            raise self.refusal(name, f"must be one of {', '.join(choices)}")
        return text

    def moment(self, name: str) -> int | None:
        """An ISO 8601 date or time as Unix milliseconds; without a zone it is UTC."""
        text = self.text(name)
        if text is None:
            return None
        try:
            # "+" arrives as a blank where a client forgot to escape it.
            moment = datetime.fromisoformat(re.sub(r" (\d\d:?\d\d)$", r"+\1", text))
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            return round(moment.timestamp() * 1000)
        except (ValueError, OverflowError):
            raise self.refusal(name, "is no date") from None
