"""Which application answers which host: production names by Host header, paths on loopback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Host, Mount, Route, Router, WebSocketRoute
from starlette.types import Receive, Scope, Send

from mock_clob.clob.account import AccountRoutes
from mock_clob.clob.keys import KeyRoutes
from mock_clob.clob.markets import MarketRoutes
from mock_clob.clob.trading import TradingRoutes
from mock_clob.data.routes import DataApi
from mock_clob.gamma.routes import Gamma
from mock_clob.relayer.routes import Relayer
from mock_clob.replies import EXCEPTION_HANDLERS, reply
from mock_clob.routing import PRODUCTION_HOSTS
from mock_clob.rpc_route import rpc_route

if TYPE_CHECKING:
    from mock_clob.venue import Venue


@dataclass(frozen=True)
class Site:
    """One of the venue's applications.

    prefix: where it stands on the plain port; production hosts have it at the root.
    api: the throttled API it belongs to, "" for none.
    """

    hosts: tuple[str, ...]
    prefix: str
    api: str


CLOB = Site(("clob.polymarket.com",), "", "clob")
STREAMS = Site(("ws-subscriptions-clob.polymarket.com",), "", "clob")
GAMMA = Site(("gamma-api.polymarket.com",), "/gamma", "gamma")
DATA = Site(("data-api.polymarket.com",), "/data-api", "data")
RELAYER = Site(("relayer-v2.polymarket.com",), "/relayer", "relayer")
NODE = Site(
    (
        "polygon-rpc.com",
        "polygon.drpc.org",
        "polygon-bor-rpc.publicnode.com",
        "rpc-mainnet.matic.quiknode.pro",
    ),
    "/rpc",
    "",
)
SITES = (CLOB, STREAMS, GAMMA, DATA, RELAYER, NODE)
SERVED = tuple(host for site in SITES for host in site.hosts)


def api_of(host: str, path: str) -> tuple[str, str]:
    """(API, path inside it) that a request is for: the throttle counts by these."""
    for site in SITES:
        if host in site.hosts:
            return site.api, path
    for site in SITES:
        if site.prefix and (path == site.prefix or path.startswith(f"{site.prefix}/")):
            return site.api, path.removeprefix(site.prefix)
    return CLOB.api, path


def build_app(venue: Venue) -> Starlette:
    """Production hosts have their paths at the root; 127.0.0.1 has all of them side by side."""
    rpc = rpc_route(venue)
    routes: dict[Site, list[BaseRoute]] = {
        STREAMS: [
            WebSocketRoute("/ws/market", venue.hub.market),
            WebSocketRoute("/ws/user", venue.hub.user),
        ],
        GAMMA: [*Gamma(venue).routes()],
        DATA: [*DataApi(venue).routes()],
        RELAYER: [*Relayer(venue).routes()],
        NODE: [Route("/", rpc, methods=["POST"])],
        CLOB: [
            route
            for group in (MarketRoutes, KeyRoutes, TradingRoutes, AccountRoutes)
            for route in group(venue).routes()
        ],
    }
    by_host: list[BaseRoute] = [
        Host(host, Router(routes[site], default=unknown)) for site in SITES for host in site.hosts
    ]
    nowhere = [Host(host, unknown) for host in PRODUCTION_HOSTS if host not in SERVED]
    by_path: list[BaseRoute] = [Route(NODE.prefix, rpc, methods=["POST"])]
    for site in (GAMMA, DATA, RELAYER):
        by_path.append(Mount(site.prefix, Router(routes[site], default=unknown)))
    by_path += [*routes[STREAMS], *routes[CLOB]]
    app = Starlette(routes=[*by_host, *nowhere, *by_path], exception_handlers=EXCEPTION_HANDLERS)
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
