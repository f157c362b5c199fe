"""The relayer: deploys wallets and sends their owners' signed calls to the chain.

Routes, bodies and states are those of polymarket-client 0.14. What the real one answers to a
request that is malformed, unsigned or of somebody else is known only as far as the client parses
it: the others' texts are the mock's own.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_clob import derivation
from mock_clob.addresses import checksum
from mock_clob.relayer import calldata, requests
from mock_clob.relayer.checks import Checks
from mock_clob.relayer.keys import Caller, caller
from mock_clob.relayer.sessions import SessionSigners
from mock_clob.relayer.transactions import NEW, Transaction
from mock_clob.replies import reply
from mock_clob.rules import Rejected
from mock_clob.signed_order import parse_json
from mock_clob.wallets import DEPOSIT, PROXY, SAFE
from mock_clob.wire import Json

if TYPE_CHECKING:
    from mock_clob.venue import Venue

PREFIX = "/relayer"  # on the plain port; no signature covers it
KINDS = {"WALLET": DEPOSIT, "PROXY": PROXY, "SAFE": SAFE}


class Relayer:
    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.checks = Checks(venue)
        self.sessions = SessionSigners(venue, self.checks, self._caller)

    def routes(self) -> list[Route]:
        account = "/v1/account/transactions"
        return [
            Route("/deployed", self.deployed, methods=["GET"]),
            Route("/relay-payload", self.params, methods=["GET"]),
            Route(f"{account}/params", self.params, methods=["GET"]),
            Route(f"{account}/{{transaction_id}}", self.transaction, methods=["GET"]),
            Route("/submit", self.submit, methods=["POST"]),
            *self.sessions.routes(),
        ]

    async def deployed(self, request: Request) -> Response:
        """Public, as the client asks it before it has a key."""
        wallet = requests.address(dict(request.query_params), "address")
        return reply({"deployed": self.venue.wallets.is_deployed(wallet)})

    async def params(self, request: Request) -> Response:
        """A wallet's next nonce. Of a proxy wallet also the relay that its owner signs for."""
        await self._caller(request)
        signer = requests.address(dict(request.query_params), "address")
        kind = KINDS.get(request.query_params.get("type", ""))
        if kind is None or (kind == PROXY) is not request.url.path.endswith("/relay-payload"):
            raise Rejected("relayer_payload", field="type")
        nonce = await self.checks.nonce(signer, kind)
        shown = self.checks.relay if kind == PROXY else signer
        return reply({"address": checksum(shown), "nonce": str(nonce)})

    async def transaction(self, request: Request) -> Response:
        await self._caller(request)
        found = self.venue.relayer.find(request.path_params["transaction_id"])
        shown: Json = {
            "transaction_id": found.id,
            "transaction_hash": found.hash,
            "state": found.state,
            "type": found.kind,
            "metadata": found.metadata,
        }
        return reply(shown | ({"error_msg": found.error} if found.error else {}))

    async def submit(self, request: Request) -> Response:
        sender = await self._caller(request)
        body = self._body(await request.body())
        kinds = {
            "WALLET": self._batch,
            "WALLET-CREATE": self._create,
            "SAFE": self._safe,
            "PROXY": self._proxy,
        }
        take = kinds.get(str(body.get("type")))
        if take is None:
            raise Rejected("relayer_payload", field="type")
        self.checks.chain()
        signer = requests.address(body, "from")
        made = await take(sender, signer, body, requests.metadata_of(body))
        # It is told before it is sent: the hash comes with the state.
        return reply({"transactionID": made.id, "transactionHash": "", "state": NEW})

    async def _create(self, sender: Caller, signer: str, body: Json, metadata: str) -> Transaction:
        """A deposit wallet for its owner, who signs nothing: it can belong to nobody else."""
        wallets = self.venue.wallets
        if signer not in wallets.signers or (not sender.builder and sender.address != signer):
            raise Rejected("relayer_owner")
        wallet = derivation.deposit_wallet(checksum(signer)).lower()
        if requests.address(body, "to") != derivation.DEPOSIT_FACTORY.lower():
            raise Rejected("relayer_payload", field="to")
        if wallets.is_deployed(wallet):
            raise Rejected("relayer_deployed", wallet=checksum(wallet))
        code = derivation.deposit_creation_code(checksum(signer))
        return await self.venue.relayer.take(
            "WALLET-CREATE",
            wallet,
            derivation.DEPOSIT_FACTORY,
            calldata.deploy(signer, code),
            metadata=metadata,
            done=partial(wallets.deploy, wallet),
        )

    async def _batch(self, sender: Caller, signer: str, body: Json, metadata: str) -> Transaction:
        batch, signature = requests.batch_of(body)
        if requests.address(body, "to") != derivation.DEPOSIT_FACTORY.lower():
            raise Rejected("relayer_payload", field="to")
        await self.checks.batch(sender, signer, batch, signature)
        if any(call.target == batch.wallet for call in batch.calls):
            raise Rejected("relayer_payload", field="depositWalletParams.calls")
        data = calldata.execute_batch(batch)
        return await self.venue.relayer.take(
            "WALLET", batch.wallet, derivation.DEPOSIT_FACTORY, data, metadata=metadata
        )

    async def _safe(self, sender: Caller, signer: str, body: Json, metadata: str) -> Transaction:
        given = requests.safe_of(body)
        await self.checks.safe(sender, signer, given)
        data = calldata.execute_safe(given)
        return await self.venue.relayer.take(
            "SAFE", given.safe, given.safe, data, metadata=metadata
        )

    async def _proxy(self, sender: Caller, signer: str, body: Json, metadata: str) -> Transaction:
        given = requests.proxy_of(body)
        await self.checks.proxy(sender, signer, given)
        data = calldata.relay_proxy(signer, given.nonce, given.data)
        wallets = self.venue.wallets
        return await self.venue.relayer.take(
            "PROXY",
            given.wallet,
            derivation.PROXY_FACTORY,
            data,
            metadata=metadata,
            done=partial(wallets.deploy, given.wallet),  # the factory makes it at its first call
        )

    async def _caller(self, request: Request) -> Caller:
        return caller(
            self.venue.builders,
            self.venue.keys.accounts,
            request.headers,
            request.method,
            request.url.path.removeprefix(PREFIX),
            await request.body(),
            self.venue.clock.now(),
        )

    @staticmethod
    def _body(body: bytes) -> dict[str, Any]:
        try:
            parsed = parse_json(body)
        except Rejected:
            parsed = None
        if not isinstance(parsed, dict):
            raise Rejected("relayer_payload", field="body")
        return parsed
