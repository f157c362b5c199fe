"""A wallet's balances and allowances as the venue sees them, and its notifications."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.auth import Credentials
from mock_clob.clob.shared import UNTRUE, ClobRoutes, RouteTable
from mock_clob.ledger import COLLATERAL, UNLIMITED
from mock_clob.replies import reply
from mock_clob.rules import Rejected


class AccountRoutes(ClobRoutes):
    def table(self) -> RouteTable:
        return [
            ("GET", "/balance-allowance", self.balance_allowance),
            ("GET", "/balance-allowance/update", self.update_balance_allowance),
            ("GET", "/notifications", self.notifications),
            ("DELETE", "/notifications", self.drop_notifications),
            ("GET", "/data/pre-migration-orders", self.pre_migration_orders),
        ]

    # Balances

    async def balance_allowance(self, request: Request) -> Response:
        sender = await self._sender(request)
        owner, asset = self._asset(request, sender)
        ledger = self.venue.ledger
        spenders = self.venue.spenders(asset)
        allowed = {s: ledger.allowance(owner, s, asset) for s in spenders}
        if asset != COLLATERAL:
            allowed = {s: UNLIMITED if a else 0 for s, a in allowed.items()}
        balance = ledger.balance(owner, asset)
        if request.scope.get(UNTRUE) == "stale_balance":
            balance = ledger.before.get((owner, asset), balance)
        return reply(
            {
                "balance": str(balance),
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
        return self._wallet(request, sender), asset  # no such wallet: a balance of 0, as there

    # Notifications

    async def notifications(self, request: Request) -> Response:
        sender = await self._sender(request)
        notes = self.venue.notifications.of(self._wallet(request, sender))
        return reply([note.wire(sender.api_key) for note in notes])

    async def drop_notifications(self, request: Request) -> Response:
        """By `ids`, whatever wallet of the sender they are of: not all clients name the wallet.

        Without ids nothing is dropped (what the venue does is not established).
        """
        sender = await self._sender(request)
        given = [text for text in request.query_params.get("ids", "").split(",") if text]
        if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in given):
            raise Rejected("notification_ids")
        wallets = {self.venue.wallets.of(sender.address, kind) for kind in range(4)} - {None}
        self.venue.notifications.drop(filter(None, wallets), map(int, given))
        return reply("OK")

    # Orders of before the venue's move to CLOB V2: it closed them all, and the mock begins later.

    async def pre_migration_orders(self, request: Request) -> Response:
        await self._sender(request)
        return self._page(request, [])
