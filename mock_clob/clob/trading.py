"""Orders and trades: placed, cancelled, read back; heartbeats."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import rules, wire
from mock_clob.auth import Credentials
from mock_clob.clob.shared import RATE_LIMIT_HEADERS, UNTRUE, ClobRoutes, RouteTable
from mock_clob.model import Order, Trade
from mock_clob.replies import reply
from mock_clob.rules import Rejected
from mock_clob.signed_order import parse_json
from mock_clob.submit import submit

LAG_MS = 2_000  # how long the fault cancel_lag still shows a canceled order


class TradingRoutes(ClobRoutes):
    def table(self) -> RouteTable:
        return [
            # Orders
            ("POST", "/order", self.post_order),
            ("POST", "/orders", self.post_orders),
            ("DELETE", "/order", self.cancel),
            ("DELETE", "/orders", self.cancel_orders),
            ("DELETE", "/cancel-all", self.cancel_all),
            ("DELETE", "/cancel-market-orders", self.cancel_market_orders),
            ("POST", "/v1/heartbeats", self.heartbeat),
            ("GET", "/data/order/{order_id}", self.order),
            ("GET", "/data/orders", self.orders),
            ("GET", "/data/trades", self.trades),
            ("GET", "/order-scoring", self.order_scoring),
            ("POST", "/orders-scoring", self.orders_scoring),
        ]

    # Orders

    async def _placing(self, request: Request) -> Credentials:
        """Who sends orders; refused while none are taken."""
        self.venue.modes.check_region()
        sender = await self._canceling(request)
        self.venue.modes.check_placing()
        return sender

    async def _canceling(self, request: Request) -> Credentials:
        """Who sends cancels; refused while the matching engine is away."""
        sender = await self._sender(request)
        self.venue.modes.check_trading(self.venue.clock.now_ms())
        return sender

    async def post_order(self, request: Request) -> Response:
        sender = await self._placing(request)
        self._charge(request, sender, 1)
        envelope = parse_json(await request.body())
        try:
            placed = submit(self.venue, sender, envelope)
        finally:
            self.venue.publish()  # of a killed order, too
        return reply((await self._placed(request, [placed]))[0])

    async def post_orders(self, request: Request) -> Response:
        sender = await self._placing(request)
        envelopes = parse_json(await request.body())
        if not isinstance(envelopes, list) or not envelopes:
            raise Rejected("payload")
        if len(envelopes) > rules.MAX_BATCH:
            raise Rejected("too_many_orders", count=len(envelopes), limit=rules.MAX_BATCH)
        self._charge(request, sender, len(envelopes))
        outcomes: list[tuple[Order, Trade | None] | str] = []
        for envelope in envelopes:
            try:
                outcomes.append(submit(self.venue, sender, envelope))
            except Rejected as error:
                outcomes.append(error.text)
        legs = iter(await self._placed(request, [o for o in outcomes if not isinstance(o, str)]))
        return reply([wire.refused_leg(o) if isinstance(o, str) else next(legs) for o in outcomes])

    async def _placed(
        self, request: Request, placed: list[tuple[Order, Trade | None]]
    ) -> list[wire.Json]:
        trades = [trade for _, trade in placed if trade]
        self.venue.matched(trades)
        self.venue.delays.watch()
        # Until 2026-07-24 the reply carried the transaction hash; since then it comes later.
        without_hashes = request.scope.get(UNTRUE) == "matched_without_hashes"
        synchronous = self.venue.options.exchange == 1 and not without_hashes
        if synchronous and trades and self.venue.settlement.mode == "auto":
            await self.venue.settlement.settle()
        return [
            wire.order_reply(
                order, trade, [trade.transaction_hash] if trade and synchronous else []
            )
            for order, trade in placed
        ]

    async def cancel(self, request: Request) -> Response:
        sender = await self._canceling(request)
        self._charge(request, sender, 1)
        body = parse_json(await request.body())
        order_id = body.get("orderID") if isinstance(body, dict) else None
        if not isinstance(order_id, str) or not order_id:
            raise Rejected("order_id")
        return self._cancel(sender, [order_id])

    async def cancel_orders(self, request: Request) -> Response:
        sender = await self._canceling(request)
        ids = parse_json(await request.body())
        if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
            raise Rejected("order_id")
        if len(ids) > rules.MAX_CANCELS:
            raise Rejected("too_many_cancels", limit=rules.MAX_CANCELS)
        self._charge(request, sender, len(ids))
        return self._cancel(sender, ids)

    async def cancel_all(self, request: Request) -> Response:
        sender = await self._canceling(request)
        self._charge(request, sender, 1)
        return self._mass_cancel(request, sender, [order.id for order in self._open(sender)])

    async def cancel_market_orders(self, request: Request) -> Response:
        sender = await self._canceling(request)
        self._charge(request, sender, 1)
        body = parse_json(await request.body())
        if not isinstance(body, dict):
            raise Rejected("order_params")
        market, token_id = body.get("market", ""), body.get("asset_id", "")
        chosen = [
            order.id
            for order in self._open(sender)
            if market in ("", order.market.condition_id) and token_id in ("", order.token_id)
        ]
        return self._mass_cancel(request, sender, chosen)

    def _mass_cancel(self, request: Request, sender: Credentials, ids: list[str]) -> Response:
        """A mass cancel costs one more token for each order it cancels, known only now."""
        answer = self._cancel(sender, ids)
        if self.venue.options.signer_mode != "off":
            now = self.venue.clock.now()
            request.scope[RATE_LIMIT_HEADERS] |= self.venue.signers.debit(
                sender.address, len(ids), now
            )
        return answer

    def _cancel(self, sender: Credentials, ids: list[str]) -> Response:
        canceled, not_canceled = [], {}
        for order_id in dict.fromkeys(ids):
            order = self.venue.engine.open.get(order_id)
            mine = order is not None and order.signer == sender.address
            if mine and self.venue.engine.cancel(order_id, self.venue.clock.now_ms()):
                canceled.append(order_id)
            elif self._delayed(sender, order_id):
                not_canceled[order_id] = rules.NOT_CANCELED_DELAYED
            else:
                not_canceled[order_id] = rules.NOT_CANCELED
        self.venue.publish()
        return reply({"canceled": canceled, "not_canceled": not_canceled})

    async def heartbeat(self, request: Request) -> Response:
        sender = await self._sender(request)
        body = parse_json(await request.body())
        given = body.get("heartbeat_id") if isinstance(body, dict) else None
        accepted, heartbeat_id = self.venue.heartbeats.beat(
            sender.api_key, given or "", self.venue.clock.now_ms()
        )
        if not accepted:
            text = {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": heartbeat_id}
            return reply(text, 400)
        return reply({"heartbeat_id": heartbeat_id})

    async def order(self, request: Request) -> Response:
        """An open or a delayed order. A closed or unknown one answers `null`, as at the venue."""
        sender = await self._sender(request)
        order_id = request.path_params["order_id"]
        order = self.venue.engine.open.get(order_id) or self._delayed(sender, order_id)
        if order is not None and order.signer == sender.address:
            return reply(wire.open_order(order))
        lagging = [each for each in self._lagging(request, sender) if each["id"] == order_id]
        return reply(lagging[0] if lagging else None)

    def _lagging(self, request: Request, sender: Credentials) -> list[wire.Json]:
        """Under the fault cancel_lag: what was canceled a moment ago, as if it still lived."""
        if request.scope.get(UNTRUE) != "cancel_lag":
            return []
        since = self.venue.clock.now_ms() - LAG_MS
        return [
            wire.open_order(order) | {"status": "LIVE"}
            for order in self.venue.engine.orders.values()
            if order.signer == sender.address and order.canceled_ms > since
        ]

    def _delayed(self, sender: Credentials, order_id: str) -> Order | None:
        order = self.venue.engine.delayed.get(order_id)
        return order if order and order.signer == sender.address else None

    async def orders(self, request: Request) -> Response:
        sender = await self._sender(request)
        query = request.query_params
        chosen = [
            wire.open_order(order)
            for order in self._open(sender)
            if query.get("id", order.id) == order.id
            and query.get("market", order.market.condition_id) == order.market.condition_id
            and query.get("asset_id", order.token_id) == order.token_id
        ]
        return self._page(request, chosen + self._lagging(request, sender))

    async def trades(self, request: Request) -> Response:
        sender = await self._sender(request)
        query = request.query_params
        try:
            after = int(query.get("after", 0)) * 1000
            before = int(query.get("before", 1 << 53)) * 1000
        except ValueError:
            raise Rejected("trade_params") from None
        chosen = []
        for trade in reversed(self.venue.engine.trades.values()):
            orders = [trade.taker, *(fill.order for fill in trade.fills)]
            mine = [order for order in orders if order.signer == sender.address]
            tokens = {order.token_id for order in mine}
            makers = {order.maker for order in mine}
            if (
                mine
                and query.get("id", trade.id) == trade.id
                and query.get("market", trade.taker.market.condition_id)
                == trade.taker.market.condition_id
                and ("asset_id" not in query or query["asset_id"] in tokens)
                and ("maker_address" not in query or query["maker_address"].lower() in makers)
                and after <= trade.matched_ms < before
            ):
                chosen.append(wire.trade(trade, sender.api_key))
        return self._page(request, chosen)

    async def order_scoring(self, request: Request) -> Response:
        """Whether an own order earns liquidity rewards; False for any other id."""
        sender = await self._sender(request)
        return reply({"scoring": self._scores(sender, request.query_params.get("order_id", ""))})

    async def orders_scoring(self, request: Request) -> Response:
        sender = await self._sender(request)
        ids = parse_json(await request.body())
        if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
            raise Rejected("order_id")
        return reply({order_id: self._scores(sender, order_id) for order_id in ids})

    def _scores(self, sender: Credentials, order_id: str) -> bool:
        order = self.venue.engine.open.get(order_id)
        return bool(order and order.signer == sender.address and self.venue.rewards.scores(order))
