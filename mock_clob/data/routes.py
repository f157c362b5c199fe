"""The Data API's `/v2` reads, derived from the same state that the CLOB trades on.

Field names are those that polymarket-client 0.14 parses (its models/data). Only settled trades
count. Shares a wallet was given by the scenario count as split at 0.50 each.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_clob import wire
from mock_clob.model import UNIT, Market, Order, Side, Trade, TradeStatus
from mock_clob.replies import reply

if TYPE_CHECKING:
    from mock_clob.venue import Venue

_SETTLED = (TradeStatus.MINED, TradeStatus.CONFIRMED)
_PAGE_SIZE = 100


@dataclass(frozen=True)
class Fill:
    """One wallet's side of a settled trade. Amounts in base units of 1e-6."""

    order: Order
    trade: Trade
    shares: int
    collateral: int
    is_taker: bool


class DataApi:
    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    def routes(self) -> list[Route]:
        return [
            Route("/", self.ok),
            Route("/v2/positions", self.positions),
            Route("/v2/trades", self.trades),
            Route("/v2/activity", self.activity),
            Route("/v2/value", self.value),
        ]

    async def ok(self, request: Request) -> Response:
        return reply({"data": "OK"})

    async def positions(self, request: Request) -> Response:
        user = _user(request)
        if user is None:
            return _bad_user()
        markets = self._markets(request)
        rows = [
            row
            for market in markets
            for token_id in market.token_ids
            if (row := self._position(user, market, token_id))
        ]
        return _page(request, rows)

    async def trades(self, request: Request) -> Response:
        user = request.query_params.get("user", "").lower()
        side = request.query_params.get("side")
        markets = self._markets(request)
        taker_only = request.query_params.get("taker_only", "true") == "true"
        rows = [
            self._trade_row(fill)
            for fill in reversed(list(self._fills(user)))
            if fill.order.market in markets
            and side in (None, fill.order.side)
            and (fill.is_taker or not taker_only)
        ]
        return _page(request, rows)

    async def activity(self, request: Request) -> Response:
        user = _user(request)
        if user is None:
            return _bad_user()
        rows = [
            self._trade_row(fill)
            | {
                "type": "TRADE",
                "is_combo": False,
                "usdc_size": fill.collateral / UNIT,
            }
            for fill in reversed(list(self._fills(user)))
            if fill.order.market in self._markets(request)
        ]
        return _page(request, rows)

    async def value(self, request: Request) -> Response:
        user = _user(request)
        if user is None:
            return _bad_user()
        total = sum(
            self.venue.ledger.balance(user, token_id) * self._price(token_id)
            for market in self._markets(request)
            for token_id in market.token_ids
        )
        return reply({"data": {"proxy_wallet": wire.checksum(user), "value": total / UNIT / UNIT}})

    def _markets(self, request: Request) -> list[Market]:
        wanted = [c for c in request.query_params.get("condition_id", "").split(",") if c]
        listed = self.venue.engine.markets
        return [listed[c] for c in wanted if c in listed] if wanted else list(listed.values())

    def _fills(self, user: str) -> Iterator[Fill]:
        """Settled fills, oldest first; of one wallet, or of everybody when `user` is empty."""
        for trade in self.venue.engine.trades.values():
            if trade.status not in _SETTLED:
                continue
            taker = trade.taker
            if user in ("", taker.maker):
                paid = sum(fill.taker_collateral for fill in trade.fills)
                yield Fill(taker, trade, trade.shares, paid, True)
            for part in trade.fills:
                if user in ("", part.order.maker):
                    yield Fill(part.order, trade, part.shares, part.maker_collateral, False)

    def _price(self, token_id: str) -> int:
        return wire.last_price(self.venue.engine, token_id)

    def _position(self, user: str, market: Market, token_id: str) -> wire.Json | None:
        fills = [f for f in self._fills(user) if f.order.token_id == token_id]
        held = self.venue.ledger.balance(user, token_id)
        bought = sum(f.shares for f in fills if f.order.side is Side.BUY)
        sold = sum(f.shares for f in fills if f.order.side is Side.SELL)
        given = held - bought + sold
        if held == 0 and not fills:
            return None
        entered = given + bought
        spent = given // 2 + sum(f.collateral for f in fills if f.order.side is Side.BUY)
        average = spent / entered if entered else 0.0
        received = sum(f.collateral for f in fills if f.order.side is Side.SELL)
        realized = (received - sold * average) / UNIT
        price = self._price(token_id) / UNIT
        unrealized = held / UNIT * (price - average)
        cost = held / UNIT * average
        total = realized + unrealized
        other = market.other(token_id)
        return {
            "proxy_wallet": wire.checksum(user),
            "token_id": token_id,
            "condition_id": market.condition_id,
            "current_size": held / UNIT,
            "avg_price": average,
            "entry_cost_usdc": cost,
            "entry_fees_usdc": 0,
            "total_cost_usdc": cost,
            "current_price": price,
            "current_value": held / UNIT * price,
            "total_size": entered / UNIT,
            "realized_pnl": realized,
            "unrealized_pnl": unrealized,
            "total_pnl": total,
            "percent_pnl": 100 * total / (spent / UNIT) if spent else 0,
            "percent_realized_pnl": 100 * realized / (spent / UNIT) if spent else 0,
            "status": "OPEN" if held else "CLOSED",
            "redeemable": False,
            "mergeable": bool(held and self.venue.ledger.balance(user, other)),
            "negative_risk": market.neg_risk,
            "archived": False,
            "verified": True,
            "title": market.question,
            "slug": market.slug,
            "icon": None,
            "event_slug": market.slug,
            "outcome": market.outcome(token_id),
            "opposite_outcome": market.outcome(other),
            "outcome_index": market.token_ids.index(token_id),
            "opposite_token_id": other,
            "end_date": market.end_date[:10],
            "last_event_at": fills[-1].trade.updated_ms // 1000 if fills else None,
            "first_entry_at": fills[0].trade.matched_ms // 1000 if fills else None,
        }

    def _trade_row(self, fill: Fill) -> wire.Json:
        order, market = fill.order, fill.order.market
        return {
            "proxy_wallet": wire.checksum(order.maker),
            "token_id": order.token_id,
            "condition_id": market.condition_id,
            "side": order.side,
            "size": fill.shares / UNIT,
            "price": fill.collateral / fill.shares,
            "timestamp": fill.trade.updated_ms // 1000,
            "transaction_hash": fill.trade.transaction_hash,
            "title": market.question,
            "slug": market.slug,
            "icon": None,
            "event_slug": market.slug,
            "outcome": market.outcome(order.token_id),
            "outcome_index": market.token_ids.index(order.token_id),
        }


def _user(request: Request) -> str | None:
    user = request.query_params.get("user", "").lower()
    return user if len(user) == 42 and user.startswith("0x") else None


def _bad_user() -> Response:
    return reply({"error": "required query param 'user' not provided"}, 400)


def _page(request: Request, rows: list[wire.Json]) -> Response:
    query = request.query_params
    try:
        size = min(int(query.get("limit", _PAGE_SIZE)), 1000)
        start = int(b64decode(query["cursor"], validate=True)) if "cursor" in query else 0
    except (ValueError, binascii.Error):
        return reply({"error": "invalid cursor or limit"}, 400)
    page = rows[start : start + size]
    more = start + len(page) < len(rows)
    cursor = b64encode(str(start + len(page)).encode()).decode() if more else None
    return reply({"data": page, "pagination": {"has_more": more, "next_cursor": cursor}})
