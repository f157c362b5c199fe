"""Which wallets a signer may trade for, by signature type, and which of them are deployed.

0 is the signer itself: the test accounts count as EOAs that the venue has allowlisted, which new
accounts of the real one are not (`refuse_eoa` makes one of them new). Proxy (1), Safe (2) and
deposit (3) wallets stand at addresses derived from the signer; a deposit wallet trades once it is
deployed, and by session keys as well as by its owner. All addresses are kept in lower case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mock_clob import derivation
from mock_clob.deposit_signature import order_signer, unwrapped
from mock_clob.rules import Rejected
from mock_clob.signed_order import SignedOrder, order_hash, recover

EOA, PROXY, SAFE, DEPOSIT = 0, 1, 2, 3


@dataclass(frozen=True)
class SessionKey:
    """A key that may sign for a deposit wallet. `valid_until` in Unix seconds."""

    wallet: str
    address: str
    scopes: tuple[str, ...]
    valid_until: int

    def trades(self, now: float) -> bool:
        return now < self.valid_until and not {"ALL", "CLOB"}.isdisjoint(self.scopes)


class Wallets:
    """`signers` have derived wallets; those of `newcomers` are not deployed yet."""

    def __init__(self, signers: Iterable[str] = (), newcomers: Iterable[str] = ()) -> None:
        self._owners: dict[tuple[str, int], str] = {}
        self._deployed: set[str] = set()
        self._refused_eoas: set[str] = set()
        self._sessions: dict[str, SessionKey] = {}  # by the session key's address
        given = list(signers)
        self.signers = frozenset(signer.lower() for signer in given)
        for signer in given:
            for kind, wallet in derived(signer):
                self._owners[wallet.lower(), kind] = signer.lower()
        for _, wallet, _ in deployed_at_start(given, newcomers):
            self._deployed.add(wallet.lower())

    def register(self, wallet: str, signature_type: int, owner: str) -> None:
        """A deployed wallet at another address than the derived one."""
        self._owners[wallet.lower(), signature_type] = owner.lower()
        self.deploy(wallet)

    def deploy(self, wallet: str) -> None:
        self._deployed.add(wallet.lower())

    def is_deployed(self, wallet: str) -> bool:
        return wallet.lower() in self._deployed

    def refuse_eoa(self, address: str) -> None:
        """From now on the address trades for its other wallets only, as a new account does."""
        self._refused_eoas.add(address.lower())

    def owner(self, wallet: str, signature_type: int) -> str | None:
        return self._owners.get((wallet.lower(), signature_type))

    def of(self, signer: str, signature_type: int) -> str | None:
        """The signer's wallet of this type; None when it has none. One that is deployed first."""
        if signature_type == EOA:
            return signer
        if signature_type == DEPOSIT and signer in self._sessions:
            return self._sessions[signer].wallet
        own = [w for (w, k), o in self._owners.items() if (k, o) == (signature_type, signer)]
        return min(own, key=lambda wallet: wallet not in self._deployed, default=None)

    # Session keys

    def authorize(self, session: SessionKey) -> None:
        self._sessions[session.address] = session

    def revoke(self, address: str) -> None:
        self._sessions.pop(address.lower(), None)

    def sessions(self, wallet: str, now: float) -> list[SessionKey]:
        """The session keys of a wallet that have not expired."""
        return [s for s in self._sessions.values() if s.wallet == wallet and now < s.valid_until]

    # Checks of an order

    def check_signer(self, sender: str, order: SignedOrder, now: float) -> None:
        """Raises Rejected("signer") unless the API key's address may sign for this order.

        That is also what a deposit wallet meets which is not deployed, or not the sender's.
        """
        if order.signature_type != DEPOSIT:
            allowed = order.signer == sender
        else:
            allowed = self.is_deployed(order.signer) and self._may_sign(sender, order.signer, now)
        if not allowed:
            raise Rejected("signer")

    def check_maker(self, order: SignedOrder) -> None:
        """Raises Rejected("maker") unless the order's funds are its signer's."""
        kind = order.signature_type
        if kind in (EOA, DEPOSIT):
            allowed = order.maker == order.signer and order.maker not in self._refused_eoas
        else:
            allowed = self._owners.get((order.maker, kind)) == order.signer
        if not allowed:
            raise Rejected("maker")

    def _may_sign(self, sender: str, wallet: str, now: float) -> bool:
        if self._owners.get((wallet, DEPOSIT)) == sender:
            return True
        session = self._sessions.get(sender)
        return session is not None and session.wallet == wallet and session.trades(now)

    def check_signature(
        self, sender: str, order: SignedOrder, exchange: int, chain_id: int, contract: str
    ) -> str:
        """The order's id. Raises Rejected unless the sender signed the order."""
        digest = order_hash(order, exchange, chain_id, contract)
        if order.signature_type == DEPOSIT:
            # An owner signs plainly, a session key in its wrapping.
            session, _ = unwrapped(order.signature)
            owned = self._owners.get((order.maker, DEPOSIT)) == sender
            signer = order_signer(order, exchange, chain_id, contract)
            if signer != sender or session != ("" if owned else sender):
                raise Rejected("poly_1271")
        elif recover(digest, order.signature) != sender:
            raise Rejected("signature")
        return "0x" + digest.hex()


def deployed_at_start(
    signers: Iterable[str], newcomers: Iterable[str]
) -> list[tuple[int, str, str]]:
    """(signature type, wallet, owner): all but the legacy deposit wallets and the newcomers'."""
    fresh = set(newcomers)
    return [
        (kind, wallet, signer)
        for signer in signers
        if signer not in fresh
        for kind, wallet in derived(signer)
        if wallet != derivation.legacy_deposit_wallet(signer)
    ]


def derived(signer: str) -> list[tuple[int, str]]:
    """(signature type, EIP-55 address) of the wallets that a signer can have."""
    return [
        (PROXY, derivation.proxy_wallet(signer)),
        (SAFE, derivation.safe_wallet(signer)),
        (DEPOSIT, derivation.deposit_wallet(signer)),
        (DEPOSIT, derivation.legacy_deposit_wallet(signer)),
    ]
