"""GET /events, /events/keyset and single events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.gamma import shapes
from mock_clob.gamma.catalog import Catalog, Event
from mock_clob.gamma.figures import Figures
from mock_clob.gamma.refusals import OVERLAP, Handler, NotFound, Refused, answer
from mock_clob.gamma.requests import DEEPEST, GammaQuery, between, by_cursor, by_offset
from mock_clob.gamma.shared import GammaRoutes, path_id, path_slug, with_related

RECURRENCES = ("daily", "weekly", "monthly")


@dataclass(frozen=True)
class Row:
    """An event and the figures of its markets."""

    event: Event
    figures: list[Figures]

    def total(self, of: Callable[[Figures], int]) -> int:
        return sum(of(figure) for figure in self.figures)


Test = Callable[[Row], bool]
SORTS: dict[str, Callable[[Row], Any]] = {
    "id": lambda r: r.event.id,
    "slug": lambda r: r.event.slug,
    "title": lambda r: r.event.title,
    "volume": lambda r: r.total(lambda f: f.volume),
    "liquidity": lambda r: r.total(lambda f: f.liquidity),
    "volume24hr": lambda r: r.total(lambda f: f.volumes["24hr"]),
    "volume1wk": lambda r: r.total(lambda f: f.volumes["1wk"]),
    "volume1mo": lambda r: r.total(lambda f: f.volumes["1mo"]),
    "volume1yr": lambda r: r.total(lambda f: f.volumes["1yr"]),
    "startDate": lambda r: min(f.start_ms for f in r.figures),
    "endDate": lambda r: max(f.end_ms for f in r.figures),
    "createdAt": lambda r: min(f.start_ms for f in r.figures),
    "closedTime": lambda r: max(f.market.resolved_ms for f in r.figures),
    "competitive": lambda r: max(f.competitive for f in r.figures),
}


class EventRoutes(GammaRoutes):
    def table(self) -> dict[str, Handler]:
        return {
            "/events": self.events,
            "/events/keyset": self.keyset,
            "/events/slug/{slug}": self.by_slug,
            "/events/{id}": self.by_id,
            "/events/{id}/tags": self.tags,
        }

    async def events(self, request: Request) -> Response:
        query = GammaQuery(request.query_params)
        wanted = by_offset(query, SORTS, _identity, route="/events", deepest=DEEPEST)
        known, kept, with_markets = self._kept(query)
        page = wanted.page(kept)
        return answer([self._shape(row, known, with_markets=with_markets) for row in page])

    async def keyset(self, request: Request) -> Response:
        query = GammaQuery(request.query_params)
        wanted = by_cursor(query, SORTS, _identity)
        known, kept, with_markets = self._kept(query)
        page, cursor = wanted.keyset(kept)
        rows = [self._shape(row, known, with_markets=with_markets) for row in page]
        return answer({"events": rows} | ({"next_cursor": cursor} if cursor else {}))

    async def by_id(self, request: Request) -> Response:
        number = path_id(request)
        return self._one(request, lambda event: event.id == number, "id")

    async def by_slug(self, request: Request) -> Response:
        slug = path_slug(request)
        return self._one(request, lambda event: event.slug == slug, "slug")

    async def tags(self, request: Request) -> Response:
        number = path_id(request)
        GammaQuery(request.query_params).end()
        for event in self.catalog().events:
            if event.id == number:
                return answer([shapes.tag(tag) for tag in event.tags])
        raise NotFound("id")

    def _one(self, request: Request, test: Callable[[Event], bool], key: str) -> Response:
        query = GammaQuery(request.query_params)
        query.ignored("include_chat", "include_template", "include_best_lines")
        query.text("locale")
        query.end()
        catalog = self.catalog()
        for event in catalog.events:
            if test(event):
                return answer(shapes.event(self.venue, event, self.figures(catalog)))
        raise NotFound(key)

    def _kept(self, query: GammaQuery) -> tuple[Mapping[str, Figures], list[Row], bool]:
        tests = filters(query)
        with_markets = bool(query.flag("include_markets", default=True))
        query.end()
        catalog = self.catalog()
        known = self.figures(catalog)
        rows = rows_of(catalog, known)
        return known, [row for row in rows if all(test(row) for test in tests)], with_markets

    def _shape(self, row: Row, known: Mapping[str, Figures], *, with_markets: bool) -> Any:
        return shapes.event(self.venue, row.event, known, with_markets=with_markets)


def rows_of(catalog: Catalog, known: Mapping[str, Figures]) -> list[Row]:
    return [Row(event, shapes.figures_of(event, known)) for event in catalog.events]


def filters(query: GammaQuery) -> list[Test]:
    """What an event has to pass. Closed ones are left out unless they are asked for."""
    query.text("locale")
    query.ignored("include_chat", "include_template", "include_best_lines", "include_children")
    query.ignored("featured_order")
    query.text("partner_slug")
    closed = bool(query.flag("closed", default=False))
    return [
        lambda r: r.event.closed is closed,
        *_identities(query),
        *_amounts(query),
        *_dates(query),
        *tag_filters(query),
        *_absent(query),
    ]


def _identity(row: Row) -> int:
    return row.event.id


def _identities(query: GammaQuery) -> list[Test]:
    ids, slugs = set(query.integers("id", least=1)), set(query.texts("slug"))
    in_series = set(query.integers("series_id", least=1))
    title = (query.text("title_search") or "").lower()
    recurrence = query.choice("recurrence", RECURRENCES)
    versions = set(query.texts("version"))
    if versions - {"v1", "v2"}:
        raise query.refusal("version", "is none of v1, v2")
    return [
        lambda r: not ids or r.event.id in ids,
        lambda r: not slugs or r.event.slug in slugs,
        lambda r: not in_series or bool(in_series & {each.id for each in r.event.series}),
        lambda r: title in r.event.title.lower(),
        lambda r: recurrence is None or recurrence in {s.recurrence for s in r.event.series},
        lambda r: not versions or shapes.version(r.event.markets[0]) in versions,
    ]


def _amounts(query: GammaQuery) -> list[Test]:
    volume = query.amount("volume_min"), query.amount("volume_max")
    liquidity = query.amount("liquidity_min"), query.amount("liquidity_max")
    return [
        lambda r: between(r.total(lambda f: f.volume), *volume),
        lambda r: between(r.total(lambda f: f.liquidity), *liquidity),
    ]


def _dates(query: GammaQuery) -> list[Test]:
    starts = query.moment("start_date_min"), query.moment("start_date_max")
    ends = query.moment("end_date_min"), query.moment("end_date_max")
    return [
        lambda r: between(SORTS["startDate"](r), *starts),
        lambda r: between(SORTS["endDate"](r), *ends),
    ]


def tag_filters(query: GammaQuery) -> list[Test]:
    chosen = set(query.integers("tag_id", least=1))
    without = set(query.integers("exclude_tag_id", least=1))
    slug = query.text("tag_slug")
    every = query.choice("tag_match", ("any", "all"), "any") == "all"
    if chosen & without:
        raise Refused(OVERLAP)
    if query.flag("related_tags"):
        chosen = with_related(chosen)

    def test(row: Row) -> bool:
        mine = {tag.id for tag in row.event.tags}
        if slug is not None and slug.lower() not in {tag.slug for tag in row.event.tags}:
            return False
        if mine & without:
            return False
        return not chosen or (chosen <= mine if every else bool(chosen & mine))

    return [test]


def _absent(query: GammaQuery) -> list[Test]:
    """Filters on what no event of the mock is or has."""
    active = query.flag("active")
    wanted = [query.flag(name) for name in ("archived", "featured", "cyom", "live", "ended")]
    asked = [
        bool(query.integers("game_id")),
        query.moment("event_date") is not None,
        query.integer("event_week") is not None,
        query.integer("parent_event_id") is not None,
        bool(query.texts("created_by")),
        query.moment("start_time_min") is not None,
        query.moment("start_time_max") is not None,
    ]
    nothing = active is False or any(wanted) or any(asked)
    return [lambda r: not nothing]
