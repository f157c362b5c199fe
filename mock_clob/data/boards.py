"""GET /v2/leaderboard, /v2/biggest-winners, /v2/builders/leaderboard and /v2/builders/volume."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import wire
from mock_clob.data import rows
from mock_clob.data.pages import Walk
from mock_clob.data.refusals import Handler, Refused, answer
from mock_clob.data.requests import V2Query, user_of
from mock_clob.data.shared import DataRoutes
from mock_clob.data.standings import (
    OVERALL,
    WINDOWS,
    Brought,
    Standing,
    Win,
    buckets,
    builders,
    in_category,
    ranked,
    ranks,
    since,
    standings,
    wins,
)
from mock_clob.exact_json import with_point
from mock_clob.gamma.catalog import Catalog
from mock_clob.wire import Json

BUCKETS, MOST_BUCKETS = 30, 90


class BoardRoutes(DataRoutes):
    def table(self) -> dict[str, Handler]:
        return {
            "/v2/leaderboard": self.leaderboard,
            "/v2/biggest-winners": self.biggest_winners,
            "/v2/builders/leaderboard": self.builders_leaderboard,
            "/v2/builders/volume": self.builders_volume,
        }

    async def leaderboard(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        user = user_of(query)
        walk = Walk(query, "/v2/leaderboard")
        window = walk.bind("time_period", _window(query, "time_period"), "day")
        category = walk.bind("category", query.text("category"), OVERALL)
        sort = query.text("sort_by")
        if sort not in (None, "PNL", "VOLUME"):
            raise Refused("sort_by must be PNL or VOLUME", "sort_by")
        sort = walk.bind("sort_by", sort, "PNL")
        query.end()
        changes = in_category(await self.changes(), category)
        found = standings(self.venue.engine, changes, window, self.now)
        by_pnl = ranked(found, lambda each: each.pnl)
        by_volume = ranked(found, lambda each: each.volume)
        if user:
            return answer({"data": _own(self.refuse_contracts(user), by_pnl, by_volume)})
        return walk.page(by_pnl if sort == "PNL" else by_volume, _trader)

    async def biggest_winners(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        walk = Walk(query, "/v2/biggest-winners")
        window = walk.bind("time_period", _window(query, "time_period"), "day")
        category = walk.bind("category", query.text("category"), OVERALL)
        query.end()
        changes, catalog = in_category(await self.changes(), category), self.catalog()
        found = list(enumerate(wins(self.venue.engine, changes, window, self.now), 1))
        return walk.page(found, lambda each: _winner(*each, catalog))

    async def builders_leaderboard(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        walk = Walk(query, "/v2/builders/leaderboard")
        window = walk.bind("time_period", _window(query, "time_period"), "day")
        query.end()
        found = builders(since(await self.changes(), window, self.now))
        return walk.page(_placed(found), lambda each: _builder(*each))

    async def builders_volume(self, request: Request) -> Response:
        """`limit` counts stretches of time, so that none is half told."""
        query = V2Query(request.query_params)
        interval = _window(query, "interval", "time_period") or "day"
        limit = query.integer("limit", least=0, most=MOST_BUCKETS)
        query.end()
        rows_of = []
        every = [
            (day, placed)
            for day, part in buckets(await self.changes(), interval).items()
            if (placed := _placed(builders(part)))
        ]
        for day, placed in every[: BUCKETS if limit is None else limit]:
            rows_of += [{"date": day, **_builder(*each)} for each in placed]
        return answer({"data": rows_of})


def _window(query: V2Query, *names: str) -> str | None:
    window = query.text(*names)
    if window is not None and window not in WINDOWS:
        raise Refused(f"time_period must be one of {', '.join(WINDOWS)}", names[0])
    return window


def _trader(placed: tuple[int, Standing]) -> Json:
    rank, standing = placed
    return {"rank": rank, **_standing(standing)}


def _standing(standing: Standing) -> Json:
    owner = rows.holder(standing.wallet)
    return {
        "user_id": owner["proxy_wallet"],
        "pnl": with_point(standing.pnl),
        "volume": with_point(standing.volume),
        "user_name": owner["name"],
        "profile_image": "",
        "x_username": "",
        "verified": owner["verified"],
    }


def _own(
    user: str, by_pnl: list[tuple[int, Standing]], by_volume: list[tuple[int, Standing]]
) -> Json | None:
    """One wallet's places; None for one that never traded."""
    for rank, standing in by_pnl:
        if standing.wallet == user:
            [other] = [place for place, each in by_volume if each.wallet == user]
            return {**_standing(standing), "rank_pnl": rank, "rank_volume": other}
    return None


def _winner(rank: int, win: Win, catalog: Catalog) -> Json:
    market, event = win.position.market, catalog.event_of(win.position.market)
    return {
        "win_rank": rank,
        "kind": "market",
        "user_id": wire.checksum(win.position.wallet),
        "pnl": with_point(win.pnl),
        "initial_value": with_point(win.position.spent),
        "final_value": with_point(win.paid),
        "resolved_at": market.resolved_ms // 1000,
        "condition_id": market.condition_id,
        "position_id": win.position.token_id,
        "event_id": event.id,
        "event_slug": event.slug,
        "event_title": event.title,
        "user_name": rows.who(win.position.wallet)["name"],
        "profile_image": "",
    }


def _placed(found: list[Brought]) -> list[tuple[int, Brought]]:
    return list(zip(ranks([each.volume for each in found]), found, strict=True))


def _builder(rank: int, each: Brought) -> Json:
    return {
        "rank": rank,
        "builder_name": each.code,  # as the venue calls a builder without a profile
        "builder_code": each.code,
        "profile_image": "",
        "verified": False,
        "volume": with_point(each.volume),
        "active_users": each.users,
    }
