"""How Gamma says no: 422 for a parameter, 404 for what it does not have.

Texts that client authors recorded in 2026-07 to 2026-10 are marked [seen], ours [mock].
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import exact_json

Handler = Callable[[Request], Awaitable[Response]]

INVALID = "{name} is invalid"  # [seen] of id and slug, [mock] of others
ONE_OF = 'expected value to be one of "{choices}"'  # [seen]
BAD_ORDER = "order fields are not valid"  # [seen]
NO_OFFSET = "offset is not allowed on keyset endpoints"  # [seen]
TOO_DEEP = "offset too large, use {route}/keyset for deeper pagination"  # [seen]
MISSING = "required query parameter is missing"  # [seen]
NO_QUERY = 'query argument "q": empty'  # [seen]
OVERLAP = "tag_id and exclude_tag_id overlap"  # [mock]; that it is a 422 is documented
UNKNOWN = "{name} is no parameter of this route"  # [mock]


class Refused(Exception):
    def __init__(self, text: str, status: int = 422) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


class NotFound(Refused):
    """`key` is what was looked up by: id, slug, ..."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} not found", 404)


_KINDS = {404: "not found error", 422: "validation error"}


def answer(value: object, status: int = 200) -> Response:
    return Response(exact_json.dumps(value), status, media_type="application/json")


def guarded(handler: Handler) -> Handler:
    @functools.wraps(handler)
    async def answering(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as refused:
            body = {"type": _KINDS[refused.status], "error": refused.text}
            return answer(body, refused.status)

    return answering
