"""JSON from strangers: malformed, NaN and deep nesting are one error, and none ends the process.

The EVM raises Python's recursion limit so far that the parser would overflow the C stack on deep
nesting before Python notices.
"""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any

MAX_DEPTH = 64
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


def loads(text: str | bytes) -> Any:
    """Raises ValueError for what is no JSON, for NaN and Infinity, and for over 64 levels."""
    if isinstance(text, bytes):
        text = text.decode()  # UnicodeDecodeError is a ValueError
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    return json.loads(text, parse_constant=_refuse)


def _depth(text: str) -> int:
    return max(accumulate(_STEP.get(letter, 0) for letter in _STRING.sub("", text)), default=0)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
