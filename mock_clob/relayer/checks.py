"""What the relayer checks before it sends anything: the wallet's owner, nonce, time, signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_clob import derivation
from mock_clob.accounts import ACCOUNTS
from mock_clob.addresses import checksum
from mock_clob.relayer.keys import Caller
from mock_clob.relayer.requests import ProxyRequest, SafeRequest
from mock_clob.relayer.signatures import Batch, batch_signer, proxy_signer, safe_signer
from mock_clob.rules import Rejected
from mock_clob.wallets import DEPOSIT, PROXY, SAFE

if TYPE_CHECKING:
    from mock_clob.chain.evm import Chain
    from mock_clob.venue import Venue


class Checks:
    """Every method raises Rejected where the relayer says no."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.relay = ACCOUNTS[9].address.lower()  # who sends; owners of proxy wallets sign for it

    def chain(self) -> Chain:
        if self.venue.chain is None:
            raise Rejected("relayer_chain")
        return self.venue.chain

    async def nonce(self, signer: str, kind: int) -> int:
        """The nonce of the signer's wallet; 0 for one that is not deployed."""
        wallet = self.venue.wallets.of(signer, kind)
        if wallet is None:
            raise Rejected("relayer_owner")
        if kind == PROXY:
            read = ("ProxyFactory", derivation.PROXY_FACTORY, "nonces", bytes.fromhex(signer[2:]))
            return await self.venue.on_chain(self.chain().stored, *read)
        contract = "DepositWallet" if kind == DEPOSIT else "Safe"
        return await self.venue.on_chain(self.chain().stored, contract, wallet, "nonce")

    async def batch(self, sender: Caller, signer: str, batch: Batch, signature: bytes) -> None:
        """The owner of a deployed deposit wallet, or a session key of it, signed the batch."""
        venue = self.venue
        now = venue.clock.now()
        owner = venue.wallets.owner(batch.wallet, DEPOSIT)
        sessions = {session.address for session in venue.wallets.sessions(batch.wallet, now)}
        if signer != owner and signer not in sessions:
            raise Rejected("relayer_owner")
        self._sender(sender, signer, owner)
        self._deployed(batch.wallet)
        if batch_signer(batch, venue.options.chain_id, signature) != signer:
            raise Rejected("relayer_signature")
        if batch.deadline < now:
            raise Rejected("relayer_deadline")
        kind = "DepositWallet", batch.wallet, "nonce"
        nonce = await venue.on_chain(self.chain().stored, *kind)
        if batch.nonce != nonce:
            raise Rejected("relayer_batch_nonce", given=batch.nonce, nonce=nonce)

    async def safe(self, sender: Caller, signer: str, given: SafeRequest) -> None:
        self._own(sender, signer, given.safe, SAFE)
        self._deployed(given.safe)
        if given.operation and given.to != self.venue.contracts.safe_multisend.lower():
            raise Rejected("relayer_payload", field="signatureParams.operation")
        signed_by = safe_signer(
            given.safe,
            given.to,
            given.value,
            given.data,
            given.operation,
            given.nonce,
            self.venue.options.chain_id,
            given.signature,
        )
        if signed_by != signer:
            raise Rejected("relayer_signature")
        await self._nonce(signer, SAFE, given.nonce)

    async def proxy(self, sender: Caller, signer: str, given: ProxyRequest) -> None:
        self._own(sender, signer, given.wallet, PROXY)
        for field, value, wanted in (
            ("to", given.factory, derivation.PROXY_FACTORY),
            ("signatureParams.relay", given.relay, self.relay),
            ("signatureParams.relayHub", given.relay_hub, self.venue.contracts.relay_hub),
        ):
            if value != wanted.lower():
                raise Rejected("relayer_payload", field=field)
        signed_by = proxy_signer(
            signer,
            given.factory,
            given.data,
            given.gas_limit,
            given.nonce,
            given.relay_hub,
            given.relay,
            given.signature,
        )
        if signed_by != signer:
            raise Rejected("relayer_signature")
        await self._nonce(signer, PROXY, given.nonce)

    def _own(self, sender: Caller, signer: str, wallet: str, kind: int) -> None:
        if self.venue.wallets.owner(wallet, kind) != signer:
            raise Rejected("relayer_owner")
        self._sender(sender, signer, signer)

    @staticmethod
    def _sender(sender: Caller, signer: str, owner: str | None) -> None:
        """A relayer key serves its own account. That it serves no other is the strict reading."""
        if not sender.builder and sender.address not in (signer, owner):
            raise Rejected("relayer_owner")

    def _deployed(self, wallet: str) -> None:
        if not self.venue.wallets.is_deployed(wallet):
            raise Rejected("relayer_undeployed", wallet=checksum(wallet))

    async def _nonce(self, signer: str, kind: int, given: int) -> None:
        nonce = await self.nonce(signer, kind)
        if given != nonce:
            raise Rejected("relayer_nonce", given=given, nonce=nonce)
