"""A wallet's balances and allowances as the venue sees them, and its notifications."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.auth import Credentials
from mock_clob.clob.shared import ClobRoutes, RouteTable
from mock_clob.ledger import COLLATERAL, UNLIMITED
from mock_clob.replies import reply
from mock_clob.rules import Rejected


class AccountRoutes(ClobRoutes):
    def table(self) -> RouteTable:
        return [
            # Account
            ("GET", "/balance-allowance", self.balance_allowance),
            ("GET", "/balance-allowance/update", self.update_balance_allowance),
            ("GET", "/notifications", self.notifications),
            ("DELETE", "/notifications", self.drop_notifications),
        ]

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
