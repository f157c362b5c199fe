"""GET /v2/trades and /v2/activity: what happened, newest first, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.data import rows
from mock_clob.data.changes import Change, Kind
from mock_clob.data.pages import Walk
from mock_clob.data.refusals import ONLY_TIMESTAMP, Handler, Refused
from mock_clob.data.requests import V2Query, combos, markets, required_user, user_of
from mock_clob.data.shared import DAY, DataRoutes, of

THREE_YEARS = 3 * 365 * DAY
SIDES = ("BUY", "SELL")
LEAST_TRADE = 10_000  # [docs] 0.01: what filter_amount is when it is not given, or 0
# [docs] All that may be asked for. The mock has none of those that are no Kind.
TYPES = (
    *("TRADE", "SPLIT", "MERGE", "REDEEM", "REWARD", "CONVERSION", "MIGRATION", "DEPOSIT"),
    *("WITHDRAWAL", "YIELD", "MAKER_REBATE", "TAKER_REBATE", "REFERRAL_REWARD", "TIP"),
)


class FeedRoutes(DataRoutes):
    def table(self) -> dict[str, Handler]:
        return {
            "/v2/trades": self.trades,
            "/v2/activity": self.activity,
            "/v2/activity/combos": self.combo_activity,
        }

    async def trades(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        catalog, user = self.catalog(), user_of(query)
        if user:
            self.refuse_contracts(user)
        chosen = markets(query, catalog, "condition", "condition_id")
        side = _one_of(query, "side", SIDES, "side must be BUY or SELL")
        kind = _one_of(query, "filter_type", ("CASH", "TOKENS"), FILTER_TYPE) or "TOKENS"
        least = query.amount("filter_amount") or LEAST_TRADE
        taker_only = query.flag("taker_only", default=True)
        start, end = query.second("start"), query.second("end")
        walk = Walk(query, "/v2/trades")
        query.end()
        if user:
            start, end = self._window(start, end)
        elif chosen is None:
            start, end = _month_before(self.now), self.now + DAY
        else:  # [docs] a window of its own; bounds are for a user's trades
            start, end = self._window(None, None)
        found = [
            change
            for change in reversed(await self.changes())
            if change.kind is Kind.TRADE
            and change.order is not None
            and user in (None, change.wallet)
            and (chosen is None or change.market in chosen)
            and side in (None, change.order.side)
            and (change.is_taker or not taker_only)
            and start <= change.at <= end
            and (change.size if kind == "TOKENS" else abs(change.collateral)) >= least
        ]
        return walk.feed(found, lambda change: rows.trade(change, catalog), ascending=False)

    async def activity(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        catalog, user = self.catalog(), self.refuse_contracts(required_user(query))
        chosen = markets(query, catalog, "condition", "condition_id")
        kinds = query.listed("type")
        for kind in kinds:
            if kind not in TYPES:
                raise Refused(f"invalid activity type: {kind}", "type")
        side = _one_of(query, "side", SIDES, "side must be BUY or SELL")
        if query.text("sort_by") not in (None, "TIMESTAMP"):
            raise Refused(ONLY_TIMESTAMP, "sort_by")
        direction = query.choice("sort_direction", ("ASC", "DESC"))
        quiet = query.flag("exclude_deposits_withdrawals", default=True)
        start, end = self._window(query.second("start"), query.second("end"))
        walk = Walk(query, "/v2/activity")
        ascending = walk.bind("sort_direction", direction, "DESC") == "ASC"
        query.end()
        found = [
            change
            for change in of(user, await self.changes())
            if _shown(change, kinds, quiet=bool(quiet))
            and (chosen is None or change.market in chosen)
            and (side is None or (change.order is not None and change.order.side == side))
            and start <= change.at <= end
        ]
        if not ascending:
            found.reverse()
        return walk.feed(found, lambda change: rows.activity(change, catalog), ascending=ascending)

    async def combo_activity(self, request: Request) -> Response:
        """Nobody has combos here."""
        query = V2Query(request.query_params)
        self.refuse_contracts(required_user(query))
        combos(query)
        walk = Walk(query, "/v2/activity/combos")
        query.end()
        return walk.page([], lambda row: row)

    def _window(self, start: int | None, end: int | None) -> tuple[int, int]:
        return start or self.now - THREE_YEARS, end or self.now + DAY


FILTER_TYPE = "filterType must be CASH or TOKENS"


def _one_of(query: V2Query, name: str, choices: Iterable[str], text: str) -> str | None:
    value = query.text(name)
    if value is not None and value not in choices:
        raise Refused(text, name)
    return value


def _shown(change: Change, kinds: list[str], *, quiet: bool) -> bool:
    if change.kind is Kind.TRANSFER or (kinds and change.kind not in kinds):
        return False
    if change.kind is Kind.TIP:
        return bool(kinds)  # only where it is asked for
    if change.kind in (Kind.DEPOSIT, Kind.WITHDRAWAL):
        return not quiet
    return True


def _month_before(now: int) -> int:
    """The first second of the previous month, UTC."""
    today = datetime.fromtimestamp(now, UTC)
    year, month = divmod(today.year * 12 + today.month - 2, 12)
    return int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp())
