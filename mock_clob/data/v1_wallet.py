"""Data API v1, what it tells of wallets: bare lists, pages by limit and offset.

Limits are those of the published schema; that they are refused and not clamped is the stricter
reading. How deep trades and activity go was recorded by client authors in 2026.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import wire
from mock_clob.data import v1_rows
from mock_clob.data.books import DUST, Position, positions
from mock_clob.data.changes import Change, Kind
from mock_clob.data.feeds import SIDES, THREE_YEARS, TYPES
from mock_clob.data.profits import traded
from mock_clob.data.refusals import TOO_DEEP, Handler, Refused, answer
from mock_clob.data.requests import V1Query, markets, required_user, user_of
from mock_clob.data.shared import DAY, DataRoutes, of
from mock_clob.exact_json import decimal, ratio
from mock_clob.model import UNIT

DEEPEST = 10_000
DEEPEST_FEED = 3_000
DIRECTIONS = ("ASC", "DESC")
Sort = Callable[[Position], Any]
SORTS: dict[str, Sort] = {
    "CURRENT": lambda p: p.value,
    "INITIAL": lambda p: p.cost,
    "TOKENS": lambda p: p.size,
    "CASHPNL": lambda p: p.unrealized,
    "PERCENTPNL": lambda p: ratio(100 * p.unrealized, p.cost),
    "TITLE": lambda p: p.market.question,
    "RESOLVING": lambda p: p.market.end_date,
    "PRICE": lambda p: p.price,
    "AVGPRICE": lambda p: p.average,
}
CLOSED_SORTS: dict[str, Sort] = {
    "REALIZEDPNL": lambda p: p.realized,
    "TITLE": lambda p: p.market.question,
    "PRICE": lambda p: p.price,
    "AVGPRICE": lambda p: p.average,
    "TIMESTAMP": lambda p: p.last_at,
}
ACTIVITY_SORTS: dict[str, Callable[[Change], Any]] = {
    "TIMESTAMP": lambda c: c.key,
    "TOKENS": lambda c: c.size,
    "CASH": lambda c: abs(c.collateral),
}


class V1WalletRoutes(DataRoutes):
    def table(self) -> dict[str, Handler]:
        return {
            "/": self.ok,
            "/positions": self.positions,
            "/closed-positions": self.closed_positions,
            "/trades": self.trades,
            "/activity": self.activity,
            "/value": self.value,
            "/traded": self.traded,
        }

    async def ok(self, request: Request) -> Response:
        return answer({"data": "OK"})

    async def positions(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        catalog, user = self.catalog(), required_user(query)
        chosen = markets(query, catalog, "market")
        least = query.amount("sizeThreshold")
        least = UNIT if least is None else least
        redeemable, mergeable = query.flag("redeemable"), query.flag("mergeable")
        title = _title(query)
        sort, direction = _order(query, SORTS, "TOKENS")
        limit, offset = window(query, 100, 500)
        query.end()
        found = positions(self.venue.engine, of(user, await self.changes()))
        held = {each.token_id: each.size for each in found}

        def kept(each: Position) -> bool:
            resolved = bool(each.market.winning_token_id)
            pair = not resolved and held.get(each.market.other(each.token_id), 0) > 0
            return (
                each.size >= max(least, 1)
                and (chosen is None or each.market in chosen)
                and (not redeemable or resolved)
                and (not mergeable or pair)
                and title in each.market.question.lower()
            )

        found = sorted(filter(kept, found), key=SORTS[sort], reverse=direction == "DESC")
        return answer(
            [
                v1_rows.position(p, held.get(p.market.other(p.token_id), 0), catalog)
                for p in found[offset : offset + limit]
            ]
        )

    async def closed_positions(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        catalog, user = self.catalog(), required_user(query)
        chosen = markets(query, catalog, "market")
        title = _title(query)
        sort, direction = _order(query, CLOSED_SORTS, "REALIZEDPNL")
        limit, offset = window(query, 10, 50, deepest=100_000)
        query.end()
        found = [
            each
            for each in positions(self.venue.engine, of(user, await self.changes()))
            if each.size < DUST
            and (chosen is None or each.market in chosen)
            and title in each.market.question.lower()
        ]
        found.sort(key=CLOSED_SORTS[sort], reverse=direction == "DESC")
        page = found[offset : offset + limit]
        return answer([v1_rows.closed_position(each, catalog) for each in page])

    async def trades(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        catalog, user = self.catalog(), user_of(query)
        chosen = markets(query, catalog, "market")
        side = query.choice("side", SIDES)
        taker_only = query.flag("takerOnly", default=True)
        kind, least = query.choice("filterType", ("CASH", "TOKENS")), query.amount("filterAmount")
        if (kind is None) is not (least is None):
            raise Refused("filterType and filterAmount go together", "filterType")
        limit, offset = window(query, 100, 10_000)
        query.end()
        _check_depth(offset)
        found = [
            change
            for change in reversed(await self.changes())
            if change.kind is Kind.TRADE
            and change.order is not None
            and user in (None, change.wallet)
            and (chosen is None or change.market in chosen)
            and side in (None, change.order.side)
            and (change.is_taker or not taker_only)
            and (change.size if kind == "TOKENS" else abs(change.collateral)) >= (least or 0)
        ]
        return answer([v1_rows.trade(each, catalog) for each in found[offset : offset + limit]])

    async def activity(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        catalog, user = self.catalog(), required_user(query)
        chosen = markets(query, catalog, "market")
        kinds = query.listed("type")
        for kind in kinds:
            if kind not in TYPES:
                raise Refused(f"invalid activity type: {kind}", "type")
        side = query.choice("side", SIDES)
        start, end = query.integer("start", least=0), query.integer("end", least=0)
        start, end = start or self.now - THREE_YEARS, end or self.now + DAY
        sort = query.choice("sortBy", tuple(ACTIVITY_SORTS), "TIMESTAMP") or ""
        direction = query.choice("sortDirection", DIRECTIONS, "DESC")
        limit, offset = window(query, 100, 500)
        query.end()
        _check_depth(offset)
        found = [
            change
            for change in of(user, await self.changes())
            if change.kind is not Kind.TRANSFER
            and (change.kind in kinds if kinds else change.kind is not Kind.TIP)
            and (chosen is None or change.market in chosen)
            and (side is None or (change.order is not None and change.order.side == side))
            and start <= change.at <= end
        ]
        found.sort(key=ACTIVITY_SORTS[sort], reverse=direction == "DESC")
        return answer([v1_rows.activity(each, catalog) for each in found[offset : offset + limit]])

    async def value(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        user = required_user(query)
        chosen = markets(query, self.catalog(), "market")
        query.end()
        found = positions(self.venue.engine, of(user, await self.changes()))
        total = sum(p.value for p in found if chosen is None or p.market in chosen)
        return answer([{"user": wire.checksum(user), "value": decimal(total)}])

    async def traded(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        user = required_user(query)
        query.end()
        count = len(traded(of(user, await self.changes())))
        return answer({"user": wire.checksum(user), "traded": count})


def window(
    query: V1Query, default: int, most: int, *, least: int = 0, deepest: int = DEEPEST
) -> tuple[int, int]:
    """(limit, offset)"""
    limit = query.integer("limit", least=least, most=most)
    offset = query.integer("offset", least=0, most=deepest)
    return default if limit is None else limit, offset or 0


def _check_depth(offset: int) -> None:
    if offset > DEEPEST_FEED:
        raise Refused(TOO_DEEP.format(most=DEEPEST_FEED), "offset")


def _order(query: V1Query, sorts: dict[str, Sort], default: str) -> tuple[str, str]:
    sort = query.choice("sortBy", tuple(sorts), default) or default
    return sort, query.choice("sortDirection", DIRECTIONS, "DESC") or "DESC"


def _title(query: V1Query) -> str:
    title = query.text("title") or ""
    if len(title) > 100:
        raise Refused("title must be at most 100 characters", "title")
    return title.lower()
