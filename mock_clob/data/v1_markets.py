"""Data API v1, what it tells of markets and of everybody: holders, boards, open interest."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.data import rows, v1_rows
from mock_clob.data.books import Position, positions
from mock_clob.data.refusals import NO_MARKET, Handler, Refused, answer
from mock_clob.data.requests import V1Query, conditions, markets, user_of
from mock_clob.data.shared import DataRoutes
from mock_clob.data.standings import (
    OVERALL,
    Brought,
    buckets,
    builders,
    in_category,
    interest,
    ranked,
    ranks,
    since,
    standings,
    taken,
)
from mock_clob.data.v1_wallet import DIRECTIONS, window
from mock_clob.exact_json import decimal
from mock_clob.model import UNIT
from mock_clob.wire import Json

MOST_HOLDERS = 20
OPEN = 10_000  # 0.01 shares: market-positions counts more than this as open
PERIODS = ("DAY", "WEEK", "MONTH", "ALL")
CATEGORIES = (
    *("OVERALL", "POLITICS", "SPORTS", "ESPORTS", "CRYPTO", "CULTURE", "MENTIONS", "WEATHER"),
    *("ECONOMICS", "TECH", "FINANCE"),
)
SORTS: dict[str, Callable[[Position], int]] = {
    "TOKENS": lambda p: p.size,
    "CASH_PNL": lambda p: p.unrealized,
    "REALIZED_PNL": lambda p: p.realized,
    "TOTAL_PNL": lambda p: p.total,
}


class V1MarketRoutes(DataRoutes):
    def table(self) -> dict[str, Handler]:
        return {
            "/holders": self.holders,
            "/oi": self.open_interest,
            "/live-volume": self.live_volume,
            "/v1/market-positions": self.market_positions,
            "/v1/leaderboard": self.leaderboard,
            "/v1/builders/leaderboard": self.builders_leaderboard,
            "/v1/builders/volume": self.builders_volume,
        }

    async def holders(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        asked = conditions(query, "market")
        if not asked:
            raise Refused(NO_MARKET, "market")
        limit = query.integer("limit", least=0, most=MOST_HOLDERS)
        least = query.integer("minBalance", least=0, most=999_999)
        query.end()
        least = UNIT if least is None else least * UNIT
        held = [
            each
            for each in positions(self.venue.engine, await self.changes())
            if each.size >= max(least, 1) and each.market.condition_id in asked
        ]
        held.sort(key=lambda each: (-each.size, each.wallet))
        groups = []
        for market in (m for m in self.catalog().markets if m.condition_id in asked):
            for token_id in market.token_ids:
                mine = [each for each in held if each.token_id == token_id]
                shown = [_holder(each) for each in mine[: MOST_HOLDERS if limit is None else limit]]
                groups.append({"token": token_id, "holders": shown})
        return answer(groups)

    async def open_interest(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        chosen = markets(query, self.catalog(), "market")
        query.end()
        values = interest(self.venue.engine, await self.changes())
        if chosen is None:
            return answer([{"market": "GLOBAL", "value": decimal(sum(values.values()))}])
        names = [market.condition_id for market in chosen]
        return answer([{"market": name, "value": decimal(values[name])} for name in names])

    async def live_volume(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        event = query.integer("id", least=1)
        query.end()
        if event is None:
            raise Refused("required query param 'id' not provided", "id")
        volumes = {market.condition_id: 0 for market in self.catalog().in_events([event])}
        for name, change in taken(await self.changes()):
            if name in volumes:
                volumes[name] += abs(change.collateral)
        shown = [{"market": name, "value": decimal(n)} for name, n in volumes.items()]
        return answer([{"total": decimal(sum(volumes.values())), "markets": shown}])

    async def market_positions(self, request: Request) -> Response:
        """Page by page for each outcome."""
        query = V1Query(request.query_params)
        asked = conditions(query, "market")
        if not asked or len(asked) != 1:
            raise Refused(NO_MARKET, "market")
        user = user_of(query)
        status = query.choice("status", ("OPEN", "CLOSED", "ALL"), "ALL")
        sort = query.choice("sortBy", tuple(SORTS), "TOTAL_PNL") or ""
        direction = query.choice("sortDirection", DIRECTIONS, "DESC")
        limit, offset = window(query, 50, 500)
        query.end()
        found = [
            each
            for each in positions(self.venue.engine, await self.changes())
            if each.market.condition_id == asked[0]
            and user in (None, each.wallet)
            and (status == "ALL" or (each.size > OPEN) is (status == "OPEN"))
        ]
        found.sort(key=SORTS[sort], reverse=direction == "DESC")
        groups = []
        for market in (m for m in self.catalog().markets if m.condition_id == asked[0]):
            for token_id in market.token_ids:
                mine = [each for each in found if each.token_id == token_id]
                part = mine[offset : offset + limit]
                shown = [v1_rows.market_position(each) for each in part]
                groups.append({"token": token_id, "positions": shown})
        return answer(groups)

    # Boards

    async def leaderboard(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        category = query.choice("category", CATEGORIES, OVERALL.upper()) or ""
        period = query.choice("timePeriod", PERIODS, "DAY") or ""
        by = query.choice("orderBy", ("PNL", "VOL"), "PNL")
        user, name = user_of(query), query.text("userName")
        limit, offset = window(query, 25, 50, least=1, deepest=1_000)
        query.end()
        changes = in_category(await self.changes(), category)
        found = standings(self.venue.engine, changes, period.lower(), self.now)
        placed = [
            (rank, rows.holder(each.wallet), each)
            for rank, each in ranked(found, lambda s: s.pnl if by == "PNL" else s.volume)
            if user in (None, each.wallet)
        ]
        if name is not None:
            placed = [each for each in placed if each[1]["name"] == name]
        return answer(
            [
                {
                    "rank": str(rank),
                    "proxyWallet": owner["proxy_wallet"],
                    "userName": owner["name"],
                    "vol": decimal(standing.volume),
                    "pnl": decimal(standing.pnl),
                    "profileImage": "",
                    "xUsername": "",
                    "verifiedBadge": owner["verified"],
                }
                for rank, owner, standing in placed[offset : offset + limit]
            ]
        )

    async def builders_leaderboard(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        period = query.choice("timePeriod", PERIODS, "DAY") or ""
        limit, offset = window(query, 25, 50, deepest=1_000)
        query.end()
        found = _builders(builders(since(await self.changes(), period.lower(), self.now)))
        return answer(found[offset : offset + limit])

    async def builders_volume(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        period = query.choice("timePeriod", PERIODS, "DAY") or ""
        query.end()
        recent = since(await self.changes(), period.lower(), self.now)
        return answer(
            [
                {"dt": f"{day}T00:00:00Z", **row}
                for day, part in buckets(recent, "day").items()
                for row in _builders(builders(part))
            ]
        )


def _holder(each: Position) -> Json:
    row = v1_rows.camel(rows.holder(each.wallet)) | {"asset": each.token_id}
    row["displayUsernamePublic"] = row.pop("display_username_public")
    index = each.market.token_ids.index(each.token_id)
    return row | {"amount": decimal(each.size), "outcomeIndex": index}


def _builders(found: list[Brought]) -> list[Json]:
    places = ranks([each.volume for each in found])
    return [
        {
            "rank": str(rank),
            "builder": each.code,
            "builderCode": each.code,
            "volume": decimal(each.volume),
            "activeUsers": each.users,
            "verified": False,
            "builderLogo": "",
        }
        for rank, each in zip(places, found, strict=True)
    ]
