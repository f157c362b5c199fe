"""Which wallets a signer may trade for, by signature type.

0 is the signer itself: the test accounts count as EOAs that the venue has allowlisted, which new
accounts of the real one are not. Proxy (1), Safe (2) and deposit (3) wallets must be registered:
the mock refuses a wallet it does not know, as the venue does.
"""

from __future__ import annotations

EOA = 0


class Wallets:
    def __init__(self) -> None:
        self._owners: dict[tuple[str, int], str] = {}

    def register(self, wallet: str, signature_type: int, owner: str) -> None:
        self._owners[wallet.lower(), signature_type] = owner.lower()

    def may_use(self, signer: str, maker: str, signature_type: int) -> bool:
        """Lower-case addresses."""
        if signature_type == EOA:
            return maker == signer
        return self._owners.get((maker, signature_type)) == signer

    def of(self, signer: str, signature_type: int) -> str | None:
        """The signer's wallet of this type; None when it has none."""
        if signature_type == EOA:
            return signer
        for (wallet, kind), owner in self._owners.items():
            if owner == signer and kind == signature_type:
                return wallet
        return None
