"""What a wallet has gained and traded: GET /v2/user-pnl, /v2/user-stats, /v2/user-volume.

Figures are cumulative and of everything that settled. Fees lower the profit here, and are told
beside it; positions tell theirs without.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import wire
from mock_clob.data.books import Marks, Totals, positions, totals
from mock_clob.data.changes import START, Change, Kind
from mock_clob.data.refusals import Handler, Refused, answer
from mock_clob.data.requests import V2Query, required_user
from mock_clob.data.shared import DAY, DataRoutes, of
from mock_clob.exact_json import with_point
from mock_clob.gamma.profiles import profile_of
from mock_clob.model import UNIT
from mock_clob.wire import Json

HOUR = 3_600
# [docs] name -> seconds; of max and all the series begins with the wallet's first change.
INTERVALS = {
    "max": 0,
    "all": 0,
    "1m": 30 * DAY,
    "1w": 7 * DAY,
    "1d": DAY,
    "12h": 12 * HOUR,
    "6h": 6 * HOUR,
}
FIDELITIES = {"1d": DAY, "18h": 18 * HOUR, "12h": 12 * HOUR, "3h": 3 * HOUR, "1h": HOUR}


class ProfitRoutes(DataRoutes):
    def table(self) -> dict[str, Handler]:
        return {
            "/v2/user-pnl": self.pnl,
            "/v2/user-stats": self.stats,
            "/v2/user-volume": self.volume,
        }

    async def pnl(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        user = self.refuse_contracts(required_user(query, "user_address"))
        interval = query.text("interval") or "1d"
        if interval not in INTERVALS:
            raise Refused(f"interval must be one of {', '.join(INTERVALS)}", "interval")
        fidelity = query.text("fidelity") or "1h"
        if fidelity not in FIDELITIES:
            raise Refused(f"fidelity must be one of {', '.join(FIDELITIES)}", "fidelity")
        query.end()
        mine = of(user, await self.changes())
        step, first = FIDELITIES[fidelity], mine[0].at if mine else self.now
        begin = max(first, self.now - INTERVALS[interval]) if INTERVALS[interval] else first
        grid = range(-(-begin // step) * step, self.now + 1, step) if mine else range(0)
        return answer(
            {
                "data": {
                    "proxy_wallet": wire.checksum(user),
                    "interval": interval,
                    "fidelity": fidelity,
                    "source_fidelity": fidelity,
                    "points": [self._point(each) for each in self._totals(mine, grid)],
                }
            }
        )

    async def stats(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        user = self.refuse_contracts(required_user(query))
        query.end()
        mine = of(user, await self.changes())
        if not mine and profile_of(user) is None:
            return answer({"data": None})
        wins = [p.total for p in positions(self.venue.engine, mine) if p.market.winning_token_id]
        best = max(wins, default=0)
        [last] = self._totals(mine, [self.now])
        return answer(
            {
                "data": {
                    "proxy_wallet": wire.checksum(user),
                    "trades": len(traded(mine)),
                    "biggest_win": with_point(best if best > UNIT else 0),
                    "views": 0,
                    "join_date": START if profile_of(user) else None,
                    "all_time_pnl": self._point(last) if mine else None,
                }
            }
        )

    async def volume(self, request: Request) -> Response:
        """In whole UTC days; a window that ends before it begins has nothing in it."""
        query = V2Query(request.query_params)
        user = self.refuse_contracts(required_user(query))
        start, end = query.second("start"), query.second("end")
        query.end()
        first = (start or 0) // DAY * DAY
        last = end // DAY * DAY + DAY if end else self.now + DAY
        mine = [
            change
            for change in of(user, await self.changes())
            if change.kind is Kind.TRADE and first <= change.at < last
        ]
        return answer(
            {
                "data": {
                    "volume": with_point(sum(change.size for change in mine)),
                    "volume_usdc": with_point(sum(abs(change.collateral) for change in mine)),
                    "trade_count": len(mine),
                }
            }
        )

    def _totals(self, mine: Sequence[Change], instants: Sequence[int]) -> list[Totals]:
        return list(totals(Marks(self.venue.engine), mine, instants))

    def _point(self, at: Totals) -> Json:
        market = at.realized - at.fees
        position = None if at.unrealized is None else market + at.unrealized
        trade = None if position is None else position + at.fees
        chain = self.venue.chain
        return {
            "timestamp": at.at,
            "source_block": chain.block_number if chain else 0,
            "realized_market_pnl": with_point(market),
            "realized_lp_pnl": with_point(0),
            "realized_combo_pnl": with_point(0),
            "realized_pnl": with_point(market),
            "unrealized_pnl": _known(at.unrealized),
            "position_pnl": _known(position),
            "settled_pnl": with_point(market),
            "economic_pnl": _known(position),
            "trade_pnl": _known(trade),
            "fees": with_point(-at.fees),
            "fees_paid": with_point(-at.fees),
            "fees_refunded": with_point(0),
            # What the CLOB pays as rewards and rebates does not come here.
            **dict.fromkeys(_NO_INCOME),
            "deposits": with_point(at.deposits),
            "withdrawals": with_point(at.withdrawals),
            "cashflow_net": with_point(at.deposits - at.withdrawals),
            "volume": with_point(at.volume),
            "volume_usdc": with_point(at.volume_usdc),
            "trade_count": at.fills,
        }


_NO_INCOME = (
    "maker_rebate",
    "taker_rebate",
    "reward_income",
    "yield_income",
    "referral_income",
    "sponsored_income",
    "wallet_income",
)


def _known(units: int | None) -> object:
    """A mark that is not known is null, never zero."""
    return None if units is None else with_point(units)


def traded(mine: Sequence[Change]) -> set[str]:
    """Condition ids of the markets that a wallet has traded."""
    return {c.market.condition_id for c in mine if c.kind is Kind.TRADE and c.market}
