"""API keys: made and derived from a wallet's signature, listed and deleted."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.clob.shared import ClobRoutes, RouteTable
from mock_clob.replies import reply


class KeyRoutes(ClobRoutes):
    def table(self) -> RouteTable:
        return [
            # Keys
            ("POST", "/auth/api-key", self.create_key),
            ("GET", "/auth/derive-api-key", self.derive_key),
            ("GET", "/auth/api-keys", self.api_keys),
            ("DELETE", "/auth/api-key", self.delete_key),
            ("GET", "/auth/ban-status/closed-only", self.closed_only),
        ]

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
