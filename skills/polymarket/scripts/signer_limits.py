"""Both buckets of one signer, kept true by what the venue's replies say. For any threads."""

from __future__ import annotations

import math
from contextvars import ContextVar
from typing import Protocol

from signer_bucket import SignerBucket
from signer_tiers import SIGNER_TIERS


class Update(Protocol):
    """What polymarket-client's RateLimitUpdate has."""

    @property
    def remaining(self) -> float | None: ...
    @property
    def tier(self) -> str | None: ...


class SignerLimits:
    """Starts at `tier` and follows the venue. Orders and cancels never wait for each other."""

    def __init__(self, tier: str = "Standard", *, guard: float = 0.5) -> None:
        """`guard`: see SignerBucket. Raises KeyError for a tier that does not exist."""
        start = SIGNER_TIERS[tier]
        self.orders = SignerBucket(start.order_rate, start.order_burst, guard=guard)
        self.cancels = SignerBucket(start.cancel_rate, start.cancel_burst, guard=guard)
        self.tier = tier
        # Which bucket this thread's, or this task's, next reply is about.
        self._charged: ContextVar[SignerBucket | None] = ContextVar("charged", default=None)

    def wait_to_order(self, orders: int = 1) -> float:
        """Wait until that many orders may leave in one request; seconds waited."""
        self._charged.set(self.orders)
        return self.orders.wait_if_needed(orders)

    def wait_to_cancel(self, ids: int = 1) -> float:
        """Wait until one request may cancel that many orders; seconds waited."""
        self._charged.set(self.cancels)
        return self.cancels.wait_if_needed(ids)

    def on_rate_limit_update(self, update: Update) -> None:
        """For polymarket-client's argument of that name: it calls where it read the reply."""
        self.heard(self._charged.get(), update.remaining, update.tier)

    def heard(
        self,
        bucket: SignerBucket | None,
        remaining: float | None = None,
        tier: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """A reply's Poly-RateLimit-Remaining and -Tier, and a 429's Retry-After in seconds."""
        found = SIGNER_TIERS.get((tier or "").capitalize())
        if found and tier and tier.capitalize() != self.tier:
            self.orders.change(found.order_rate, found.order_burst)
            self.cancels.change(found.cancel_rate, found.cancel_burst)
            self.tier = tier.capitalize()
        if bucket and remaining is not None and math.isfinite(remaining):
            bucket.update(remaining)
        if bucket and retry_after:
            bucket.pause(retry_after)
