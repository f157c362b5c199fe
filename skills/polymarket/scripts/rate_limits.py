"""The venue's request limits as data: per IP address, in any sliding window.

A request over a limit is delayed, not refused. Seconds; dates are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass

RATE_LIMITS_PAGE = "https://docs.polymarket.com/api-reference/rate-limits"
CHANGELOG_PAGE = "https://docs.polymarket.com/changelog"


@dataclass(frozen=True)
class Limit:
    """What is counted, and the most calls in each window: (calls, seconds), shortest first."""

    counted: str
    windows: tuple[tuple[int, int], ...]
    source: str = RATE_LIMITS_PAGE
    as_of: str = "2026-09-26"  # the last day its source was seen with this figure
    since: str | None = None  # the day of the last change, where the changelog names one


def _per_10_s(counted: str, calls: int) -> Limit:
    return Limit(counted, ((calls, 10),))


def _trading(endpoint: str, burst: int, sustained: int, since: str | None = None) -> Limit:
    return Limit(endpoint, ((burst, 10), (sustained, 600)), since=since)


RATE_LIMITS: dict[str, Limit] = {
    "general": _per_10_s("all requests", 15_000),
    "health": _per_10_s("/ok", 100),
    # https://clob.polymarket.com
    "clob": _per_10_s("all CLOB requests", 9_000),
    "market data": _per_10_s("/book, /price, /midpoint: each", 1_500),
    "batch market data": _per_10_s("/books, /prices, /midpoints: each", 500),
    "price history": _per_10_s("/prices-history", 1_000),
    "tick size": _per_10_s("/tick-size", 200),
    "balance": _per_10_s("/balance-allowance", 200),
    "balance update": _per_10_s("/balance-allowance/update", 50),
    # The trading rows allow more than 900, so this row can only mean reads.
    "ledger": _per_10_s("reads of /trades, /orders, /notifications, /order: together", 900),
    "open orders": _per_10_s("/data/orders", 500),
    "trades": _per_10_s("/data/trades", 500),
    "notifications": _per_10_s("/notifications", 125),
    "api keys": _per_10_s("API key endpoints", 100),
    "POST /order": _trading("POST /order", 5_000, 120_000, "2026-06-01"),
    "DELETE /order": _trading("DELETE /order", 5_000, 120_000, "2026-06-01"),
    "POST /orders": _trading("POST /orders", 2_000, 21_000, "2026-06-01"),
    "DELETE /orders": _trading("DELETE /orders", 2_000, 15_000, "2026-06-01"),
    "DELETE /cancel-all": _trading("DELETE /cancel-all", 250, 6_000),
    "DELETE /cancel-market-orders": _trading(
        "DELETE /cancel-market-orders", 1_500, 21_000, "2026-04-08"
    ),
    # The other hosts
    "gamma": _per_10_s("all Gamma requests", 4_000),
    "gamma events": _per_10_s("Gamma /events", 500),
    "gamma markets": _per_10_s("Gamma /markets", 300),
    "gamma listing": _per_10_s("Gamma /markets, /events: together", 900),
    "gamma comments": _per_10_s("Gamma /comments", 200),
    "gamma tags": _per_10_s("Gamma /tags", 200),
    "gamma search": _per_10_s("Gamma /public-search", 350),
    "data": _per_10_s("all Data API requests", 1_000),
    "data trades": _per_10_s("Data API /trades", 200),
    "data positions": _per_10_s("Data API /positions, /closed-positions: each", 150),
    "data health": _per_10_s("Data API /ok", 100),
    "relayer": Limit("Relayer /submit", ((25, 60),)),
    "bridge": _per_10_s("all Bridge requests", 50),
    "user pnl": _per_10_s("User PNL", 200),
}

MAX_ORDERS_PER_BATCH = 15  # POST /orders; CHANGELOG_PAGE, since 2025-08-21
MAX_IDS_PER_CANCEL = 1_000  # DELETE /orders; CHANGELOG_PAGE, since 2026-06-15

if __name__ == "__main__":
    for group, limit in RATE_LIMITS.items():
        if len(limit.windows) == 2:
            (burst, _), (sustained, _) = limit.windows
            print(f"{group:<28} {burst:>5,} in 10 s, {sustained:>7,} in 600 s")
