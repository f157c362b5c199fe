"""GET /markets, /markets/keyset and single markets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import wire
from mock_clob.gamma import shapes
from mock_clob.gamma.catalog import question_id, tags_of
from mock_clob.gamma.figures import Figures, milliseconds
from mock_clob.gamma.refusals import Handler, NotFound, answer
from mock_clob.gamma.requests import (
    DEEPEST,
    GammaQuery,
    between,
    by_cursor,
    by_offset,
)
from mock_clob.gamma.shared import GammaRoutes, path_id, path_slug, with_related

Test = Callable[[Figures], bool]
UNKNOWN_CHANGE = -(10**9)

SORTS: dict[str, Callable[[Figures], Any]] = {
    "id": lambda f: f.id,
    "slug": lambda f: f.market.slug,
    "question": lambda f: f.market.question,
    # A column of texts at the venue, and sorted as such.
    "volume": lambda f: wire.amount(f.volume),
    "volumeNum": lambda f: f.volume,
    "liquidity": lambda f: f.liquidity,
    "liquidityNum": lambda f: f.liquidity,
    "volume24hr": lambda f: f.volumes["24hr"],
    "volume1wk": lambda f: f.volumes["1wk"],
    "volume1mo": lambda f: f.volumes["1mo"],
    "volume1yr": lambda f: f.volumes["1yr"],
    "startDate": lambda f: f.start_ms,
    "endDate": lambda f: f.end_ms,
    "createdAt": lambda f: f.start_ms,
    "closedTime": lambda f: f.market.resolved_ms,
    "competitive": lambda f: f.competitive,
    "lastTradePrice": lambda f: f.last,
    "bestBid": lambda f: f.bid,
    "bestAsk": lambda f: f.ask,
    "spread": lambda f: f.spread,
    "oneHourPriceChange": lambda f: f.changes.get("oneHourPriceChange", UNKNOWN_CHANGE),
    "oneDayPriceChange": lambda f: f.changes.get("oneDayPriceChange", UNKNOWN_CHANGE),
    "oneWeekPriceChange": lambda f: f.changes.get("oneWeekPriceChange", UNKNOWN_CHANGE),
}
UMA_STATUSES = ("disputed", "proposed", "requested", "resolved", "settled")
RESOLUTION_STATUSES = ("inactive", "active", "resolved")
TICKS = {True: 1_000, False: 10_000}  # [seen] what decimalized tells apart


class MarketRoutes(GammaRoutes):
    def table(self) -> dict[str, Handler]:
        return {
            "/markets": self.markets,
            "/markets/keyset": self.keyset,
            "/markets/slug/{slug}": self.by_slug,
            "/markets/{id}": self.by_id,
            "/markets/{id}/tags": self.tags,
        }

    async def markets(self, request: Request) -> Response:
        query = GammaQuery(request.query_params)
        wanted = by_offset(query, SORTS, _identity, route="/markets", deepest=DEEPEST)
        tests, with_tags = filters(query), bool(query.flag("include_tag"))
        query.end()
        kept = [f for f in self.figures(self.catalog()).values() if all(t(f) for t in tests)]
        return answer(
            [shapes.market(self.venue, f, with_tags=with_tags) for f in wanted.page(kept)]
        )

    async def keyset(self, request: Request) -> Response:
        query = GammaQuery(request.query_params)
        wanted = by_cursor(query, SORTS, _identity)
        tests, with_tags = filters(query), bool(query.flag("include_tag"))
        query.end()
        kept = [f for f in self.figures(self.catalog()).values() if all(t(f) for t in tests)]
        page, cursor = wanted.keyset(kept)
        rows = [shapes.market(self.venue, f, with_tags=with_tags) for f in page]
        return answer({"markets": rows} | ({"next_cursor": cursor} if cursor else {}))

    async def by_id(self, request: Request) -> Response:
        number = path_id(request)
        return self._one(request, lambda f: f.id == number, "id")

    async def by_slug(self, request: Request) -> Response:
        slug = path_slug(request)
        return self._one(request, lambda f: f.market.slug == slug, "slug")

    def _one(self, request: Request, test: Test, key: str) -> Response:
        query = GammaQuery(request.query_params)
        with_tags = bool(query.flag("include_tag"))
        query.text("locale")
        query.end()
        for figure in self.figures(self.catalog()).values():
            if test(figure):
                return answer(shapes.market(self.venue, figure, with_tags=with_tags))
        raise NotFound(key)

    async def tags(self, request: Request) -> Response:
        number, catalog = path_id(request), self.catalog()
        GammaQuery(request.query_params).end()
        for market in catalog.markets:
            if catalog.id_of(market) == number:
                return answer([shapes.tag(tag) for tag in tags_of([market])])
        raise NotFound("id")


def filters(query: GammaQuery) -> list[Test]:
    """What a market has to pass. Closed ones are left out unless they are asked for."""
    query.text("locale")
    closed = bool(query.flag("closed", default=False))
    return [
        lambda f: f.market.closed is closed,
        *_identities(query),
        *_flags(query),
        *_amounts(query),
        *_dates(query),
        *_tags(query),
        *_kinds(query),
    ]


def _identity(figure: Figures) -> int:
    return figure.id


def _among(values: list[Any], of: Callable[[Figures], Any]) -> list[Test]:
    """No filter where no value is given."""
    chosen = set(values)
    return [lambda f: bool(chosen & _as_set(of(f)))] if chosen else []


def _as_set(value: Any) -> set[Any]:
    return set(value) if isinstance(value, tuple) else {value}


def _identities(query: GammaQuery) -> list[Test]:
    lower = [text.lower() for text in query.texts("condition_ids")]
    questions = [text.lower() for text in query.texts("question_ids")]

    def of_version(wanted: str) -> Callable[[Figures], tuple[str, ...]]:
        return lambda f: f.market.token_ids if shapes.version(f.market) == wanted else ()

    return [
        *_among(query.integers("id", least=1), lambda f: f.id),
        *_among(query.texts("slug"), lambda f: f.market.slug),
        *_among(lower, lambda f: f.market.condition_id),
        *_among(questions, lambda f: question_id(f.market)),
        *_among(query.texts("clob_token_ids"), of_version("v1")),
        *_among(query.texts("position_ids"), of_version("v2")),
        # Nothing in the mock has any of these.
        *_among(query.texts("market_maker_address"), lambda f: ()),
        *_among(query.texts("onchain_event_ids"), lambda f: ()),
        *_among(query.texts("request_ids"), lambda f: ()),
        *_among(query.texts("sports_market_types"), lambda f: ()),
        *_among(query.texts("game_id"), lambda f: ()),
    ]


def _flags(query: GammaQuery) -> list[Test]:
    active, archived, cyom, rfq = (
        query.flag(name) for name in ("active", "archived", "cyom", "rfq_enabled")
    )
    decimalized = query.flag("decimalized")
    return [
        lambda f: active is not False,
        lambda f: not archived and not cyom and not rfq,
        lambda f: decimalized is None or f.market.tick == TICKS[decimalized],
    ]


def _amounts(query: GammaQuery) -> list[Test]:
    volume = query.amount("volume_num_min"), query.amount("volume_num_max")
    liquidity = query.amount("liquidity_num_min"), query.amount("liquidity_num_max")
    rewards = query.amount("rewards_min_size")
    return [
        lambda f: between(f.volume, *volume),
        lambda f: between(f.liquidity, *liquidity),
        lambda f: between(f.rewards_min_size, rewards, None),
    ]


def _dates(query: GammaQuery) -> list[Test]:
    starts = query.moment("start_date_min"), query.moment("start_date_max")
    ends = query.moment("end_date_min"), query.moment("end_date_max")
    return [
        lambda f: between(milliseconds(f.market.start_date), *starts),
        lambda f: between(milliseconds(f.market.end_date), *ends),
    ]


def _tags(query: GammaQuery) -> list[Test]:
    chosen = set(query.integers("tag_id", least=1))
    every = query.choice("tag_match", ("any", "all"), "any") == "all"
    if query.flag("related_tags"):
        chosen = with_related(chosen)
    if not chosen:
        return []

    def test(figure: Figures) -> bool:
        mine = {tag.id for tag in tags_of([figure.market])}
        return chosen <= mine if every else bool(chosen & mine)

    return [test]


def _kinds(query: GammaQuery) -> list[Test]:
    uma = query.choice("uma_resolution_status", UMA_STATUSES)
    status = query.choice("resolution_status", RESOLUTION_STATUSES)
    versions = [text for text in query.texts("version") if text]
    for text in versions:
        if text not in ("v1", "v2"):
            raise query.refusal("version", "is none of v1, v2")

    def resolved(figure: Figures) -> bool:
        return bool(figure.market.winning_token_id)

    return [
        lambda f: uma is None or (uma == "resolved" and resolved(f)),
        lambda f: (
            status is None
            or (
                shapes.version(f.market) == "v2"
                and status == ("resolved" if resolved(f) else "active")
            )
        ),
        *_among(versions, lambda f: shapes.version(f.market)),
    ]
