"""Gamma: markets and events as they are described and found, derived from the engine's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mock_clob.gamma.events import EventRoutes
from mock_clob.gamma.markets import MarketRoutes
from mock_clob.gamma.people import PeopleRoutes
from mock_clob.gamma.search import SearchRoutes
from mock_clob.gamma.sports import SportsRoutes
from mock_clob.gamma.tags import TagRoutes

if TYPE_CHECKING:
    from mock_clob.venue import Venue

GROUPS = (MarketRoutes, EventRoutes, TagRoutes, SearchRoutes, PeopleRoutes, SportsRoutes)


class Gamma:
    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    def routes(self) -> list[Route]:
        found = [route for group in GROUPS for route in group(self.venue).routes()]
        return [Route("/status", self.status), *found]

    async def status(self, request: Request) -> Response:
        return PlainTextResponse("OK")
