"""What all groups of CLOB routes share: who asks, what it costs, pages of rows.

Routes read the request, ask the engine and answer; they decide nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_clob import rules, wire
from mock_clob.auth import Credentials
from mock_clob.builders import Builders
from mock_clob.model import Order
from mock_clob.replies import reply
from mock_clob.rules import Rejected
from mock_clob.signed_order import parse_json
from mock_clob.signer_throttle import bucket_of

if TYPE_CHECKING:
    from mock_clob.venue import Venue

Handler = Callable[[Request], Awaitable[Response]]
RouteTable = list[tuple[str, str, Handler]]

_FIRST, _END = "MA==", "LTE="
READ_ONLY_HEADER = "poly_readonly_api_key"
# What a read-only key shows: "private read endpoints", of which /data/orders is the only one that
# is named. The others are a reading; keys and RFQ are left out.
READABLE = ("/data/", "/notifications", "/balance-allowance", "/order-scoring", "/rewards/user")
# Where a route leaves headers for its reply, whether it answers or refuses.
RATE_LIMIT_HEADERS = "mock_clob.rate_limit_headers"
# The name of a fault that makes a route say what is not so.
UNTRUE = "mock_clob.untrue"


class ClobRoutes:
    """A group of routes of one venue."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    def table(self) -> RouteTable:
        """(method, path, handler) of every route of the group."""
        raise NotImplementedError

    def routes(self) -> list[Route]:
        return [Route(path, handler, methods=[method]) for method, path, handler in self.table()]

    async def _sender(self, request: Request) -> Credentials:
        """Who asks, by L2 headers or, to read records, by a read-only key.

        Raises Rejected("api_key"), for the headers of a builder that does not fit too.
        """
        headers, method, path = request.headers, request.method, request.url.path
        keys = self.venue.keys
        if READ_ONLY_HEADER in headers and method == "GET" and path.startswith(READABLE):
            return keys.read_only(headers.get("poly_address", ""), headers[READ_ONLY_HEADER])
        body, now = await request.body(), self.venue.clock.now()
        sender = keys.level_2(headers, method, path, body, now)
        if not Builders.signs(headers):
            return sender
        builder = self.venue.builders.sender(headers, method, path, body, now)
        return replace(sender, builder=Builders.code_of(builder.address))

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

    def _wallet(self, request: Request, sender: Credentials) -> str:
        """The sender's wallet of the asked signature type; "" when there is none.

        Raises Rejected("signature_type").
        """
        signature_type = request.query_params.get("signature_type", "0")
        if signature_type not in ("0", "1", "2", "3"):
            raise Rejected("signature_type")
        return self.venue.wallets.of(sender.address, int(signature_type)) or ""

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

    def _page(
        self, request: Request, rows: list[wire.Json], size: int = rules.PAGE_SIZE
    ) -> Response:
        """One page; a cursor is the base64 of an offset, and "LTE=" (-1) is the end."""
        cursor = request.query_params.get("next_cursor") or _FIRST
        try:
            start = int(base64.b64decode(cursor, validate=True))
        except (binascii.Error, ValueError):
            raise Rejected("cursor") from None
        if start < 0:
            raise Rejected("cursor")
        page = rows[start : start + size]
        following = start + len(page)
        more = following < len(rows)
        return reply(
            {
                "limit": size,
                "count": len(page),
                "next_cursor": base64.b64encode(str(following).encode()).decode() if more else _END,
                "data": page,
            }
        )
