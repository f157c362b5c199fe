"""The Data API: both editions side by side, derived from one list of what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from mock_clob.data.accounting import AccountingRoutes
from mock_clob.data.approvals import ApprovalRoutes
from mock_clob.data.boards import BoardRoutes
from mock_clob.data.chain_log import ChainLog
from mock_clob.data.feeds import FeedRoutes
from mock_clob.data.history import HistoryRoutes
from mock_clob.data.markets import MarketDataRoutes
from mock_clob.data.portfolio import PortfolioRoutes
from mock_clob.data.profits import ProfitRoutes
from mock_clob.data.v1_markets import V1MarketRoutes
from mock_clob.data.v1_wallet import V1WalletRoutes

if TYPE_CHECKING:
    from mock_clob.venue import Venue

GROUPS = (
    PortfolioRoutes,
    FeedRoutes,
    MarketDataRoutes,
    HistoryRoutes,
    ProfitRoutes,
    BoardRoutes,
    V1WalletRoutes,
    V1MarketRoutes,
    AccountingRoutes,
    ApprovalRoutes,
)


class DataApi:
    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self._log = ChainLog()

    def routes(self) -> list[Route]:
        return [route for group in GROUPS for route in group(self.venue, self._log).routes()]
