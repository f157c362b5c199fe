"""Which application answers which host: production names by Host header, paths on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Host, Mount, Route, Router, WebSocketRoute
from starlette.types import Receive, Scope, Send

from mock_clob.data_api import DataApi
from mock_clob.rest import EXCEPTION_HANDLERS, Rest, reply
from mock_clob.routing import PRODUCTION_HOSTS
from mock_clob.rpc_route import rpc_route

if TYPE_CHECKING:
    from mock_clob.venue import Venue

CLOB_HOST = "clob.polymarket.com"
STREAM_HOST = "ws-subscriptions-clob.polymarket.com"
DATA_HOST = "data-api.polymarket.com"
DATA_PREFIX = "/data-api"  # where the Data API stands on the plain port
RPC_HOSTS = (
    "polygon-rpc.com",
    "polygon.drpc.org",
    "polygon-bor-rpc.publicnode.com",
    "rpc-mainnet.matic.quiknode.pro",
)
SERVED = (CLOB_HOST, STREAM_HOST, DATA_HOST, *RPC_HOSTS)


def api_of(host: str, path: str) -> str:
    """Which of the venue's throttled APIs a request is for: "clob", "data" or "" (the chain)."""
    if host in RPC_HOSTS or path == "/rpc":
        return ""
    return "data" if host == DATA_HOST or path.startswith(f"{DATA_PREFIX}/") else "clob"


def build_app(venue: Venue) -> Starlette:
    """Production hosts have their paths at the root; 127.0.0.1 has all of them side by side."""
    clob: list[BaseRoute] = [*Rest(venue).routes()]
    streams: list[BaseRoute] = [
        WebSocketRoute("/ws/market", venue.hub.market),
        WebSocketRoute("/ws/user", venue.hub.user),
    ]
    data: list[BaseRoute] = [*DataApi(venue).routes()]
    rpc = rpc_route(venue)
    node: list[BaseRoute] = [Route("/", rpc, methods=["POST"])]
    by_host: list[BaseRoute] = [
        Host(CLOB_HOST, Router(clob, default=unknown)),
        Host(STREAM_HOST, Router(streams, default=unknown)),
        Host(DATA_HOST, Router(data, default=unknown)),
        *(Host(host, Router(node, default=unknown)) for host in RPC_HOSTS),
        *(Host(host, unknown) for host in PRODUCTION_HOSTS if host not in SERVED),
    ]
    by_path: list[BaseRoute] = [
        *streams,
        Route("/rpc", rpc, methods=["POST"]),
        Mount(DATA_PREFIX, Router(data, default=unknown)),
        *clob,
    ]
    app = Starlette(routes=[*by_host, *by_path], exception_handlers=EXCEPTION_HANDLERS)
    app.router.default = unknown
    return app


async def unknown(scope: Scope, receive: Receive, send: Send) -> None:
    """404 that names the route; the journal remembers it and the fixture fails the test."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": "mock-clob: no such path"})
        return
    request = Request(scope)
    scope["mock_clob.unknown_route"] = True
    text = f"mock-clob: no route {request.method} {request.url.hostname}{scope['path']}"
    response: Response = reply({"error": text}, 404)
    await response(scope, receive, send)
