"""Public reads: health, markets, books and prices. No key is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import wire
from mock_clob.clob.reward_rows import market_block
from mock_clob.clob.shared import ClobRoutes, RouteTable
from mock_clob.model import UNIT, Market
from mock_clob.replies import reply
from mock_clob.rules import Rejected


class MarketRoutes(ClobRoutes):
    def table(self) -> RouteTable:
        return [
            ("GET", "/", self.ok),
            ("GET", "/ok", self.ok),
            ("GET", "/time", self.time),
            ("GET", "/version", self.version),
            # Markets
            ("GET", "/markets", self.markets),
            ("GET", "/simplified-markets", self.simplified_markets),
            ("GET", "/sampling-markets", self.sampling_markets),
            ("GET", "/sampling-simplified-markets", self.sampling_simplified_markets),
            ("GET", "/markets/{condition_id}", self.market),
            ("GET", "/markets-by-token/{token_id}", self.market_by_token),
            ("GET", "/clob-markets/{condition_id}", self.clob_market),
            ("GET", "/live-activity/events/{condition_id}", self.live_activity),
            ("GET", "/markets/live-activity/{condition_id}", self.live_activity),
            # Books and prices
            ("GET", "/book", self.book),
            ("POST", "/books", self.books),
            ("GET", "/midpoint", self.midpoint),
            ("POST", "/midpoints", self.midpoints),
            ("GET", "/price", self.price),
            ("POST", "/prices", self.prices),
            ("GET", "/spread", self.spread),
            ("POST", "/spreads", self.spreads),
            ("GET", "/last-trade-price", self.last_trade_price),
            ("POST", "/last-trades-prices", self.last_trades_prices),
            ("GET", "/tick-size", self.tick_size),
            ("GET", "/neg-risk", self.neg_risk),
            ("GET", "/fee-rate", self.fee_rate),
        ]

    # Health

    async def ok(self, request: Request) -> Response:
        return reply("OK")

    async def time(self, request: Request) -> Response:
        return reply(self.venue.clock.now_ms() // 1000)

    async def version(self, request: Request) -> Response:
        return reply({"version": min(self.venue.options.exchange, 2)})

    # Markets

    async def markets(self, request: Request) -> Response:
        return self._market_page(request, wire.market, self.venue.engine.markets.values())

    async def simplified_markets(self, request: Request) -> Response:
        listed = self.venue.engine.markets.values()
        return self._market_page(request, wire.simplified_market, listed)

    async def sampling_markets(self, request: Request) -> Response:
        """Those that pay liquidity rewards now."""
        return self._market_page(request, wire.market, self._rewarded())

    async def sampling_simplified_markets(self, request: Request) -> Response:
        return self._market_page(request, wire.simplified_market, self._rewarded())

    def _rewarded(self) -> list[Market]:
        return [market for market, _ in self.venue.rewards.markets()]

    def _market_page(
        self, request: Request, shape: Callable[..., wire.Json], listed: Iterable[Market]
    ) -> Response:
        return self._page(request, [self._market(shape, market) for market in listed])

    def _market(self, shape: Callable[..., wire.Json], market: Market) -> wire.Json:
        rewards = {"rewards": market_block(self.venue, market)}
        return shape(market, self.venue.engine) | rewards

    async def market(self, request: Request) -> Response:
        market = self.venue.engine.markets.get(request.path_params["condition_id"])
        if market is None:
            raise Rejected("market_not_found")
        return reply(self._market(wire.market, market))

    async def market_by_token(self, request: Request) -> Response:
        market = self.venue.engine.by_token.get(request.path_params["token_id"])
        if market is None:
            raise Rejected("market_not_found")
        yes, no = market.token_ids
        return reply(
            {
                "condition_id": market.condition_id,
                "primary_token_id": yes,
                "secondary_token_id": no,
            }
        )

    async def clob_market(self, request: Request) -> Response:
        market = self.venue.engine.markets.get(request.path_params["condition_id"])
        if market is None:
            raise Rejected("market_not_found")
        return reply(wire.clob_market(market))

    async def live_activity(self, request: Request) -> Response:
        market = self.venue.engine.markets.get(request.path_params["condition_id"])
        if market is None:
            raise Rejected("market_not_found")
        made = [t for t in self.venue.engine.trades.values() if t.taker.market is market]
        return reply([wire.activity(trade) for trade in reversed(made)])

    # Books and prices

    async def book(self, request: Request) -> Response:
        return reply(self._book(self._token(request.query_params.get("token_id"))))

    async def books(self, request: Request) -> Response:
        # A token without a book is left out, as far as is known.
        known = self.venue.engine.by_token
        asked = [entry["token_id"] for entry in await self._entries(request)]
        return reply([self._book(token_id) for token_id in asked if token_id in known])

    def _book(self, token_id: str) -> wire.Json:
        return wire.book(self.venue.engine, token_id, self.venue.clock.now_ms())

    async def midpoint(self, request: Request) -> Response:
        return reply({"mid": self._midpoint(self._token(request.query_params.get("token_id")))})

    async def midpoints(self, request: Request) -> Response:
        tokens = [self._token(entry["token_id"]) for entry in await self._entries(request)]
        return reply({token_id: self._midpoint(token_id) for token_id in tokens})

    def _midpoint(self, token_id: str) -> str:
        bid, ask = self._best(token_id)
        return wire.price((bid + ask) // 2)

    async def price(self, request: Request) -> Response:
        """BUY is the best bid and SELL the best ask: what a resting order of that side pays."""
        token_id = self._token(request.query_params.get("token_id"))
        return reply({"price": self._price(token_id, request.query_params.get("side", ""))})

    async def prices(self, request: Request) -> Response:
        found: dict[str, dict[str, str]] = {}
        for entry in await self._entries(request):
            token_id, side = self._token(entry["token_id"]), entry.get("side", "")
            found.setdefault(token_id, {})[side] = self._price(token_id, side)
        return reply(found)

    def _price(self, token_id: str, side: Any) -> str:
        if side not in ("BUY", "SELL"):
            raise Rejected("side")
        bid, ask = wire.best(self.venue.engine, token_id)
        return wire.price((bid if side == "BUY" else ask) or 0)

    async def spread(self, request: Request) -> Response:
        bid, ask = self._best(self._token(request.query_params.get("token_id")))
        return reply({"spread": wire.price(ask - bid)})

    async def spreads(self, request: Request) -> Response:
        found = {}
        for entry in await self._entries(request):
            token_id = self._token(entry["token_id"])
            bid, ask = self._best(token_id)
            found[token_id] = wire.price(ask - bid)
        return reply(found)

    async def last_trade_price(self, request: Request) -> Response:
        return reply(self._last(self._token(request.query_params.get("token_id"))))

    async def last_trades_prices(self, request: Request) -> Response:
        tokens = [self._token(entry["token_id"]) for entry in await self._entries(request)]
        return reply([{"token_id": token_id} | self._last(token_id) for token_id in tokens])

    def _last(self, token_id: str) -> wire.Json:
        engine = self.venue.engine
        return {
            "price": wire.price(wire.last_price(engine, token_id)),
            "side": wire.last_side(engine, token_id),
        }

    async def tick_size(self, request: Request) -> Response:
        token_id = self._token(request.query_params.get("token_id"))
        return reply({"minimum_tick_size": self.venue.engine.by_token[token_id].tick / UNIT})

    async def neg_risk(self, request: Request) -> Response:
        token_id = self._token(request.query_params.get("token_id"))
        return reply({"neg_risk": self.venue.engine.by_token[token_id].neg_risk})

    async def fee_rate(self, request: Request) -> Response:
        token_id = self._token(request.query_params.get("token_id"))
        return reply({"base_fee": self.venue.engine.by_token[token_id].fee_rate_bps})
