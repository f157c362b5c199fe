"""Session keys of deposit wallets: authorized and revoked by the relayer, listed by the CLOB."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_clob import derivation
from mock_clob.addresses import checksum
from mock_clob.chain.artefacts import artefact, raw
from mock_clob.clob.shared import ClobRoutes, RouteTable
from mock_clob.relayer import calldata, requests
from mock_clob.relayer.checks import Checks
from mock_clob.relayer.keys import Caller
from mock_clob.relayer.requests import SessionRequest
from mock_clob.relayer.signatures import Batch, Call
from mock_clob.relayer.transactions import FAILED, Transaction
from mock_clob.replies import reply
from mock_clob.rules import Rejected
from mock_clob.signed_order import parse_json
from mock_clob.wallets import DEPOSIT, SessionKey
from mock_clob.wire import Json

if TYPE_CHECKING:
    from mock_clob.venue import Venue

MAX_SECONDS = 180 * 24 * 60 * 60


class SessionRoutes(ClobRoutes):
    """What the CLOB tells of them."""

    def table(self) -> RouteTable:
        return [("GET", "/v1/user/session-signers", self.signers)]

    async def signers(self, request: Request) -> Response:
        sender = await self._sender(request)
        wallet = self.venue.wallets.of(sender.address, DEPOSIT) or sender.address
        sessions = self.venue.wallets.sessions(wallet, self.venue.clock.now())
        shown: list[Json] = [
            {
                "address": checksum(session.address),
                "scopes": list(session.scopes),
                "valid_until": session.valid_until,
            }
            for session in sessions
        ]
        return reply({"wallet": checksum(wallet), "signers": shown})


class SessionSigners:
    """The relayer's routes. A repeated Idempotency-Key gets the first answer again."""

    def __init__(
        self, venue: Venue, checks: Checks, who: Callable[[Request], Awaitable[Caller]]
    ) -> None:
        self.venue = venue
        self.checks = checks
        self._caller = who

    def routes(self) -> list[Route]:
        base = "/v1/session-signers"
        return [
            Route(f"{base}/authorizations", self.authorize, methods=["POST"]),
            Route(f"{base}/revocations", self.revoke, methods=["POST"]),
        ]

    async def authorize(self, request: Request) -> Response:
        """By builders only, as the client has it."""
        sender = await self._caller(request)
        if not sender.builder:
            raise Rejected("relayer_key")
        given = requests.session_of(parse_json(await request.body()), revoking=False)
        now = self.venue.clock.now()
        if not now < given.valid_until <= now + MAX_SECONDS:
            raise Rejected("relayer_payload", field="validUntil")
        session = SessionKey(given.wallet, given.session, given.scopes, given.valid_until)

        data = artefact("DepositWallet").call(
            "authorizeSessionSigner", raw(given.session), given.valid_until
        )
        note = partial(authorized, self.venue, session)
        made = await self._take(request, sender, given, data, note)
        status = "FAILED" if made.state == FAILED else "SUBMITTED"
        shown = {"status": status, "transactionId": made.id, "transactionHash": made.hash}
        return reply(shown)

    async def revoke(self, request: Request) -> Response:
        sender = await self._caller(request)
        given = requests.session_of(parse_json(await request.body()), revoking=True)
        data = artefact("DepositWallet").call("revokeSessionSigner", raw(given.session))
        note = partial(self.venue.wallets.revoke, given.session)
        made = await self._take(request, sender, given, data, note)
        status = "FAILED" if made.state == FAILED else "PENDING"
        return reply({"status": status, "fenced": True, "transactionId": made.id})

    async def _take(
        self,
        request: Request,
        sender: Caller,
        given: SessionRequest,
        data: bytes,
        note: Callable[[], None],
    ) -> Transaction:
        relayer = self.venue.relayer
        key = request.headers.get("idempotency-key", "")
        if not key:
            raise Rejected("relayer_payload", field="Idempotency-Key")
        if (known := relayer.repeated(sender.address, key)) is not None:
            return known
        self.checks.chain()
        owner = self.venue.wallets.owner(given.wallet, DEPOSIT)
        if owner is None:
            raise Rejected("relayer_owner")
        call = Call(given.wallet, 0, data)
        batch = Batch(given.wallet, given.nonce, given.deadline, (call,))
        await self.checks.batch(sender, owner, batch, given.signature)
        made = await relayer.take(
            "WALLET",
            given.wallet,
            derivation.DEPOSIT_FACTORY,
            calldata.execute_batch(batch),
            done=note,
        )
        relayer.remember(sender.address, key, made)
        return made


def authorized(venue: Venue, session: SessionKey) -> None:
    """The chain knows the session key now: so does the venue."""
    venue.wallets.authorize(session)
    venue.keys.accounts |= {session.address}
