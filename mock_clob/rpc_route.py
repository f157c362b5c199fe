"""JSON-RPC over HTTP for the chain, as a Polygon node answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import strict_json, wire
from mock_clob.faults import RPC, Effect
from mock_clob.replies import reply

if TYPE_CHECKING:
    from mock_clob.venue import Venue

# Where the server leaves a connection's transport, as in gate.py.
_TRANSPORT = "mock_clob.transport"


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
        calls = call if isinstance(call, list) else [call]
        effects = [_fault(venue, one) for one in calls]
        if not any(effects):
            return reply(await venue.on_chain(rpc.handle, venue.chain, call))
        if (spoiled := await _spoil(venue, request, effects)) is not None:
            return spoiled
        replies = [await _answer(venue, *each) for each in zip(calls, effects, strict=True)]
        return reply(replies if isinstance(call, list) else replies[0])

    return endpoint


def _fault(venue: Venue, call: Any) -> Effect | None:
    """What the call meets, addressed by its own method: fault("rpc_slow", path="eth_call")."""
    method = call.get("method") if isinstance(call, dict) else None
    return venue.faults.take(RPC, method, "", "before") if isinstance(method, str) else None


async def _spoil(venue: Venue, request: Request, effects: list[Effect | None]) -> Response | None:
    """The reply instead of the node's, if a call of the request meets one."""
    met = [effect for effect in effects if effect is not None]
    request.scope["mock_clob.verdict"] = met[0].name
    if delay := max(effect.delay for effect in met):
        await venue.clock.sleep(delay)
    for effect in met:
        if effect.drop:
            request.scope["extensions"][_TRANSPORT].abort()
        if effect.drop or effect.status:
            return Response(effect.body, effect.status or 500, dict(effect.headers))
    return None


async def _answer(venue: Venue, call: Any, effect: Effect | None) -> Any:
    from mock_clob.chain import rpc, rpc_faults

    if effect is None or not effect.untrue:
        return await venue.on_chain(rpc.handle, venue.chain, call)
    return await venue.on_chain(rpc_faults.handle, venue.chain, call, effect.name, effect.depth)


def _error(code: int, message: str) -> wire.Json:
    return {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}
