"""GET /public-search: events by their titles and questions, tags and profiles by their names.

What the venue ranks by is not established: here the order of listing, or the sort asked for. An
event keeps markets that are closed only where `keep_closed_markets` is 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.gamma import shapes
from mock_clob.gamma.catalog import TAGS
from mock_clob.gamma.events import RECURRENCES, SORTS, Row, rows_of
from mock_clob.gamma.people import found_profile
from mock_clob.gamma.profiles import PROFILES
from mock_clob.gamma.refusals import NO_QUERY, Handler, Refused, answer
from mock_clob.gamma.requests import GammaQuery
from mock_clob.gamma.shared import GammaRoutes
from mock_clob.wire import Json

PER_TYPE, MOST_PER_TYPE = 10, 50
BY: dict[str, Callable[[Row], Any]] = {
    "volume": SORTS["volume"],
    "volume_24hr": SORTS["volume24hr"],
    "liquidity": SORTS["liquidity"],
    "competitive": SORTS["competitive"],
    "closed_time": SORTS["closedTime"],
    "start_date": SORTS["startDate"],
    "end_date": SORTS["endDate"],
}
STATUSES = ("active", "closed", "resolved", "all")


class SearchRoutes(GammaRoutes):
    def table(self) -> dict[str, Handler]:
        return {"/public-search": self.search}

    async def search(self, request: Request) -> Response:
        query = GammaQuery(request.query_params)
        words = (query.text("q") or "").lower().split()
        if not words:
            raise Refused(NO_QUERY)
        page = query.integer("page", least=1) or 1
        limit = min(query.integer("limit_per_type", least=1) or PER_TYPE, MOST_PER_TYPE)
        tags, profiles = query.flag("search_tags"), query.flag("search_profiles")
        slim, keep_closed = query.flag("optimized"), query.integer("keep_closed_markets", least=0)
        rows = self._rows(query, words, with_closed=bool(keep_closed))
        query.end()
        part = slice((page - 1) * limit, page * limit)
        named = [tag for tag in TAGS if tags and _matches(words, tag.label)]
        people = [p for p in PROFILES.values() if profiles and _matches(words, p.name, p.pseudonym)]
        total = max(len(rows), len(named), len(people))
        more = total > page * limit
        shown: Json = {}
        if rows[part]:
            shape = self._slim if slim else self._whole
            shown["events"] = [shape(row) for row in rows[part]]
        if named[part]:
            shown["tags"] = [
                shapes.tag(tag) | {"event_count": self._count(tag.slug)} for tag in named[part]
            ]
        if people[part]:
            shown["profiles"] = [found_profile(each) for each in people[part]]
        if slim:
            return answer(shown | {"hasMore": more})
        return answer(shown | {"pagination": {"hasMore": more, "totalResults": total}})

    def _rows(self, query: GammaQuery, words: list[str], *, with_closed: bool) -> list[Row]:
        status = query.choice("events_status", STATUSES, "all")
        tags, without = set(query.texts("events_tag")), set(query.integers("exclude_tag_id"))
        recurrence = query.choice("recurrence", RECURRENCES)
        sort, ascending = query.choice("sort", tuple(BY)), query.flag("ascending", default=False)
        query.texts("presets")
        query.ignored("cache")
        catalog = self.catalog()
        found = []
        for row in rows_of(catalog, self.figures(catalog)):
            event = row.event
            questions = [market.question for market in event.markets]
            slugs, ids = {tag.slug for tag in event.tags}, {tag.id for tag in event.tags}
            if not _matches(words, event.title, *questions):
                continue
            if status != "all" and event.closed is (status == "active"):
                continue
            if (tags and not tags & slugs) or without & ids:
                continue
            if recurrence and recurrence not in {series.recurrence for series in event.series}:
                continue
            open_ones = [f for f in row.figures if with_closed or not f.market.closed]
            found.append(Row(event, open_ones if not event.closed else row.figures))
        if sort:
            found.sort(key=BY[sort], reverse=not ascending)
        return found

    def _whole(self, row: Row) -> Json:
        known = {f.market.condition_id: f for f in self.figures(self.catalog()).values()}
        markets = [shapes.market(self.venue, f, with_events=False) for f in row.figures]
        shown = shapes.event(self.venue, row.event, known, with_markets=False)
        return shown | {"markets": markets}

    def _slim(self, row: Row) -> Json:
        event, first = row.event, row.event.markets[0]
        return {
            "id": str(event.id),
            "slug": event.slug,
            "title": event.title,
            "active": True,
            "closed": event.closed,
            "archived": False,
            "ended": event.closed,
            "negRisk": event.neg_risk,
            "startDate": first.start_date,
            "endDate": max(market.end_date for market in event.markets),
            "image": "",
            "markets": [shapes.slim_market(figure) for figure in row.figures],
        }

    def _count(self, slug: str) -> int:
        events = self.catalog().events
        return sum(slug in {tag.slug for tag in event.tags} for event in events)


def _matches(words: list[str], *texts: str) -> bool:
    """Whether every word is in one of these."""
    return any(all(word in text.lower() for word in words) for text in texts)
