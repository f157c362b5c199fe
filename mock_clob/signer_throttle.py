"""The throttle per signer: token buckets that refuse. Sans-IO: seconds in, verdicts out."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

TOO_MANY_REQUESTS = "Too Many Requests"


@dataclass(frozen=True)
class Rate:
    """A bucket that holds `burst` tokens and gains `per_second`."""

    per_second: int
    burst: int


@dataclass(frozen=True)
class Tier:
    """Limits of a 30-day volume class. `debt`: a cancel-all may overdraw the cancel bucket."""

    name: str
    volume: int  # dollars in 30 days from which it applies
    orders: Rate
    cancels: Rate
    debt: bool


# docs.polymarket.com, api-reference/trading-rate-limits, fetched 2026-08-05. The header spells
# tiers in lower case in the official TypeScript client's tests.
TIERS: dict[str, Tier] = {
    tier.name: tier
    for tier in (
        Tier("standard", 0, Rate(40, 60), Rate(80, 120), True),
        Tier("copper", 30_000, Rate(60, 90), Rate(120, 180), True),
        Tier("bronze", 50_000, Rate(80, 120), Rate(160, 240), True),
        Tier("silver", 100_000, Rate(200, 300), Rate(400, 600), True),
        Tier("gold", 500_000, Rate(400, 600), Rate(800, 1_200), True),
        Tier("platinum", 2_500_000, Rate(450, 675), Rate(900, 1_350), False),
        Tier("diamond", 5_000_000, Rate(525, 787), Rate(1_050, 1_575), False),
        Tier("elite", 10_000_000, Rate(600, 900), Rate(1_200, 1_800), False),
    )
}

VOLUME_DAYS = 30


def next_tier(tier: Tier) -> Tier | None:
    """The tier above, by volume; None at the top."""
    return min((t for t in TIERS.values() if t.volume > tier.volume), key=_volume, default=None)


def _volume(tier: Tier) -> int:
    return tier.volume


ORDER, CANCEL = "order", "cancel"
# Cost: POST /order and DELETE /order 1, their batches one per entry, the two mass cancels 1 and,
# once the outcome is known, 1 per cancelled order (`SignerThrottle.debit`).
BUCKETS: dict[str, str] = {
    "POST /order": ORDER,
    "POST /orders": ORDER,
    "DELETE /order": CANCEL,
    "DELETE /orders": CANCEL,
    "DELETE /cancel-all": CANCEL,
    "DELETE /cancel-market-orders": CANCEL,
}


def bucket_of(method: str, path: str) -> str | None:
    """`order`, `cancel`, or None for a route that no bucket limits."""
    return BUCKETS.get(f"{method} {path}")


@dataclass(frozen=True)
class BucketVerdict:
    """What the per-signer throttle says, and the headers of the reply either way."""

    rejected: bool
    headers: dict[str, str]


@dataclass
class _Bucket:
    level: float
    at: float

    def refill(self, rate: Rate, now: float) -> None:
        self.level = min(rate.burst, self.level + (now - self.at) * rate.per_second)
        self.at = now


@dataclass
class _Signer:
    tier: Tier
    buckets: dict[str, _Bucket]


class SignerThrottle:
    """Two token buckets per signer address. All or nothing: a batch passes whole or not at all.

    `enforce=False` is the venue's warning mode since 2026-07-24: nothing is refused, and what
    would be carries `Poly-RateLimit-Warning: true`. Whether enforcement has begun since is not
    established. A warned request takes no tokens, as if it had been refused (a doubt: the docs
    do not say), so the warnings are exactly the refusals of enforcement.
    """

    def __init__(
        self, enforce: bool = False, tier: str = "standard", max_signers: int = 10_000
    ) -> None:
        self.enforce = enforce
        self.default = TIERS[tier.lower()]
        self.max_signers = max_signers
        self._signers: OrderedDict[str, _Signer] = OrderedDict()
        self._assigned: dict[str, Tier] = {}

    def charge(self, signer: str, bucket: str, cost: int, now: float) -> BucketVerdict:
        """Take `cost` tokens at `now` (seconds). A request of no cost is not evaluated."""
        if cost <= 0:
            return BucketVerdict(False, {})
        state = self._signer(signer, now)
        rate, level = self._refilled(state, bucket, now)
        if level.level >= cost:
            level.level -= cost
            return BucketVerdict(False, _headers(state.tier, level.level, now))
        # Docs: Reset is when there are enough tokens for this request, not when the bucket is
        # full; a cost beyond the burst never fits, and gets no wait.
        wait = (cost - level.level) / rate.per_second if cost <= rate.burst else 0.0
        headers = _headers(state.tier, level.level, math.ceil(now + wait))
        if not self.enforce:
            return BucketVerdict(False, headers | {"Poly-RateLimit-Warning": "true"})
        if wait:
            headers["Retry-After"] = str(max(1, math.ceil(wait)))
        return BucketVerdict(True, headers)

    def debit(self, signer: str, cancelled: int, now: float) -> dict[str, str]:
        """Take a token per order that a mass cancel cancelled; the reply's headers.

        The balance may go below zero in tiers that allow it, and blocks later cancels until it
        is paid back; in the others it stops at zero.
        """
        state = self._signer(signer, now)
        _, level = self._refilled(state, CANCEL, now)
        level.level -= cancelled
        if not state.tier.debt:
            level.level = max(0.0, level.level)
        return _headers(state.tier, level.level, now)

    def tier_of(self, signer: str) -> Tier:
        return self._assigned.get(signer.lower(), self.default)

    def assigned(self, signer: str) -> bool:
        """Whether `set_tier` gave the signer its tier."""
        return signer.lower() in self._assigned

    def set_tier(self, signer: str, tier: str, now: float) -> None:
        """Move a signer to another tier; its balances come along, cut to the new burst.

        One that has sent nothing yet begins with full buckets. KeyError: no such tier.
        """
        chosen = self._assigned[signer.lower()] = TIERS[tier.lower()]
        state = self._signers.get(signer.lower())
        if state is None:
            return
        for bucket in (ORDER, CANCEL):
            self._refilled(state, bucket, now)
        state.tier = chosen
        for bucket in (ORDER, CANCEL):
            self._refilled(state, bucket, now)

    def reset(self) -> None:
        self._signers.clear()
        self._assigned.clear()

    def _signer(self, signer: str, now: float) -> _Signer:
        """The signer's state, full when new; the least recently seen is forgotten."""
        key = signer.lower()
        if key not in self._signers:
            tier = self.tier_of(signer)
            self._signers[key] = _Signer(
                tier,
                {
                    ORDER: _Bucket(tier.orders.burst, now),
                    CANCEL: _Bucket(tier.cancels.burst, now),
                },
            )
            if len(self._signers) > self.max_signers:
                self._signers.popitem(last=False)
        self._signers.move_to_end(key)
        return self._signers[key]

    def _refilled(self, state: _Signer, bucket: str, now: float) -> tuple[Rate, _Bucket]:
        rate = state.tier.orders if bucket == ORDER else state.tier.cancels
        level = state.buckets[bucket]
        level.refill(rate, now)
        return rate, level


def _headers(tier: Tier, level: float, reset: float) -> dict[str, str]:
    return {
        "Poly-RateLimit-Remaining": str(math.floor(level)),
        "Poly-RateLimit-Reset": str(int(reset)),
        "Poly-RateLimit-Tier": tier.name,
    }
