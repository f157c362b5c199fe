"""GET /sports, /sports/market-types and /teams: the leagues that the sports socket plays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.gamma.catalog import SERIES, TAG_BY_SLUG
from mock_clob.gamma.refusals import Handler, NotFound, answer
from mock_clob.gamma.requests import GammaQuery, by_offset
from mock_clob.gamma.shapes import STAMP
from mock_clob.gamma.shared import GammaRoutes, path_id
from mock_clob.sports import LEAGUES
from mock_clob.wire import Json

MARKET_TYPES = ("moneyline", "spreads", "totals", "both_teams_to_score")
NAMES = {
    "ARS": "Arsenal",
    "CHE": "Chelsea",
    "LIV": "Liverpool",
    "MCI": "Manchester City",
    "BAR": "Barcelona",
    "RMA": "Real Madrid",
    "ATM": "Atletico Madrid",
    "SEV": "Sevilla",
}


@dataclass(frozen=True)
class Team:
    id: int
    league: str
    abbreviation: str

    @property
    def name(self) -> str:
        return NAMES[self.abbreviation]


TEAMS = tuple(
    Team(number, league, abbreviation)
    for number, (league, abbreviation) in enumerate(
        ((league, each) for league, teams in LEAGUES.items() for each in teams), 1
    )
)
SORTS: dict[str, Callable[[Team], Any]] = {
    "id": lambda team: team.id,
    "name": lambda team: team.name,
    "league": lambda team: team.league,
    "abbreviation": lambda team: team.abbreviation,
    "createdAt": lambda team: team.id,
}


class SportsRoutes(GammaRoutes):
    def table(self) -> dict[str, Handler]:
        return {
            "/sports": self.sports,
            "/sports/market-types": self.market_types,
            "/teams": self.teams,
            "/teams/{id}": self.team,
        }

    async def sports(self, request: Request) -> Response:
        GammaQuery(request.query_params).end()
        series = {each.slug: each.id for each in SERIES}
        return answer(
            [
                {
                    "id": number,
                    "sport": league,
                    "name": league.upper(),
                    "image": "",
                    "resolution": "",
                    "ordering": "home",
                    "tags": str(TAG_BY_SLUG["soccer"].id),
                    "series": str(series[league]),
                    "primaryTagId": TAG_BY_SLUG["soccer"].id,
                    "createdAt": STAMP,
                }
                for number, league in enumerate(LEAGUES, 1)
            ]
        )

    async def market_types(self, request: Request) -> Response:
        GammaQuery(request.query_params).end()
        return answer({"marketTypes": list(MARKET_TYPES)})

    async def teams(self, request: Request) -> Response:
        query = GammaQuery(request.query_params)
        wanted = by_offset(query, SORTS, lambda team: team.id)
        leagues, names = set(query.texts("league")), set(query.texts("name"))
        short, providers = set(query.texts("abbreviation")), set(query.integers("provider_id"))
        query.end()
        kept = [
            team
            for team in TEAMS
            if (not leagues or team.league in leagues)
            and (not names or team.name in names)
            and (not short or team.abbreviation in short)
            and (not providers or team.id in providers)
        ]
        return answer([_shape(team) for team in wanted.page(kept)])

    async def team(self, request: Request) -> Response:
        number = path_id(request)
        GammaQuery(request.query_params).end()
        for team in TEAMS:
            if team.id == number:
                return answer(_shape(team))
        raise NotFound("id")


def _shape(team: Team) -> Json:
    return {
        "id": team.id,
        "name": team.name,
        "league": team.league,
        "record": "0-0-0",
        "logo": "",
        "abbreviation": team.abbreviation,
        "alias": team.name,
        "createdAt": STAMP,
        "updatedAt": STAMP,
        "providerId": team.id,
        "color": "#000000",
    }
