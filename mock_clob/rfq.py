"""Requests for quotes, the legacy form: ask, quote, accept, approve, trade.

A request is open for a while; others quote it; its owner accepts one quote with a signed order,
which ends all others; the quoter approves with a signed order of its own, and both trade at the
quote's price. What the clients send and read is known from them, how the venue decides is not: a
quote must be for the whole size, at a price on the tick, by another signer.

Amounts are base units of 1e-6, prices 1e-6 dollars, times Unix ms.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from mock_clob.model import UNIT, Market, Order, Side
from mock_clob.rules import Rejected

OPEN_SECONDS = 300  # of a request; the venue's own time is not established
State = Literal["active", "accepted", "filled", "canceled", "expired"]
Match = Literal["COMPLEMENTARY", "MINT", "MERGE"]


@dataclass(frozen=True)
class Terms:
    """What one party gets and gives: `shares` of a token against `collateral`."""

    market: Market
    token_id: str
    side: Side
    shares: int
    collateral: int

    @property
    def price(self) -> int:
        return self.collateral * UNIT // self.shares


@dataclass(frozen=True)
class Party:
    """A user of RFQ: the signer and the wallet it trades for, both lower case."""

    signer: str
    wallet: str


@dataclass
class Request:
    id: str
    party: Party
    terms: Terms
    created_ms: int
    expires_ms: int
    state: State = "active"
    updated_ms: int = 0
    quote_id: str = ""  # the accepted one
    order: Order | None = None  # the requester's, once a quote is accepted


@dataclass
class Quote:
    id: str
    request: Request
    party: Party
    terms: Terms
    created_ms: int
    state: State = "active"
    updated_ms: int = 0

    @property
    def match(self) -> Match:
        """How the two parties' orders meet."""
        if self.terms.token_id == self.request.terms.token_id:
            return "COMPLEMENTARY"
        return "MINT" if self.terms.side is Side.BUY else "MERGE"

    @property
    def requester_price(self) -> int:
        """What the requester pays or gets for each of its own shares."""
        price = self.terms.price
        return price if self.match == "COMPLEMENTARY" else UNIT - price


@dataclass
class Rfq:
    requests: dict[str, Request] = field(default_factory=dict)
    quotes: dict[str, Quote] = field(default_factory=dict)

    def expire(self, now_ms: int) -> None:
        """End what has passed its time, accepted but never approved requests too."""
        for request in self.requests.values():
            if request.state in ("active", "accepted") and request.expires_ms <= now_ms:
                self._end(request, "expired", now_ms)

    # The requester

    def ask(self, party: Party, terms: Terms, now_ms: int) -> Request:
        made = Request(
            id=self._id("request", party),
            party=party,
            terms=terms,
            created_ms=now_ms,
            expires_ms=now_ms + OPEN_SECONDS * 1000,
            updated_ms=now_ms,
        )
        self.requests[made.id] = made
        return made

    def cancel_request(self, signer: str, request_id: str, now_ms: int) -> None:
        """Raises Rejected for another's request, an unknown or an ended one."""
        request = self.own_request(signer, request_id)
        _must_be("active", request, "request")
        self._end(request, "canceled", now_ms)

    def own_request(self, signer: str, request_id: str) -> Request:
        request = self.requests.get(request_id)
        if request is None:
            raise Rejected("rfq_request_not_found")
        if request.party.signer != signer:
            raise Rejected("rfq_not_yours", thing="request")
        return request

    def acceptable(self, signer: str, request_id: str, quote_id: str) -> Quote:
        """The quote that this requester may accept now. Raises Rejected."""
        request = self.own_request(signer, request_id)
        quote = self._quote_of(request, quote_id)
        _must_be("active", request, "request")
        _must_be("active", quote, "quote")
        return quote

    def accept(self, quote: Quote, order: Order, now_ms: int) -> None:
        request = quote.request
        for other in self.quotes_of(request):
            if other.state == "active":
                other.state, other.updated_ms = "expired", now_ms
        quote.state, quote.updated_ms = "accepted", now_ms
        request.state, request.updated_ms = "accepted", now_ms
        request.quote_id, request.order = quote.id, order

    # The quoter

    def quote(self, party: Party, request_id: str, terms: Terms, now_ms: int) -> Quote:
        """Raises Rejected unless these terms and those of the open request make a trade."""
        request = self.requests.get(request_id)
        if request is None:
            raise Rejected("rfq_request_not_found")
        _must_be("active", request, "request")
        if party.signer == request.party.signer:
            raise Rejected("rfq_own_request")
        asked = request.terms
        same_token, same_side = terms.token_id == asked.token_id, terms.side is asked.side
        if (
            terms.market is not asked.market
            or same_token is same_side
            or terms.shares != asked.shares
        ):
            raise Rejected("rfq_no_match")
        made = Quote(self._id("quote", party), request, party, terms, now_ms, updated_ms=now_ms)
        self.quotes[made.id] = made
        return made

    def cancel_quote(self, signer: str, quote_id: str, now_ms: int) -> None:
        quote = self.own_quote(signer, quote_id)
        _must_be("active", quote, "quote")
        quote.state, quote.updated_ms = "canceled", now_ms

    def own_quote(self, signer: str, quote_id: str) -> Quote:
        quote = self.quotes.get(quote_id)
        if quote is None:
            raise Rejected("rfq_quote_not_found")
        if quote.party.signer != signer:
            raise Rejected("rfq_not_yours", thing="quote")
        return quote

    def approvable(self, signer: str, request_id: str, quote_id: str) -> tuple[Quote, Order]:
        """The quoter's accepted quote and the requester's order. Raises Rejected."""
        quote = self.own_quote(signer, quote_id)
        if quote.request.id != request_id:
            raise Rejected("rfq_quote_not_found")
        _must_be("accepted", quote, "quote")
        assert quote.request.order is not None
        return quote, quote.request.order

    def approve(self, quote: Quote, now_ms: int) -> None:
        for thing in (quote, quote.request):
            thing.state, thing.updated_ms = "filled", now_ms

    # Reads

    def quotes_of(self, request: Request) -> Iterator[Quote]:
        return (quote for quote in self.quotes.values() if quote.request is request)

    def best(self, request: Request) -> Quote | None:
        """The active quote that is best for the requester, the oldest of equal ones."""
        sign = 1 if request.terms.side is Side.BUY else -1
        active = (quote for quote in self.quotes_of(request) if quote.state == "active")
        return min(active, key=lambda quote: sign * quote.requester_price, default=None)

    # Inside

    def _quote_of(self, request: Request, quote_id: str) -> Quote:
        quote = self.quotes.get(quote_id)
        if quote is None or quote.request is not request:
            raise Rejected("rfq_quote_not_found")
        return quote

    def _end(self, request: Request, state: State, now_ms: int) -> None:
        request.state, request.updated_ms = state, now_ms
        for quote in self.quotes_of(request):
            if quote.state in ("active", "accepted"):
                quote.state, quote.updated_ms = state, now_ms

    def _id(self, kind: str, party: Party) -> str:
        name = f"rfq {kind} {party.signer} {len(self.requests)} {len(self.quotes)}"
        return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def _must_be(state: State, thing: Request | Quote, name: str) -> None:
    if thing.state != state:
        raise Rejected("rfq_state", thing=name, state=thing.state)
