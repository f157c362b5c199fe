"""The CLOB's REST routes: they read the request, ask the engine and answer; they decide nothing.

Paths, methods and bodies are those that py-clob-client 0.34.6 sends (its endpoints.py), with the
newer reads that CLOB V2 added.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_clob import rules, wire
from mock_clob.auth import Credentials, Stranger
from mock_clob.ledger import COLLATERAL, UNLIMITED
from mock_clob.model import UNIT, Order, Trade
from mock_clob.rules import Rejected
from mock_clob.signed_order import parse_json
from mock_clob.submit import submit
from mock_clob.throttle import bucket_of

if TYPE_CHECKING:
    from mock_clob.venue import Venue

Handler = Callable[[Request], Awaitable[Response]]

_FIRST, _END = "MA==", "LTE="
# Where a route leaves headers for its reply, whether it answers or refuses.
RATE_LIMIT_HEADERS = "mock_clob.rate_limit_headers"


def reply(value: Any, status: int = 200) -> Response:
    return Response(wire.dumps(value), status, media_type="application/json")


def refusal(error: Rejected) -> Response:
    body: dict[str, Any] = {"error": error.text}
    if error.key in ("fok", "fak"):
        body["orderID"] = error.order_id
    return reply(body, error.status)


async def on_rejected(request: Request, error: Exception) -> Response:
    assert isinstance(error, Rejected)
    request.scope["mock_clob.verdict"] = error.key
    return refusal(error)


async def on_stranger(request: Request, error: Exception) -> Response:
    return reply({"error": str(error)}, 401)


EXCEPTION_HANDLERS: dict[Any, Any] = {Rejected: on_rejected, Stranger: on_stranger}


class Rest:
    """The routes of one venue."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/", self.ok),
            ("GET", "/ok", self.ok),
            ("GET", "/time", self.time),
            ("GET", "/version", self.version),
            # Markets
            ("GET", "/markets", self.markets),
            ("GET", "/simplified-markets", self.simplified_markets),
            ("GET", "/sampling-markets", self.markets),
            ("GET", "/sampling-simplified-markets", self.simplified_markets),
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
            # Keys
            ("POST", "/auth/api-key", self.create_key),
            ("GET", "/auth/derive-api-key", self.derive_key),
            ("GET", "/auth/api-keys", self.api_keys),
            ("DELETE", "/auth/api-key", self.delete_key),
            ("GET", "/auth/ban-status/closed-only", self.closed_only),
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
            # Account
            ("GET", "/balance-allowance", self.balance_allowance),
            ("GET", "/balance-allowance/update", self.update_balance_allowance),
            ("GET", "/notifications", self.notifications),
            ("DELETE", "/notifications", self.drop_notifications),
        ]
        return [Route(path, handler, methods=[method]) for method, path, handler in table]

    # Health

    async def ok(self, request: Request) -> Response:
        return reply("OK")

    async def time(self, request: Request) -> Response:
        return reply(self.venue.clock.now_ms() // 1000)

    async def version(self, request: Request) -> Response:
        return reply({"version": min(self.venue.options.exchange, 2)})

    # Markets

    async def markets(self, request: Request) -> Response:
        return self._market_page(request, wire.market)

    async def simplified_markets(self, request: Request) -> Response:
        return self._market_page(request, wire.simplified_market)

    def _market_page(self, request: Request, shape: Callable[..., wire.Json]) -> Response:
        listed = list(self.venue.engine.markets.values())
        return self._page(request, [shape(market, self.venue.engine) for market in listed])

    async def market(self, request: Request) -> Response:
        market = self.venue.engine.markets.get(request.path_params["condition_id"])
        if market is None:
            raise Rejected("market_not_found")
        return reply(wire.market(market, self.venue.engine))

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

    # Keys

    async def create_key(self, request: Request) -> Response:
        address, nonce = self.venue.keys.level_1(request.headers, self.venue.clock.now())
        return reply(self.venue.keys.create(address, nonce).wire())

    async def derive_key(self, request: Request) -> Response:
        address, nonce = self.venue.keys.level_1(request.headers, self.venue.clock.now())
        return reply(self.venue.keys.derive(address, nonce).wire())

    async def api_keys(self, request: Request) -> Response:
        sender = await self._sender(request)
        return reply({"apiKeys": self.venue.keys.of(sender.address)})

    async def delete_key(self, request: Request) -> Response:
        self.venue.keys.delete(await self._sender(request))
        return reply("OK")

    async def closed_only(self, request: Request) -> Response:
        await self._sender(request)
        return reply({"closed_only": False})

    # Orders

    async def post_order(self, request: Request) -> Response:
        sender = await self._sender(request)
        self._charge(request, sender, 1)
        envelope = parse_json(await request.body())
        placed = submit(self.venue, sender, envelope)
        return reply((await self._placed([placed]))[0])

    async def post_orders(self, request: Request) -> Response:
        sender = await self._sender(request)
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
        legs = iter(await self._placed([o for o in outcomes if not isinstance(o, str)]))
        return reply([wire.refused_leg(o) if isinstance(o, str) else next(legs) for o in outcomes])

    async def _placed(self, placed: list[tuple[Order, Trade | None]]) -> list[wire.Json]:
        trades = [trade for _, trade in placed if trade]
        self.venue.matched(trades)
        # Until 2026-07-24 the reply carried the transaction hash; since then it comes later.
        synchronous = self.venue.options.exchange == 1
        if synchronous and trades and self.venue.settlement.mode == "auto":
            await self.venue.settlement.settle()
        return [
            wire.order_reply(
                order, trade, [trade.transaction_hash] if trade and synchronous else []
            )
            for order, trade in placed
        ]

    async def cancel(self, request: Request) -> Response:
        sender = await self._sender(request)
        self._charge(request, sender, 1)
        body = parse_json(await request.body())
        order_id = body.get("orderID") if isinstance(body, dict) else None
        if not isinstance(order_id, str) or not order_id:
            raise Rejected("order_id")
        return self._cancel(sender, [order_id])

    async def cancel_orders(self, request: Request) -> Response:
        sender = await self._sender(request)
        ids = parse_json(await request.body())
        if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
            raise Rejected("order_id")
        if len(ids) > rules.MAX_CANCELS:
            raise Rejected("too_many_cancels", limit=rules.MAX_CANCELS)
        self._charge(request, sender, len(ids))
        return self._cancel(sender, ids)

    async def cancel_all(self, request: Request) -> Response:
        sender = await self._sender(request)
        self._charge(request, sender, 1)
        return self._mass_cancel(request, sender, [order.id for order in self._open(sender)])

    async def cancel_market_orders(self, request: Request) -> Response:
        sender = await self._sender(request)
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
        """An open order. A closed or unknown one answers `null`, as at the venue."""
        sender = await self._sender(request)
        order = self.venue.engine.open.get(request.path_params["order_id"])
        mine = order is not None and order.signer == sender.address
        return reply(wire.open_order(order) if order and mine else None)

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
        return self._page(request, chosen)

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
        await self._sender(request)
        return reply({"scoring": False})

    async def orders_scoring(self, request: Request) -> Response:
        await self._sender(request)
        ids = parse_json(await request.body())
        if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
            raise Rejected("order_id")
        return reply(dict.fromkeys(ids, False))

    # Account

    async def balance_allowance(self, request: Request) -> Response:
        sender = await self._sender(request)
        owner, asset = self._asset(request, sender)
        ledger = self.venue.ledger
        spenders = self.venue.spenders()
        allowed = {s: ledger.allowance(owner, s, asset) for s in spenders}
        if asset != COLLATERAL:
            allowed = {s: UNLIMITED if a else 0 for s, a in allowed.items()}
        return reply(
            {
                "balance": str(ledger.balance(owner, asset)),
                "allowances": {s: str(a) for s, a in allowed.items()},
            }
        )

    async def update_balance_allowance(self, request: Request) -> Response:
        sender = await self._sender(request)
        owner, asset = self._asset(request, sender)
        await self.venue.refresh(owner, asset)
        return Response("", media_type="application/json")

    def _asset(self, request: Request, sender: Credentials) -> tuple[str, str]:
        query = request.query_params
        kind = query.get("asset_type")
        if kind not in ("COLLATERAL", "CONDITIONAL", "CONDITIONAL-V2"):
            raise Rejected("asset_type")
        asset = COLLATERAL if kind == "COLLATERAL" else self._token(query.get("token_id"))
        signature_type = query.get("signature_type", "0")
        if signature_type not in ("0", "1", "2", "3"):
            raise Rejected("signature_type")
        wallet = self.venue.wallets.of(sender.address, int(signature_type))
        return wallet or "", asset  # no such wallet: a balance of 0, as at the venue

    async def notifications(self, request: Request) -> Response:
        await self._sender(request)
        return reply([])

    async def drop_notifications(self, request: Request) -> Response:
        await self._sender(request)
        return reply("OK")

    # Shared reading of requests

    async def _sender(self, request: Request) -> Credentials:
        return self.venue.keys.level_2(
            request.headers,
            request.method,
            request.url.path,
            await request.body(),
            self.venue.clock.now(),
        )

    def _charge(self, request: Request, sender: Credentials, cost: int) -> None:
        """Take tokens from the sender's bucket; the reply tells what is left.

        Raises Rejected("rate_limited") where the venue enforces its per-signer limits.
        """
        if self.venue.options.signer_mode == "off":
            return
        bucket = bucket_of(request.method, request.url.path)
        assert bucket is not None
        verdict = self.venue.signers.charge(sender.address, bucket, cost, self.venue.clock.now())
        request.scope[RATE_LIMIT_HEADERS] = dict(verdict.headers)
        if verdict.rejected:
            raise Rejected("rate_limited")

    def _open(self, sender: Credentials) -> list[Order]:
        return [o for o in self.venue.engine.open.values() if o.signer == sender.address]

    def _token(self, token_id: Any) -> str:
        if not isinstance(token_id, str) or not token_id.isdigit():
            raise Rejected("token_id")
        if token_id not in self.venue.engine.by_token:
            raise Rejected("read_no_book")
        return token_id

    def _best(self, token_id: str) -> tuple[int, int]:
        bid, ask = wire.best(self.venue.engine, token_id)
        if bid is None or ask is None:
            raise Rejected("read_no_book")
        return bid, ask

    async def _entries(self, request: Request) -> list[dict[str, Any]]:
        try:
            entries = parse_json(await request.body())
        except Rejected:
            raise Rejected("read_payload") from None
        if not isinstance(entries, list) or not all(
            isinstance(entry, dict) and "token_id" in entry for entry in entries
        ):
            raise Rejected("read_payload")
        if len(entries) > rules.PAGE_SIZE:
            raise Rejected("payload_limit")
        return entries

    def _page(self, request: Request, rows: list[wire.Json]) -> Response:
        """One page; a cursor is the base64 of an offset, and "LTE=" (-1) is the end."""
        cursor = request.query_params.get("next_cursor") or _FIRST
        try:
            start = int(base64.b64decode(cursor, validate=True))
        except (binascii.Error, ValueError):
            raise Rejected("cursor") from None
        if start < 0:
            raise Rejected("cursor")
        page = rows[start : start + rules.PAGE_SIZE]
        following = start + len(page)
        more = following < len(rows)
        return reply(
            {
                "limit": rules.PAGE_SIZE,
                "count": len(page),
                "next_cursor": base64.b64encode(str(following).encode()).decode() if more else _END,
                "data": page,
            }
        )
