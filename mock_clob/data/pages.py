"""Pages of v2: an envelope, and signed cursors that go with one route and one order.

Boards, positions and holders are walked by offset behind the cursor, the feeds by the last row's
place, so that new rows at the top shift nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from starlette.responses import Response

from mock_clob.data.changes import Change, Key
from mock_clob.data.refusals import BAD_CURSOR, Refused, answer
from mock_clob.data.requests import V2Query
from mock_clob.wire import Json

Row = TypeVar("Row")
PAGE, MOST_ROWS = 100, 1_000
_SECRET = b"mock-clob data cursor"


class Walk:
    """One request's place in a list: its page size, where it begins, and what binds it."""

    def __init__(self, query: V2Query, route: str, default: int = PAGE, most: int = MOST_ROWS):
        self.route = route
        limit = query.integer("limit", least=0, most=most)
        self.limit = default if limit is None else limit
        self.offset = 0
        self.bound: Json = {}
        self.after: Key | None = None
        self.resumed = False
        cursor = query.text("cursor")
        if cursor is not None:
            self._resume(_decoded(cursor), most)

    def _resume(self, token: Json, most: int) -> None:
        if token.get("route") != self.route or token["limit"] > most:
            raise Refused(BAD_CURSOR, "cursor")
        self.resumed = True
        self.limit, self.offset, self.bound = token["limit"], token["offset"], token["bound"]
        self.after = tuple(token["after"]) if token["after"] else None

    def bind(self, name: str, given: str | None, default: str) -> str:
        """The value that holds for the whole walk. Raises Refused where it is contradicted."""
        if self.resumed:
            held: str = self.bound.get(name, default)
            if given is not None and given != held:
                raise Refused(BAD_CURSOR, "cursor")
            return held
        chosen = given or default
        self.bound[name] = chosen
        return chosen

    def page(self, rows: Sequence[Row], shape: Callable[[Row], Any]) -> Response:
        """By offset."""
        part = rows[self.offset : self.offset + self.limit]
        more = bool(part) and self.offset + len(part) < len(rows)
        return self.envelope([shape(row) for row in part], more, None)

    def feed(
        self, changes: Sequence[Change], shape: Callable[[Change], Json], *, ascending: bool
    ) -> Response:
        """By place: `changes` run in the direction asked for."""
        if self.after is not None:
            after = self.after
            changes = [c for c in changes if (c.key > after if ascending else c.key < after)]
        part = changes[: self.limit]
        more = bool(part) and len(part) < len(changes)
        return self.envelope([shape(each) for each in part], more, part[-1].key if more else None)

    def envelope(self, rows: list[Any], more: bool, after: Key | None) -> Response:
        token = {
            "route": self.route,
            "limit": self.limit,
            "offset": self.offset + self.limit,
            "bound": self.bound,
            "after": after,
        }
        return answer(
            {
                "data": rows,
                "pagination": {
                    "limit": self.limit,
                    "offset": self.offset,
                    "has_more": more,
                    "next_cursor": _encoded(token) if more else None,
                },
            }
        )


def _encoded(token: Json) -> str:
    payload = json.dumps(token, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_seal(payload) + payload).decode().rstrip("=")


def _decoded(cursor: str) -> Json:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raise Refused(BAD_CURSOR, "cursor") from None
    seal, payload = raw[:16], raw[16:]
    if not hmac.compare_digest(seal, _seal(payload)):
        raise Refused(BAD_CURSOR, "cursor")
    token: Json = json.loads(payload)
    return token


def _seal(payload: bytes) -> bytes:
    return hmac.digest(_SECRET, payload, hashlib.sha256)[:16]
