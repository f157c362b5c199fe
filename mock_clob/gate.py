"""What every HTTP request passes on its way in and out: journal, throttle, faults.

Journal the arrival, wait as the per-IP throttle says, meet a fault before acceptance, be answered,
meet a fault after acceptance. `/rpc` and the chain's hosts pass the journal and the faults only:
the venue's throttle does not stand before a Polygon node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_clob.admin import Admin
from mock_clob.clob.shared import RATE_LIMIT_HEADERS, UNTRUE
from mock_clob.faults import Effect
from mock_clob.hosts import api_of
from mock_clob.journal import Entry
from mock_clob.replies import refusal
from mock_clob.rules import Rejected

if TYPE_CHECKING:
    from mock_clob.venue import Venue

# Where the server leaves a connection's transport, so that a fault can cut it.
TRANSPORT = "mock_clob.transport"


class Gate:
    def __init__(self, venue: Venue, app: ASGIApp) -> None:
        self.venue = venue
        self.app = app
        self.admin = Admin(venue)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self.admin.admits(scope):
            await self.admin(scope, receive, send)
            return
        venue = self.venue
        method, path = scope["method"], scope["path"]
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        host = headers.get("host", "").split(":")[0]
        signer = headers.get("poly_address", "").lower()
        ip = scope["client"][0] if scope.get("client") else ""
        entry = venue.journal.arrive(
            method=method,
            path=path,
            query=scope["query_string"].decode("latin-1"),
            host=host,
            ip=ip,
            signer=signer,
            arrived_ms=venue.clock.now_ms(),
        )
        api, route = api_of(host, path)
        if venue.options.throttle and api:
            verdict = venue.throttle.admit(ip, method, route, venue.clock.now(), api=api)
            if verdict.rejected:
                entry.verdict = "throttled"
                too_many = Effect(
                    status=429,
                    body='{"error":"Too Many Requests"}',
                    headers={
                        "content-type": "application/json",
                        "retry-after": str(verdict.retry_after),
                    },
                )
                await self._answer(entry, too_many, send)
                return
            if verdict.delay:
                entry.delay_ms = max(1, round(verdict.delay * 1000))
                await venue.clock.sleep(verdict.delay)
        limit = venue.options.max_body
        if int(headers.get("content-length") or 0) > limit:
            refused = refusal(Rejected("payload_limit"))
            refused.headers["connection"] = "close"  # the rest of the body is not read
            entry.status, entry.verdict = refused.status_code, "payload_limit"
            await refused(scope, receive, send)
            return
        before = venue.faults.take(method, path, signer, "before")
        if before and await self._spoil(entry, before, scope, send):
            return
        await self._accept(entry, scope, _at_most(limit, receive), send)

    async def _accept(self, entry: Entry, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the venue answer; hold its reply back until the faults after acceptance are known."""
        reply: list[Message] = []

        async def keep(message: Message) -> None:
            reply.append(message)

        try:
            await self.app(scope, receive, keep)
        except ClientDisconnect:
            entry.verdict = "client gone"  # it gave up before its request was read
            return
        except Exception as error:
            entry.status, entry.error = 500, type(error).__name__  # its text may hold anything
            raise
        entry.unknown_route = bool(scope.get("mock_clob.unknown_route"))
        after = self.venue.faults.take(entry.method, entry.path, entry.signer, "after")
        if after and await self._spoil(entry, after, scope, send):
            return
        entry.status = reply[0]["status"]
        entry.verdict = entry.verdict or scope.get("mock_clob.verdict", "")
        extra = scope.get(RATE_LIMIT_HEADERS, {})
        reply[0]["headers"] += [(k.lower().encode(), v.encode()) for k, v in extra.items()]
        if entry.verdict == "payload_limit":
            reply[0]["headers"].append((b"connection", b"close"))
        for message in reply:
            await send(message)

    async def _spoil(self, entry: Entry, effect: Effect, scope: Scope, send: Send) -> bool:
        """Carry out a fault; True when the request is over."""
        entry.verdict = effect.name
        if effect.untrue:
            scope[UNTRUE] = effect.name
        if effect.delay:
            await self.venue.clock.sleep(effect.delay)
        if effect.drop:
            scope["extensions"][TRANSPORT].abort()
            return True
        if effect.status:
            await self._answer(entry, effect, send)
            return True
        return False

    async def _answer(self, entry: Entry, effect: Effect, send: Send) -> None:
        entry.status = effect.status
        body = effect.body.encode()
        sent = [(k.lower().encode(), v.encode()) for k, v in effect.headers.items()]
        sent.append((b"content-length", str(len(body)).encode()))
        start = {"type": "http.response.start", "status": effect.status, "headers": sent}
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _at_most(limit: int, receive: Receive) -> Receive:
    """A body that is sent in chunks does not say how long it is: count.

    What it gives raises Rejected("payload_limit").
    """
    count = 0

    async def counting() -> Message:
        nonlocal count
        message = await receive()
        count += len(message.get("body", b""))
        if count > limit:
            raise Rejected("payload_limit")
        return message

    return counting
