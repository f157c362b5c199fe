"""GET /tags, what is related to them, and /series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.gamma import shapes
from mock_clob.gamma.catalog import SERIES, TAG_BY_SLUG, TAGS, Series, Tag
from mock_clob.gamma.events import RECURRENCES
from mock_clob.gamma.refusals import Handler, NotFound, answer
from mock_clob.gamma.requests import GammaQuery, by_offset
from mock_clob.gamma.shared import GammaRoutes, path_id, path_tag
from mock_clob.wire import Json

MOST_SERIES = 50
TAG_SORTS: dict[str, Callable[[Tag], Any]] = {
    "id": lambda tag: tag.id,
    "label": lambda tag: tag.label,
    "slug": lambda tag: tag.slug,
    "createdAt": lambda tag: tag.id,
    "updatedAt": lambda tag: tag.id,
}
SERIES_SORTS: dict[str, Callable[[Series], Any]] = {
    "id": lambda series: series.id,
    "title": lambda series: series.title,
    "slug": lambda series: series.slug,
    "createdAt": lambda series: series.id,
    "startDate": lambda series: series.id,
}


class TagRoutes(GammaRoutes):
    def table(self) -> dict[str, Handler]:
        return {
            "/tags": self.tags,
            "/tags/slug/{slug}": self.tag,
            "/tags/slug/{slug}/related-tags": self.related,
            "/tags/slug/{slug}/related-tags/tags": self.related_tags,
            "/tags/{id}": self.tag,
            "/tags/{id}/related-tags": self.related,
            "/tags/{id}/related-tags/tags": self.related_tags,
            "/series": self.all_series,
            "/series/{id}": self.one_series,
        }

    async def tags(self, request: Request) -> Response:
        query = GammaQuery(request.query_params)
        wanted = by_offset(query, TAG_SORTS, lambda tag: tag.id)
        carousel = query.flag("is_carousel")
        query.ignored("include_template")
        query.text("locale")
        query.end()
        kept = [tag for tag in TAGS if carousel is None or tag.carousel is carousel]
        return answer([shapes.tag(tag) for tag in wanted.page(kept)])

    async def tag(self, request: Request) -> Response:
        found, query = path_tag(request), GammaQuery(request.query_params)
        query.ignored("include_template")
        query.text("locale")
        query.end()
        return answer(shapes.tag(found))

    async def related(self, request: Request) -> Response:
        found = path_tag(request)
        return answer(
            [
                {"id": f"{found.id}{rank}", "tagID": found.id, "relatedTagID": tag.id, "rank": rank}
                for rank, tag in enumerate(self._related(request, found), 1)
            ]
        )

    async def related_tags(self, request: Request) -> Response:
        found = path_tag(request)
        return answer(
            [
                shapes.tag(tag) | {"activeEventsCount": self._events(tag, closed=False)}
                for tag in self._related(request, found)
            ]
        )

    def _related(self, request: Request, found: Tag) -> list[Tag]:
        query = GammaQuery(request.query_params)
        omit_empty = query.flag("omit_empty")
        status = query.choice("status", ("active", "closed", "all"))
        query.text("locale")
        query.end()
        closed = {"active": False, "closed": True}.get(status or "all")
        return [
            TAG_BY_SLUG[slug]
            for slug in found.related
            if not (omit_empty or closed is not None)
            or self._events(TAG_BY_SLUG[slug], closed=closed)
        ]

    def _events(self, tag: Tag, *, closed: bool | None) -> int:
        """How many events are under a tag."""
        events = [event for event in self.catalog().events if tag in event.tags]
        return sum(closed in (None, event.closed) for event in events)

    # Series

    async def all_series(self, request: Request) -> Response:
        query = GammaQuery(request.query_params)
        wanted = by_offset(query, SERIES_SORTS, lambda series: series.id, most=MOST_SERIES)
        slugs = set(query.texts("slug"))
        recurrence = query.choice("recurrence", RECURRENCES)
        closed = query.flag("closed")
        without_events = bool(query.flag("exclude_events"))
        query.ignored("include_chat")
        query.text("locale")
        query.end()
        kept = [
            series
            for series in SERIES
            if (not slugs or series.slug in slugs)
            and recurrence in (None, series.recurrence)
            and not closed
        ]
        return answer([self._series(s, with_events=not without_events) for s in wanted.page(kept)])

    async def one_series(self, request: Request) -> Response:
        number, query = path_id(request), GammaQuery(request.query_params)
        query.ignored("include_chat")
        query.text("locale")
        query.end()
        for series in SERIES:
            if series.id == number:
                return answer(self._series(series, with_events=True))
        raise NotFound("id")

    def _series(self, series: Series, *, with_events: bool) -> Json:
        row = shapes.series(series)
        if not with_events:
            return row
        catalog = self.catalog()
        known = self.figures(catalog)
        events = [event for event in catalog.events if event.slug in series.event_slugs]
        shown = [shapes.event(self.venue, each, known, with_markets=False) for each in events]
        return row | {"events": shown}
