"""JSON whose numbers are exact: a Decimal is written digit by digit and never becomes a float."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from typing import Any

from mock_clob.model import UNIT


@lru_cache(maxsize=16_384)
def decimal(units: int, places: int = 6) -> Decimal:
    """Base units as a Decimal without trailing zeros: 14925372 -> 14.925372, 5000000 -> 5."""
    exact = Decimal(units).scaleb(-places)
    whole = exact.to_integral_value()
    return whole if whole == exact else exact.normalize()


@lru_cache(maxsize=16_384)
def with_point(units: int, places: int = 6) -> Decimal:
    """As `decimal`, but a whole number keeps one zero, as Rust writes a double: 5 -> 5.0."""
    exact = decimal(units, places)
    return exact.quantize(Decimal("0.1")) if exact == exact.to_integral_value() else exact


def ratio(over: int, under: int, places: int = 6) -> int:
    """over / under in units of 10^-places, rounded half away from zero; 0 under nothing."""
    if not under:
        return 0
    sign = -1 if (over < 0) is not (under < 0) else 1
    scaled: int = 2 * abs(over) * 10**places + abs(under)
    return sign * (scaled // (2 * abs(under)))


def times(units: int, price: int) -> int:
    """Base units times a price of 1e-6, rounded half up to the base unit."""
    return ratio(units * price, UNIT, 0)


def dumps(value: Any) -> str:
    """Compact JSON. Raises TypeError for a float: no figure of the venue is one."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(name)}:{dumps(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    if isinstance(value, float):
        raise TypeError(f"a float is not exact: {value!r}")
    return _encode(value)


_encode = json.JSONEncoder(ensure_ascii=False).encode
_text = lru_cache(maxsize=1_024)(_encode)  # of names, which are few
