"""Limits that are still quoted in tutorials, and the day each one ended."""

from __future__ import annotations

from dataclasses import dataclass

from rate_limits import CHANGELOG_PAGE


@dataclass(frozen=True)
class Superseded:
    """A row of RATE_LIMITS as it was before the day `until`, which brought its successor."""

    group: str
    windows: tuple[tuple[int, int], ...]
    until: str
    source: str = CHANGELOG_PAGE


SUPERSEDED: tuple[Superseded, ...] = (
    Superseded("POST /order", ((3_500, 10), (36_000, 600)), "2026-04-08"),
    Superseded("DELETE /order", ((3_000, 10), (30_000, 600)), "2026-04-08"),
    Superseded("POST /orders", ((1_000, 10), (15_000, 600)), "2026-04-08"),
    Superseded("DELETE /cancel-market-orders", ((1_000, 10), (1_500, 600)), "2026-04-08"),
    Superseded("POST /order", ((5_000, 10), (48_000, 600)), "2026-06-01"),
    Superseded("DELETE /order", ((5_000, 10), (48_000, 600)), "2026-06-01"),
    Superseded("POST /orders", ((1_500, 10), (21_000, 600)), "2026-06-01"),
    Superseded("DELETE /orders", ((1_000, 10), (15_000, 600)), "2026-06-01"),
)
