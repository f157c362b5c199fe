"""API keys of three kinds: full ones, read-only ones and builders'; and a signer's standing."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.builders import BuilderKey, Builders
from mock_clob.clob.shared import ClobRoutes, RouteTable
from mock_clob.replies import reply
from mock_clob.rules import Rejected
from mock_clob.signed_order import parse_json
from mock_clob.signer_throttle import VOLUME_DAYS, next_tier
from mock_clob.wire import Json


class KeyRoutes(ClobRoutes):
    def table(self) -> RouteTable:
        return [
            ("POST", "/auth/api-key", self.create_key),
            ("GET", "/auth/derive-api-key", self.derive_key),
            ("GET", "/auth/api-keys", self.api_keys),
            ("DELETE", "/auth/api-key", self.delete_key),
            # Read-only keys
            ("POST", "/auth/readonly-api-key", self.create_read_only_key),
            ("GET", "/auth/readonly-api-keys", self.read_only_keys),
            ("DELETE", "/auth/readonly-api-key", self.delete_read_only_key),
            ("GET", "/auth/validate-readonly-api-key", self.validate_read_only_key),
            # Builders' keys
            ("POST", "/auth/builder-api-key", self.create_builder_key),
            ("GET", "/auth/builder-api-key", self.builder_keys),
            ("DELETE", "/auth/builder-api-key", self.revoke_builder_key),
            # Standing
            ("GET", "/auth/ban-status/closed-only", self.closed_only),
            ("GET", "/v1/user/rate-limit-tier", self.rate_limit_tier),
        ]

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

    # Read-only keys

    async def create_read_only_key(self, request: Request) -> Response:
        sender = await self._sender(request)
        return reply({"apiKey": self.venue.keys.create_read_only(sender)})

    async def read_only_keys(self, request: Request) -> Response:
        sender = await self._sender(request)
        return reply(self.venue.keys.read_only_of(sender.address))

    async def delete_read_only_key(self, request: Request) -> Response:
        sender = await self._sender(request)
        body = parse_json(await request.body())
        if not isinstance(body, dict) or not isinstance(body.get("key"), str):
            raise Rejected("read_payload")
        self.venue.keys.delete_read_only(sender.address, body["key"])
        return reply(True)  # the clients type it as a boolean

    async def validate_read_only_key(self, request: Request) -> Response:
        """Public. The clients type its reply as text; the words are not established."""
        query = request.query_params
        self.venue.keys.read_only(query.get("address", ""), query.get("key", ""))
        return reply("OK")

    # Builders' keys

    async def create_builder_key(self, request: Request) -> Response:
        sender = await self._sender(request)
        made = self.venue.builders.create_key(sender.address, self.venue.clock.now_ms())
        return reply({"key": made.key, "secret": made.secret, "passphrase": made.passphrase})

    async def builder_keys(self, request: Request) -> Response:
        sender = await self._sender(request)
        held = self.venue.builders.keys_of(sender.address)
        return reply([_builder_key(key) for key in held])

    async def revoke_builder_key(self, request: Request) -> Response:
        """A builder's headers revoke their own key; L2 headers name none, so they revoke all."""
        now_ms = self.venue.clock.now_ms()
        if "poly_api_key" not in request.headers and Builders.signs(request.headers):
            key = self.venue.builders.sender(
                request.headers,
                request.method,
                request.url.path,
                await request.body(),
                self.venue.clock.now(),
            )
            key.revoked_ms = now_ms
        else:
            sender = await self._sender(request)
            self.venue.builders.revoke_all(sender.address, now_ms)
        return reply("OK")

    # Standing

    async def closed_only(self, request: Request) -> Response:
        sender = await self._sender(request)
        return reply({"closed_only": self.venue.modes.closed_only(sender.address)})

    async def rate_limit_tier(self, request: Request) -> Response:
        """The tier that the buckets apply. The field names inside `tier_details` are ours."""
        sender = await self._sender(request)
        tier = self.venue.signers.tier_of(sender.address)
        answer: Json = {
            "tier": tier.name,
            "period": VOLUME_DAYS,
            "tier_details": {
                "order_rate": tier.orders.per_second,
                "order_burst": tier.orders.burst,
                "cancel_rate": tier.cancels.per_second,
                "cancel_burst": tier.cancels.burst,
                "negative_balance": tier.debt,
            },
        }
        following = next_tier(tier)
        # Omitted at the top and, as the docs say, where the tier was assigned by hand.
        if following and not self.venue.signers.assigned(sender.address):
            answer["next_tier_threshold"] = following.volume
        return reply(answer)


def _builder_key(key: BuilderKey) -> Json:
    shown = {"key": key.key, "createdAt": _iso(key.created_ms)}
    return shown | {"revokedAt": _iso(key.revoked_ms)} if key.revoked_ms else shown


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat().replace("+00:00", "Z")
