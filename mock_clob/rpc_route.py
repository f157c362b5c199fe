"""JSON-RPC over HTTP for the chain, as a Polygon node answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import strict_json, wire
from mock_clob.replies import reply

if TYPE_CHECKING:
    from mock_clob.venue import Venue


def rpc_route(venue: Venue) -> Any:
    """The endpoint function; the EVM itself runs on the chain's own thread."""

    async def endpoint(request: Request) -> Response:
        if venue.chain is None:
            return reply(_error(-32000, "this venue runs without a chain (--no-chain)"))
        from mock_clob.chain import rpc

        try:
            call = strict_json.loads(await request.body())
        except ValueError:
            return reply(_error(-32700, "Parse error"))
        return reply(await venue.on_chain(rpc.handle, venue.chain, call))

    return endpoint


def _error(code: int, message: str) -> wire.Json:
    return {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}
