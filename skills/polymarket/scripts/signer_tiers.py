"""The venue's per-signer token buckets as data: one for orders, one for cancels, by tier.

A request that costs more tokens than its bucket holds gets 429. They run since 2026-07-24, first
as a warning only (Poly-RateLimit-Warning: true); the day enforcement began is not known.
"""

from __future__ import annotations

from dataclasses import dataclass

SIGNER_LIMITS_PAGE = "https://docs.polymarket.com/api-reference/trading-rate-limits"


@dataclass(frozen=True)
class Tier:
    """Tokens a second, and the most a bucket holds. Volume: the maker's dollars in 30 days."""

    volume: int
    order_rate: int
    order_burst: int
    cancel_rate: int
    cancel_burst: int
    cancel_debt: bool = True  # may a cancel-all leave the cancel bucket below zero
    source: str = SIGNER_LIMITS_PAGE
    as_of: str = "2026-09-16"


# Reassigned every three hours; a reply names the tier in Poly-RateLimit-Tier.
SIGNER_TIERS: dict[str, Tier] = {
    "Standard": Tier(0, 40, 60, 80, 120),
    "Copper": Tier(30_000, 60, 90, 120, 180),
    "Bronze": Tier(50_000, 80, 120, 160, 240),
    "Silver": Tier(100_000, 200, 300, 400, 600),
    "Gold": Tier(500_000, 400, 600, 800, 1_200),
    "Platinum": Tier(2_500_000, 450, 675, 900, 1_350, cancel_debt=False),
    "Diamond": Tier(5_000_000, 525, 787, 1_050, 1_575, cancel_debt=False),
    "Elite": Tier(10_000_000, 600, 900, 1_200, 1_800, cancel_debt=False),
}

# What a request takes from the order bucket (POST) or the cancel bucket (DELETE).
TOKEN_COSTS: dict[str, str] = {
    "POST /order": "1",
    "POST /orders": "1 for each order; all or nothing",
    "DELETE /order": "1",
    "DELETE /orders": "1 for each id; all or nothing",
    "DELETE /cancel-all": "1, then 1 for each order cancelled",
    "DELETE /cancel-market-orders": "1, then 1 for each order cancelled",
}
