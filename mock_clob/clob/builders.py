"""What builders see: the trades that they brought, and their fees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import wire
from mock_clob.builders import Builders, builder_code
from mock_clob.clob.shared import ClobRoutes, RouteTable
from mock_clob.model import UNIT, MakerFill, Order, Side, Trade
from mock_clob.replies import reply
from mock_clob.rules import Rejected


class BuilderRoutes(ClobRoutes):
    def table(self) -> RouteTable:
        return [
            ("GET", "/builder/trades", self.trades),
            ("GET", "/fees/builder-fees/{code}", self.fees),
        ]

    async def trades(self, request: Request) -> Response:
        """Of the builder whose headers ask (py-clob-client), or of `builder_code`: public."""
        query = request.query_params
        if "builder_code" in query:
            code = builder_code(query["builder_code"])
        else:
            key = self.venue.builders.sender(
                request.headers,
                request.method,
                request.url.path,
                await request.body(),
                self.venue.clock.now(),
            )
            code = Builders.code_of(key.address)
        after_ms, before_ms = _span(request)
        rows = [
            row
            for trade in reversed(self.venue.engine.trades.values())
            if after_ms <= trade.matched_ms < before_ms
            for row in _rows(trade, code)
        ]
        wanted = {"id": "id", "market": "market", "asset_id": "assetId", "maker_address": "maker"}
        for name, shown in wanted.items():
            if name in query:
                rows = [row for row in rows if row[shown].lower() == query[name].lower()]
        return self._page(request, rows)

    async def fees(self, request: Request) -> Response:
        fees = self.venue.builders.fees(request.path_params["code"])
        return reply(
            {
                "builder_maker_fee_rate_bps": fees.maker_bps,
                "builder_taker_fee_rate_bps": fees.taker_bps,
            }
        )


def _span(request: Request) -> tuple[int, int]:
    query = request.query_params
    try:
        return int(query.get("after", 0)) * 1000, int(query.get("before", 1 << 53)) * 1000
    except ValueError:
        raise Rejected("trade_params") from None


def _rows(trade: Trade, code: str) -> Iterator[wire.Json]:
    """The orders of a trade that this builder brought."""
    taker = trade.taker
    if taker.builder == code:
        fee = 0 if trade.fee_in_shares else trade.fee
        yield _row(trade, taker, "TAKER", trade.shares, trade.collateral, trade.price, fee)
    for fill in trade.fills:
        if fill.order.builder == code:
            yield _maker_row(trade, fill)


def _maker_row(trade: Trade, fill: MakerFill) -> wire.Json:
    return _row(trade, fill.order, "MAKER", fill.shares, fill.maker_collateral, fill.price, 0)


def _row(
    trade: Trade, order: Order, kind: str, shares: int, collateral: int, price: int, fee: int
) -> wire.Json:
    """`fee` in collateral; what the venue calls `fee` beside `feeUsdc` is taken as shares."""
    in_shares = fee * UNIT // price if order.side is Side.BUY else fee
    return {
        "id": trade.id,
        "tradeType": kind,
        "takerOrderHash": trade.taker.id,
        "builder": order.builder,
        "market": order.market.condition_id,
        "assetId": order.token_id,
        "side": order.side,
        "size": wire.amount(shares),
        "sizeUsdc": wire.amount(collateral),
        "price": wire.price(price),
        "status": trade.status,
        "outcome": order.market.outcome(order.token_id),
        "outcomeIndex": order.market.token_ids.index(order.token_id),
        "owner": order.owner,
        "maker": wire.checksum(order.maker),
        "transactionHash": trade.transaction_hash,
        "matchTime": str(trade.matched_ms // 1000),
        "bucketIndex": trade.bucket_index,
        "fee": wire.amount(in_shares),
        "feeUsdc": wire.amount(fee),
        "err_msg": None,
        "createdAt": _iso(trade.matched_ms),
        "updatedAt": _iso(trade.updated_ms),
    }


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat().replace("+00:00", "Z")
