"""How the Data API says no: v1 with a text alone, v2 with a code and a trace id beside it.

Sources: [docs] the OpenAPI of Data API v2, as published 2026-09 to 2026-10; [seen] texts that
client authors recorded in 2026-07 to 2026-10; [mock] wording of our own. Only invalid requests
are refused: of the codes, `invalid_request` is the one that is answered.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import exact_json

Handler = Callable[[Request], Awaitable[Response]]

# [seen] 2026-09-14, or earlier on v1
NO_USER = "required query param 'user' not provided"
NO_ANCHOR = "required query param 'user' or 'condition' not provided"
NO_MARKET = "required query param 'market' not provided"
ONE_KEY = "provide exactly one of 'question_id', 'condition', or 'event_id'"
BAD_CURSOR = "invalid cursor"
BAD_CONDITION = "invalid condition id"
BAD_SORT = "invalid position sortBy: {value}"
ONLY_TIMESTAMP = "only sortBy=TIMESTAMP with sortDirection=DESC is supported"
TOO_DEEP = "max historical activity offset of {most} exceeded"


class Refused(Exception):
    """`parameter` is the one at fault, "" where none is."""

    def __init__(self, text: str, parameter: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.parameter = parameter


def answer(value: object, status: int = 200) -> Response:
    return Response(exact_json.dumps(value), status, media_type="application/json")


def v1(handler: Handler) -> Handler:
    """Answer refusals as the first edition does."""

    @functools.wraps(handler)
    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as refused:
            return answer({"error": refused.text}, 400)

    return guarded


def v2(handler: Handler) -> Handler:
    """Answer refusals as v2 does, and give every reply its trace id."""

    @functools.wraps(handler)
    async def guarded(request: Request) -> Response:
        trace_id = uuid.uuid4().hex
        try:
            response = await handler(request)
        except Refused as refused:
            body: dict[str, object] = {"error": refused.text, "code": "invalid_request"}
            if refused.parameter:
                body["parameter"] = refused.parameter
            response = answer(body | {"retryable": False, "trace_id": trace_id}, 400)
        response.headers["x-trace-id"] = trace_id
        return response

    return guarded
