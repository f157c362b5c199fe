"""Liquidity rewards and maker rebates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date as calendar_date

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import wire
from mock_clob.clob import reward_rows as rows
from mock_clob.clob.shared import ClobRoutes, RouteTable
from mock_clob.gamma.catalog import Catalog, tags_of
from mock_clob.replies import reply
from mock_clob.rewards import day, rebates
from mock_clob.rules import PAGE_SIZE, Rejected

DEFAULT_PAGE = 100  # docs: of the pages that take `page_size`
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")

# `order_by` of the two pages of markets (polymarket-client, RewardMarketSort).
_SORTS: dict[str, Callable[[wire.Json], float | str]] = {
    "market_id": lambda row: int(row["market_id"]),
    "created_at": lambda row: str(row["created_at"]),
    "volume_24hr": lambda row: float(row["volume_24hr"]),
    "spread": lambda row: float(row["spread"]),
    "competitiveness": lambda row: float(row["market_competitiveness"]),
    "max_spread": lambda row: float(row["rewards_max_spread"]),
    "min_size": lambda row: float(row["rewards_min_size"]),
    "question": lambda row: str(row["question"]),
    "one_day_price_change": lambda row: float(row["one_day_price_change"]),
    "rate_per_day": lambda row: float(row["rewards_config"][0]["rate_per_day"]),
    "price": lambda row: float(row["tokens"][0]["price"]),
    "end_date": lambda row: str(row["end_date"]),
    "start_date": lambda row: str(row["rewards_config"][0]["start_date"]),
    "reward_end_date": lambda row: str(row["rewards_config"][0]["end_date"]),
}
_BOUNDS: dict[str, Callable[[wire.Json], float]] = {
    "volume_24hr": lambda row: float(row["volume_24hr"]),
    "spread": lambda row: float(row["spread"]),
    "price": lambda row: float(row["tokens"][0]["price"]),
}


class RewardRoutes(ClobRoutes):
    def table(self) -> RouteTable:
        return [
            ("GET", "/rewards/markets/current", self.current),
            ("GET", "/rewards/markets/multi", self.discover),
            ("GET", "/rewards/markets/{condition_id}", self.market),
            ("GET", "/rewards/user", self.earnings),
            ("GET", "/rewards/user/total", self.total),
            ("GET", "/rewards/user/percentages", self.percentages),
            ("GET", "/rewards/user/markets", self.earnings_by_market),
            ("GET", "/rebates/current", self.rebates),
        ]

    # Public

    async def current(self, request: Request) -> Response:
        """Sponsored programs are none here, so `sponsored` changes nothing."""
        found = self.venue.rewards.markets()
        return self._page(request, [rows.current(self.venue, *each) for each in found])

    async def market(self, request: Request) -> Response:
        """Empty for a market without a program, as for one that does not exist."""
        wanted = request.path_params["condition_id"].lower()
        found = [m for m in self.venue.rewards.markets() if m[0].condition_id == wanted]
        return self._page(request, [rows.details(self.venue, *each) for each in found])

    async def discover(self, request: Request) -> Response:
        query = request.query_params
        text = query.get("q", "").lower()
        title = query.get("event_title", "").lower()
        tags = {tag.lower() for tag in query.getlist("tag_slug")}
        catalog = Catalog(self.venue.engine)
        found = [
            rows.discovered(self.venue, market, program)
            for market, program in self.venue.rewards.markets()
            if text in market.question.lower()
            and title in catalog.event_of(market).title.lower()
            and (not tags or tags & {tag.slug for tag in tags_of([market])})
        ]
        for name in ("market_id", "event_id"):
            if name in query:
                found = [row for row in found if row[name] in query.getlist(name)]
        for name, value in _BOUNDS.items():
            low = _bound(request, f"min_{name}", 0.0)
            high = _bound(request, f"max_{name}", float("inf"))
            found = [row for row in found if low <= value(row) <= high]
        return self._sorted_page(request, found)

    async def rebates(self, request: Request) -> Response:
        date = _date(request)
        maker = request.query_params.get("maker_address", "")
        if not _ADDRESS.fullmatch(maker):
            raise Rejected("maker_address")
        paid = rebates(iter(self.venue.engine.trades.values()), date, maker)
        return reply(
            [
                {
                    "date": date,
                    "condition_id": condition_id,
                    "asset_address": self.venue.collateral,
                    "maker_address": wire.checksum(maker.lower()),
                    "rebated_fees_usdc": wire.amount(amount),
                }
                for condition_id, amount in paid.items()
            ]
        )

    # The sender's

    async def earnings(self, request: Request) -> Response:
        maker = await self._maker(request)
        made = self.venue.rewards.earnings(_date(request), maker)
        return self._page(request, [rows.earning(self.venue, each) for each in made])

    async def total(self, request: Request) -> Response:
        maker = await self._maker(request)
        return reply(rows.total(self.venue, self.venue.rewards.earnings(_date(request), maker)))

    async def percentages(self, request: Request) -> Response:
        maker = await self._maker(request)
        shares = {
            market.condition_id: self.venue.rewards.percentage(market, maker)
            for market, _ in self.venue.rewards.markets()
        }
        return reply({condition_id: share for condition_id, share in shares.items() if share})

    async def earnings_by_market(self, request: Request) -> Response:
        maker = await self._maker(request)
        query = request.query_params
        date = _date(request) if "date" in query else day(self.venue.clock.now_ms())
        found = [
            rows.for_maker(self.venue, market, program, maker, date)
            for market, program in self.venue.rewards.markets()
        ]
        alone = query.get("no_competition", "false").lower()
        if alone not in ("true", "false"):
            raise Rejected("reward_params")
        if alone == "true":
            found = [row for row in found if not row["market_competitiveness"]]
        return self._sorted_page(request, found)

    async def _maker(self, request: Request) -> str:
        return self._wallet(request, await self._sender(request))

    def _sorted_page(self, request: Request, found: list[wire.Json]) -> Response:
        query = request.query_params
        order_by, position = query.get("order_by", ""), query.get("position", "") or "ASC"
        if (order_by and order_by not in _SORTS) or position not in ("ASC", "DESC"):
            raise Rejected("reward_params")
        if order_by:
            found.sort(key=_SORTS[order_by], reverse=position == "DESC")
        given = query.get("page_size", str(DEFAULT_PAGE))
        size = int(given) if given.isascii() and given.isdigit() and len(given) < 5 else 0
        if not 1 <= size <= PAGE_SIZE:
            raise Rejected("page_size", maximum=PAGE_SIZE)
        return self._page(request, found, size)


def _date(request: Request) -> str:
    text = request.query_params.get("date", "")
    try:
        if calendar_date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise Rejected("date")


def _bound(request: Request, name: str, default: float) -> float:
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        raise Rejected("reward_params") from None
    if not 0 <= value < float("inf"):
        raise Rejected("reward_params")
    return value
