"""Which application answers which host: production names by Host header, paths on loopback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route, Router, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_clob.clob.account import AccountRoutes
from mock_clob.clob.builders import BuilderRoutes
from mock_clob.clob.history import HistoryRoutes
from mock_clob.clob.keys import KeyRoutes
from mock_clob.clob.markets import MarketRoutes
from mock_clob.clob.rewards import RewardRoutes
from mock_clob.clob.rfq import RfqRoutes
from mock_clob.clob.trading import TradingRoutes
from mock_clob.data.routes import DataApi
from mock_clob.gamma.routes import Gamma
from mock_clob.relayer.routes import Relayer
from mock_clob.relayer.sessions import SessionRoutes
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
LIVE_DATA = Site(("ws-live-data.polymarket.com",), "/live-data", "")
REALTIME = Site(("ws-live-v2.polymarket.com",), "/realtime", "")
SPORTS = Site(("sports-api.polymarket.com",), "/sports", "")
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
SITES = (CLOB, STREAMS, GAMMA, DATA, RELAYER, LIVE_DATA, REALTIME, SPORTS, NODE)
SERVED = tuple(host for site in SITES for host in site.hosts)
CLOB_GROUPS = (
    MarketRoutes,
    HistoryRoutes,
    KeyRoutes,
    TradingRoutes,
    AccountRoutes,
    BuilderRoutes,
    RewardRoutes,
    RfqRoutes,
    SessionRoutes,
)


def api_of(host: str, path: str) -> tuple[str, str]:
    """(API, path inside it) that a request is for: the throttle counts by these."""
    for site in SITES:
        if host in site.hosts:
            return site.api, path
    for site in SITES:
        if site.prefix and (path == site.prefix or path.startswith(f"{site.prefix}/")):
            return site.api, path.removeprefix(site.prefix)
    return CLOB.api, path


def routes_of(venue: Venue) -> Hosts:
    """Production hosts have their paths at the root; 127.0.0.1 has all of them side by side."""
    rpc = rpc_route(venue)
    routes: dict[Site, list[BaseRoute]] = {
        STREAMS: [
            WebSocketRoute("/ws/market", venue.hub.market.serve),
            WebSocketRoute("/ws/user", venue.hub.user.serve),
        ],
        GAMMA: [*Gamma(venue).routes()],
        DATA: [*DataApi(venue).routes()],
        RELAYER: [*Relayer(venue).routes()],
        LIVE_DATA: [WebSocketRoute("/", venue.hub.live_data.serve)],
        REALTIME: [WebSocketRoute("/ws", venue.hub.realtime.serve)],
        SPORTS: [WebSocketRoute("/ws", venue.hub.sports.serve)],
        NODE: [Route("/", rpc, methods=["POST"])],
        CLOB: [route for group in CLOB_GROUPS for route in group(venue).routes()],
    }
    by_host: dict[str, ASGIApp] = dict.fromkeys(PRODUCTION_HOSTS, unknown)
    for site, its in routes.items():
        by_host.update(dict.fromkeys(site.hosts, Paths(its)))
    by_path: list[BaseRoute] = [*routes[STREAMS], *routes[CLOB]]
    by_path.append(Route(NODE.prefix, rpc, methods=["POST"]))
    by_path.append(WebSocketRoute(LIVE_DATA.prefix, venue.hub.live_data.serve))
    for site in (GAMMA, DATA, RELAYER, REALTIME, SPORTS):
        by_path.append(Mount(site.prefix, Paths(routes[site])))
    return Hosts(by_host, Paths(by_path))


def build_app(routes: Hosts) -> Starlette:
    app = Starlette(exception_handlers=EXCEPTION_HANDLERS)
    app.router = routes
    return app


class Hosts(Router):
    """Leads a request to the application of its host; any other host has all of them by path."""

    def __init__(self, by_host: dict[str, ASGIApp], otherwise: Router) -> None:
        super().__init__()
        self._by_host = by_host
        self._otherwise = otherwise

    def of(self, scope: Scope) -> ASGIApp:
        """The application that a request is for."""
        named: bytes = next((v for k, v in scope.get("headers", ()) if k == b"host"), b"")
        host = named.decode("latin-1").split(":")[0].lower()
        return self._by_host.get(host, self._otherwise)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.of(scope)(scope, receive, send)

    def has_route(self, scope: Scope) -> bool:
        """Whether the request would reach a route, of that method too."""
        return _served(getattr(self.of(scope), "routes", []), scope)


class Paths(Router):
    """A router that finds a fixed path at once: asking one route after the other takes long."""

    def __init__(self, routes: list[BaseRoute]) -> None:
        super().__init__(routes, default=unknown)
        self._fixed = {
            (method, route.path): route
            for route in reversed(routes)
            if isinstance(route, Route) and "{" not in route.path
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = None
        if scope["type"] == "http" and not scope.get("root_path"):
            route = self._fixed.get((scope["method"], scope["path"]))
        if route is None:
            await super().__call__(scope, receive, send)
            return
        scope["path_params"] = {}
        scope["endpoint"] = route.endpoint
        await route.handle(scope, receive, send)


def _served(routes: Sequence[BaseRoute], scope: Scope) -> bool:
    for route in routes:
        match, child = route.matches(scope)
        behind = getattr(route, "routes", None)
        if match is not Match.NONE and behind is not None:
            return _served(behind, {**scope, **child})
        if match is Match.FULL:
            return True
    return False


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
