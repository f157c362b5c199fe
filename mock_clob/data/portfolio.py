"""GET /v2/positions, /v2/value and what else v2 tells of one wallet's books."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import wire
from mock_clob.data import rows
from mock_clob.data.books import DUST, Position, positions
from mock_clob.data.changes import Change
from mock_clob.data.pages import Walk
from mock_clob.data.refusals import BAD_SORT, NO_ANCHOR, Handler, Refused, answer
from mock_clob.data.requests import V2Query, combos, markets, required_user, user_of
from mock_clob.data.shared import DataRoutes, of
from mock_clob.exact_json import ratio, with_point
from mock_clob.model import Market

STATUSES = ("OPEN", "REDEEMABLE", "REDEEMABLE_LOST", "MERGEABLE", "CLOSED")
SORTS: dict[str, Callable[[Position], int]] = {
    "CURRENT_VALUE": lambda p: p.value,
    "PRICE": lambda p: p.price,
    "TOKENS": lambda p: p.size,
    "UNREALIZED_PNL": lambda p: p.unrealized,
    "REALIZED_PNL": lambda p: p.realized,
    "TOTAL_PNL": lambda p: p.total,
    "TIMESTAMP": lambda p: p.last_at,
}
DEFAULT_SORT = {"CLOSED": "REALIZED_PNL", "MERGEABLE": "TOKENS"}
OF_WHAT_IS_GONE = ("TOKENS", "CURRENT_VALUE", "PRICE", "UNREALIZED_PNL")
COMBO_STATUSES = (
    "OPEN",
    "REDEEMABLE",
    "PARTIAL",
    "RESOLVED_WIN",
    "RESOLVED_LOSS",
    "RESOLVED_PARTIAL",
)
COMBO_SORTS = ("FIRST_ENTRY", "ENTRY_COST", "CURRENT_VALUE", "UPDATED")


@dataclass(frozen=True)
class Wanted:
    """Which positions a request asks for. Amounts in base units, times in seconds."""

    user: str | None
    markets: list[Market] | None
    status: str
    title: str
    filter_type: str
    filter_amount: int
    start: int | None
    end: int | None

    @property
    def floor(self) -> int:
        """The smallest holding that is open."""
        return self.filter_amount if self.filter_type == "TOKENS" else DUST

    def takes(self, position: Position, opposite: int) -> bool:
        resolved = bool(position.market.winning_token_id)
        if self.markets is not None and position.market not in self.markets:
            return False
        if self.user not in (None, position.wallet) or not _like(
            self.title, position.market.question
        ):
            return False
        if (self.start and position.last_at < self.start) or (
            self.end and position.last_at > self.end
        ):
            return False
        if self.status == "CLOSED":
            return position.size < (DUST if self.user else self.floor)
        if position.size < self.floor:
            return False
        if self.filter_type == "CASH" and position.value < self.filter_amount:
            return False
        return {
            "OPEN": True,
            "REDEEMABLE": resolved,
            "REDEEMABLE_LOST": resolved and not position.price,
            "MERGEABLE": not resolved and opposite > 0,
        }[self.status]


class PortfolioRoutes(DataRoutes):
    def table(self) -> dict[str, Handler]:
        return {
            "/v2/positions": self.positions,
            "/v2/positions/combos": self.combo_positions,
            "/v2/value": self.value,
        }

    async def positions(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        catalog, user = self.catalog(), user_of(query)
        chosen = markets(query, catalog, "condition", "condition_id")
        one = query.given("condition", "condition_id")
        if user is None and not one:
            raise Refused(NO_ANCHOR)
        if user is None and len(query.listed("condition", "condition_id")) != 1:
            raise Refused("exactly one condition without a user", "condition")
        if user:
            self.refuse_contracts(user)
        walk = Walk(query, "/v2/positions")
        status = walk.bind("status", query.choice("status", STATUSES), "OPEN")
        archived = query.flag("include_archived")
        if archived and status == "CLOSED":
            raise Refused("include_archived does not go with CLOSED", "include_archived")
        if status == "REDEEMABLE_LOST" and user is None:
            raise Refused("REDEEMABLE_LOST requires user", "status")
        if status == "MERGEABLE" and user is None:
            status = "OPEN"  # [docs] so it renders
        sort = query.text("sort_by")
        if sort is not None and sort not in SORTS:
            raise Refused(BAD_SORT.format(value=sort), "sort_by")
        sort = walk.bind("sort_by", sort, DEFAULT_SORT.get(status, "CURRENT_VALUE"))
        direction = walk.bind(
            "sort_direction", query.choice("sort_direction", ("ASC", "DESC")), "DESC"
        )
        wanted = Wanted(
            user=user,
            markets=chosen,
            status=status,
            title=_title(query),
            filter_type=query.choice("filter_type", ("CASH", "TOKENS"), "TOKENS") or "",
            filter_amount=_floor(query),
            start=query.second("start"),
            end=query.second("end"),
        )
        query.end()
        found = _of_engine(self, await self.changes())
        held = {(each.wallet, each.token_id): each.size for each in found}

        def opposite(position: Position) -> int:
            return held.get((position.wallet, position.market.other(position.token_id)), 0)

        kept = [each for each in found if wanted.takes(each, opposite(each))]
        if status == "CLOSED" and user and sort in OF_WHAT_IS_GONE:
            sort = "REALIZED_PNL"
        kept.sort(key=SORTS[sort], reverse=direction == "DESC")
        if status == "REDEEMABLE":
            kept.sort(key=lambda each: not each.price)  # the winners first
        return walk.page(kept, lambda each: rows.position(each, opposite(each), catalog))

    async def combo_positions(self, request: Request) -> Response:
        """Nobody has combos here."""
        query = V2Query(request.query_params)
        self.refuse_contracts(required_user(query))
        combos(query)
        if any(text not in COMBO_STATUSES for text in query.listed("status")):
            raise Refused(f"status must be one of {', '.join(COMBO_STATUSES)}", "status")
        if query.text("sort_by") not in (None, *COMBO_SORTS):
            raise Refused(f"sortBy must be one of {', '.join(COMBO_SORTS)}", "sort_by")
        query.choice("sort_direction", ("ASC", "DESC"))
        after, before = query.second("updated_after"), query.second("updated_before")
        if after and before and before < after:
            raise Refused("updated_before precedes updated_after", "updated_before")
        walk = Walk(query, "/v2/positions/combos")
        query.end()
        return walk.page([], lambda row: row)

    async def value(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        user = self.refuse_contracts(required_user(query))
        chosen = markets(query, self.catalog(), "condition", "condition_id")
        query.end()
        found = positions(self.venue.engine, of(user, await self.changes()))
        total = sum(p.value for p in found if chosen is None or p.market in chosen)
        value = with_point(ratio(total, 100, 0), 4)  # [docs] rounded to 4 decimals
        return answer({"data": {"proxy_wallet": wire.checksum(user), "value": value}})


def _of_engine(routes: DataRoutes, found: Iterable[Change]) -> list[Position]:
    """Positions in the order in which the venue lists their markets, Yes first."""
    engine = routes.venue.engine
    order = {condition_id: at for at, condition_id in enumerate(engine.markets)}
    return sorted(
        positions(engine, found),
        key=lambda p: (order[p.market.condition_id], p.market.token_ids.index(p.token_id)),
    )


def _title(query: V2Query) -> str:
    title = (query.text("title") or "").strip()
    if len(title) > 200:
        raise Refused("title must be at most 200 characters", "title")
    return title


def _floor(query: V2Query) -> int:
    """[docs] A value that is no number falls back to the default; here it is refused."""
    amount = query.amount("filter_amount")
    if amount is not None:
        return amount
    return DUST if query.choice("filter_type", ("CASH", "TOKENS")) != "CASH" else 0


def _like(title: str, text: str) -> bool:
    """A substring in any case, in which % and _ mean what they do in SQL."""
    pattern = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in title)
    return re.search(pattern, text, re.IGNORECASE | re.DOTALL) is not None
