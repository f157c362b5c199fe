"""JSON replies, and how a refusal is told: the same for every host of the venue."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import wire
from mock_clob.auth import Stranger
from mock_clob.rules import Rejected


def reply(value: Any, status: int = 200) -> Response:
    return Response(wire.dumps(value), status, media_type="application/json")


def refusal(error: Rejected) -> Response:
    if error.status == 425:
        # Its body is not documented; of those that were seen, the one that is no JSON.
        return Response(error.text, 425, media_type="text/plain")
    body: dict[str, Any] = {"error": error.text, **error.extra}
    if error.key in ("fok", "fak"):
        body["orderID"] = error.order_id
    answer = reply(body, error.status)
    answer.headers.update(error.headers)
    return answer


async def on_rejected(request: Request, error: Exception) -> Response:
    assert isinstance(error, Rejected)
    request.scope["mock_clob.verdict"] = error.key
    return refusal(error)


async def on_stranger(request: Request, error: Exception) -> Response:
    return reply({"error": str(error)}, 401)


EXCEPTION_HANDLERS: dict[Any, Any] = {Rejected: on_rejected, Stranger: on_stranger}
