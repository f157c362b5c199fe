"""What all groups of Gamma routes share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.routing import Route

from mock_clob.gamma.catalog import TAGS, Catalog, Tag
from mock_clob.gamma.figures import Figures, figures
from mock_clob.gamma.refusals import INVALID, Handler, NotFound, Refused, guarded

if TYPE_CHECKING:
    from mock_clob.venue import Venue

_SLUG = re.compile(r"[A-Za-z0-9_-]{1,300}")
_ID = re.compile(r"[1-9]\d{0,9}", re.ASCII)


class GammaRoutes:
    """A group of routes of one venue."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    def table(self) -> dict[str, Handler]:
        """Path -> handler; earlier paths win."""
        raise NotImplementedError

    def routes(self) -> list[Route]:
        return [Route(path, guarded(handler)) for path, handler in self.table().items()]

    def catalog(self) -> Catalog:
        return Catalog(self.venue.engine)

    def figures(self, catalog: Catalog) -> dict[str, Figures]:
        return figures(self.venue, catalog)


def path_id(request: Request) -> int:
    """Raises Refused for what is no id."""
    text = request.path_params["id"]
    if not _ID.fullmatch(text):
        raise Refused(INVALID.format(name="id"))
    return int(text)


def path_slug(request: Request) -> str:
    """In lower case, as the venue takes it. Raises Refused for what is no slug."""
    text: str = request.path_params["slug"]
    if not _SLUG.fullmatch(text):
        raise Refused(INVALID.format(name="slug"))
    return text.lower()


def path_tag(request: Request) -> Tag:
    """Raises NotFound, or Refused."""
    if "slug" in request.path_params:
        slug = path_slug(request)
        found = [tag for tag in TAGS if tag.slug == slug]
    else:
        number = path_id(request)
        found = [tag for tag in TAGS if tag.id == number]
    if not found:
        raise NotFound("slug" if "slug" in request.path_params else "id")
    return found[0]


def with_related(tags: set[int]) -> set[int]:
    """These tags and what they are related to, by id."""
    slugs = {slug for tag in TAGS if tag.id in tags for slug in tag.related}
    return tags | {tag.id for tag in TAGS if tag.slug in slugs}
