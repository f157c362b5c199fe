"""Who has what, as the venue knows it: balances, allowances, and what open orders hold back.

Everything that changes a balance lives here. Amounts are integers in base units of 1e-6.
The venue works on its own copy of the chain: a wallet's own transactions are seen only after
`refresh` (GET /balance-allowance/update). Whether the real venue also notices them by itself is
not established; this is the stricter reading.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

COLLATERAL = "COLLATERAL"  # the asset key of collateral; an outcome token's is its token id
UNLIMITED = 2**256 - 1

Key = tuple[str, str]  # (lower-case address, asset)


@dataclass(frozen=True)
class Movement:
    """What one settled fill moves for one wallet."""

    owner: str
    gives: str
    given: int
    gets: str
    got: int
    spender: str = ""  # whose allowance it uses up


@dataclass
class Ledger:
    balances: defaultdict[Key, int] = field(default_factory=lambda: defaultdict(int))
    # (owner, spender, COLLATERAL | "CONDITIONAL") -> amount
    allowances: dict[tuple[str, str, str], int] = field(default_factory=dict)
    reserved: defaultdict[Key, int] = field(default_factory=lambda: defaultdict(int))
    matched: defaultdict[Key, int] = field(default_factory=lambda: defaultdict(int))
    before: dict[Key, int] = field(default_factory=dict)  # the last settlement that changed it

    def balance(self, owner: str, asset: str) -> int:
        return self.balances[owner, asset]

    def available(self, owner: str, asset: str) -> int:
        """Balance less what open orders and unsettled matches hold back."""
        key = (owner, asset)
        return self.balances[key] - self.reserved[key] - self.matched[key]

    def allowance(self, owner: str, spender: str, asset: str) -> int:
        kind = COLLATERAL if asset == COLLATERAL else "CONDITIONAL"
        return self.allowances.get((owner, spender.lower(), kind), 0)

    def allow(self, owner: str, spender: str, asset: str, amount: int = UNLIMITED) -> None:
        kind = COLLATERAL if asset == COLLATERAL else "CONDITIONAL"
        self.allowances[owner, spender.lower(), kind] = amount

    def reserve(self, owner: str, asset: str, change: int) -> None:
        """An open order holds `change` more (negative: less)."""
        self.reserved[owner, asset] += change

    def match(self, movement: Movement) -> None:
        """A fill is agreed but not settled: what is given is gone, what is got is not there yet."""
        self.matched[movement.owner, movement.gives] += movement.given

    def settle(self, movement: Movement) -> None:
        """The fill is on the chain."""
        for asset in (movement.gives, movement.gets):
            self.before[movement.owner, asset] = self.balances[movement.owner, asset]
        self.matched[movement.owner, movement.gives] -= movement.given
        self.balances[movement.owner, movement.gives] -= movement.given
        self.balances[movement.owner, movement.gets] += movement.got
        self._use_allowance(movement)

    def _use_allowance(self, movement: Movement) -> None:
        """An ERC-20 transfer lowers its allowance; an approval of all shares stays."""
        key = (movement.owner, movement.spender.lower(), COLLATERAL)
        left = self.allowances.get(key, UNLIMITED)
        if movement.gives == COLLATERAL and left < UNLIMITED:
            self.allowances[key] = max(0, left - movement.given)

    def fail(self, movement: Movement) -> None:
        """The fill will never settle: nothing moved."""
        self.matched[movement.owner, movement.gives] -= movement.given
