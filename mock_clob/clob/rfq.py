"""Legacy RFQ: the eleven routes of py_clob_client.rfq."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from mock_clob import wire
from mock_clob.agreed import agree
from mock_clob.auth import Credentials
from mock_clob.clob.rfq_orders import rfq_order
from mock_clob.clob.shared import ClobRoutes, RouteTable
from mock_clob.model import UNIT, Side
from mock_clob.replies import reply
from mock_clob.rfq import OPEN_SECONDS, Party, Quote, Request, Terms
from mock_clob.rules import SHARE_DECIMALS, Rejected
from mock_clob.signed_order import parse_json

COLLATERAL = "0"  # what the clients call it in assetIn and assetOut
PAGE_SIZE = 100  # recorded: the `limit` of a page
Row = dict[str, Any]

_SORTS: dict[str, Callable[[Row], float]] = {
    "price": lambda row: float(row["price"]),
    "expiry": lambda row: float(row["expiry"]),
    "size": lambda row: _shares(row),
    "created": lambda row: float(row["createdAt"]),
}


class RfqRoutes(ClobRoutes):
    def table(self) -> RouteTable:
        return [
            ("POST", "/rfq/request", self.create_request),
            ("DELETE", "/rfq/request", self.cancel_request),
            ("POST", "/rfq/quote", self.create_quote),
            ("DELETE", "/rfq/quote", self.cancel_quote),
            ("POST", "/rfq/request/accept", self.accept),
            ("POST", "/rfq/quote/approve", self.approve),
            ("GET", "/rfq/data/requests", self.requests),
            ("GET", "/rfq/data/requester/quotes", self.requester_quotes),
            ("GET", "/rfq/data/quoter/quotes", self.quoter_quotes),
            ("GET", "/rfq/data/best-quote", self.best_quote),
            ("GET", "/rfq/config", self.config),
        ]

    # Requests and quotes

    async def create_request(self, request: HttpRequest) -> Response:
        sender, body = await self._body(request)
        made = self.venue.rfq.ask(self._party(sender, body), self._terms(body), self._now())
        return reply({"requestId": made.id, "expiry": made.expires_ms // 1000})

    async def cancel_request(self, request: HttpRequest) -> Response:
        sender, body = await self._body(request)
        self.venue.rfq.cancel_request(sender.address, _text(body, "requestId"), self._now())
        return reply("OK")

    async def create_quote(self, request: HttpRequest) -> Response:
        sender, body = await self._body(request)
        party, terms = self._party(sender, body), self._terms(body)
        made = self.venue.rfq.quote(party, _text(body, "requestId"), terms, self._now())
        return reply({"quoteId": made.id})

    async def cancel_quote(self, request: HttpRequest) -> Response:
        sender, body = await self._body(request)
        self.venue.rfq.cancel_quote(sender.address, _text(body, "quoteId"), self._now())
        return reply("OK")

    # Execution

    async def accept(self, request: HttpRequest) -> Response:
        sender, body = await self._body(request)
        ids = _text(body, "requestId"), _text(body, "quoteId")
        quote = self.venue.rfq.acceptable(sender.address, *ids)
        wallet = quote.request.party.wallet
        order = rfq_order(self.venue, sender, body, _requester_terms(quote), wallet)
        self.venue.engine.check_funds(order, 0)
        self.venue.rfq.accept(quote, order, self._now())
        return reply("OK")

    async def approve(self, request: HttpRequest) -> Response:
        """The trade: the requester takes, the quoter makes."""
        sender, body = await self._body(request)
        ids = _text(body, "requestId"), _text(body, "quoteId")
        quote, taken = self.venue.rfq.approvable(sender.address, *ids)
        order = rfq_order(self.venue, sender, body, quote.terms, quote.party.wallet)
        trade = agree(self.venue.engine, taken, order, self._now())
        self.venue.rfq.approve(quote, self._now())
        self.venue.matched([trade])
        return reply({"tradeIds": [trade.id]})

    # Reads

    async def requests(self, request: HttpRequest) -> Response:
        await self._reader(request)
        found = [_request_row(each) for each in self.venue.rfq.requests.values()]
        return self._rows(request, found)

    async def requester_quotes(self, request: HttpRequest) -> Response:
        sender = await self._reader(request)
        quotes = self.venue.rfq.quotes.values()
        mine = [quote for quote in quotes if quote.request.party.signer == sender.address]
        return self._rows(request, [_quote_row(quote) for quote in mine])

    async def quoter_quotes(self, request: HttpRequest) -> Response:
        sender = await self._reader(request)
        mine = [q for q in self.venue.rfq.quotes.values() if q.party.signer == sender.address]
        return self._rows(request, [_quote_row(quote) for quote in mine])

    async def best_quote(self, request: HttpRequest) -> Response:
        sender = await self._reader(request)
        asked = self.venue.rfq.own_request(
            sender.address, request.query_params.get("requestId", "")
        )
        best = self.venue.rfq.best(asked)
        if best is None:
            raise Rejected("rfq_quote_not_found")
        return reply(_quote_row(best))

    async def config(self, request: HttpRequest) -> Response:
        """What the venue tells here is not established; the clients pass it on as it is."""
        await self._reader(request)
        return reply({"requestDurationSeconds": OPEN_SECONDS})

    # Inside

    def _now(self) -> int:
        return self.venue.clock.now_ms()

    async def _reader(self, request: HttpRequest) -> Credentials:
        sender = await self._sender(request)
        self.venue.rfq.expire(self._now())
        return sender

    async def _body(self, request: HttpRequest) -> tuple[Credentials, Row]:
        sender = await self._reader(request)
        try:
            body = parse_json(await request.body())
        except Rejected:
            raise Rejected("rfq_payload") from None
        if not isinstance(body, dict):
            raise Rejected("rfq_payload")
        return sender, body

    def _party(self, sender: Credentials, body: Row) -> Party:
        user_type = body.get("userType")
        if type(user_type) is not int or user_type not in range(4):
            raise Rejected("rfq_payload")
        wallet = self.venue.wallets.of(sender.address, user_type)
        if wallet is None:
            raise Rejected("maker")
        return Party(sender.address, wallet)

    def _terms(self, body: Row) -> Terms:
        """assetIn is what the party gets: shares of a BUY, collateral of a SELL."""
        asset_in, asset_out = _text(body, "assetIn"), _text(body, "assetOut")
        amount_in, amount_out = _amount(body, "amountIn"), _amount(body, "amountOut")
        if (asset_in == COLLATERAL) is (asset_out == COLLATERAL):
            raise Rejected("rfq_payload")
        buys = asset_out == COLLATERAL
        token_id = asset_in if buys else asset_out
        market = self.venue.engine.by_token.get(token_id)
        if market is None:
            raise Rejected("no_book", token_id=token_id)
        if not market.accepting_orders or market.closed:
            raise Rejected("not_ready")
        shares, collateral = (amount_in, amount_out) if buys else (amount_out, amount_in)
        price, rest = divmod(collateral * UNIT, shares)
        if rest or price % market.tick or not market.tick <= price <= UNIT - market.tick:
            raise Rejected("rfq_payload")
        if shares % 10 ** (6 - SHARE_DECIMALS) or shares < market.min_size:
            raise Rejected("rfq_payload")
        return Terms(market, token_id, Side.BUY if buys else Side.SELL, shares, collateral)

    def _rows(self, request: HttpRequest, found: list[Row]) -> Response:
        query = request.query_params
        for name, shown in (
            ("requestIds", "requestId"),
            ("quoteIds", "quoteId"),
            ("markets", "condition"),
            ("state", "state"),
        ):
            if name in query:
                found = [row for row in found if row.get(shown) in query.getlist(name)]
        for name, value in (("size", _shares), ("sizeUsdc", _dollars), ("price", _price)):
            low, high = _bound(request, f"{name}Min", 0.0), _bound(request, f"{name}Max", 1e18)
            found = [row for row in found if low <= value(row) <= high]
        sort_by, direction = query.get("sortBy", "created"), query.get("sortDir", "asc")
        if sort_by not in _SORTS or direction not in ("asc", "desc"):
            raise Rejected("rfq_params")
        found.sort(key=_SORTS[sort_by], reverse=direction == "desc")
        return self._rfq_page(request, found)

    def _rfq_page(self, request: HttpRequest, found: list[Row]) -> Response:
        limit = int(_bound(request, "limit", PAGE_SIZE))
        if not 1 <= limit <= PAGE_SIZE:
            raise Rejected("rfq_params")
        try:
            start = int(base64.b64decode(request.query_params.get("offset", "MA=="), validate=True))
        except (binascii.Error, ValueError):
            raise Rejected("cursor") from None
        if start < 0:
            raise Rejected("cursor")
        page = found[start : start + limit]
        end = start + len(page)
        following = base64.b64encode(str(end).encode()).decode() if end < len(found) else "LTE="
        return reply(
            {
                "data": page,
                "next_cursor": following,
                "limit": limit,
                "count": len(page),
                "total_count": len(found),
            }
        )


def _requester_terms(quote: Quote) -> Terms:
    """The requester's side of this quote: its own token and side at the quote's price."""
    asked = quote.request.terms
    collateral = asked.shares * quote.requester_price // UNIT
    return Terms(asked.market, asked.token_id, asked.side, asked.shares, collateral)


def _party_row(thing: Request | Quote) -> Row:
    terms = thing.terms
    got, given = terms.shares / UNIT, terms.collateral / UNIT
    if terms.side is Side.SELL:
        got, given = given, got
    request = thing.request if isinstance(thing, Quote) else thing
    return {
        "userAddress": wire.checksum(thing.party.signer),
        "proxyAddress": wire.checksum(thing.party.wallet),
        "condition": terms.market.condition_id,
        "token": terms.token_id,
        "complement": terms.market.other(terms.token_id),
        "side": terms.side,
        "sizeIn": got,
        "sizeOut": given,
        "price": terms.price / UNIT,
        "state": "active" if thing.state == "active" else "inactive",
        "expiry": request.expires_ms // 1000,
        "createdAt": thing.created_ms,
        "updatedAt": thing.updated_ms,
    }


def _request_row(request: Request) -> Row:
    return {"requestId": request.id, "acceptedQuoteId": request.quote_id} | _party_row(request)


def _quote_row(quote: Quote) -> Row:
    ids = {"quoteId": quote.id, "requestId": quote.request.id, "matchType": quote.match}
    return ids | _party_row(quote)


def _shares(row: Row) -> float:
    return float(row["sizeIn"] if row["side"] == Side.BUY else row["sizeOut"])


def _dollars(row: Row) -> float:
    return float(row["sizeOut"] if row["side"] == Side.BUY else row["sizeIn"])


def _price(row: Row) -> float:
    return float(row["price"])


def _text(body: Row, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Rejected("rfq_payload")
    return value


def _amount(body: Row, name: str) -> int:
    """Base units, a decimal string."""
    text = _text(body, name)
    if not (text.isascii() and text.isdigit() and len(text) <= 30) or not int(text):
        raise Rejected("rfq_payload")
    return int(text)


def _bound(request: HttpRequest, name: str, default: float) -> float:
    try:
        value = float(request.query_params.get(name, default))
    except ValueError:
        raise Rejected("rfq_params") from None
    if not 0 <= value < float("inf"):
        raise Rejected("rfq_params")
    return value
