"""The tables of the guide's rate-limiting section, made from the data of the snippets.

Run it with snippets/library on the path to print them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rate_limits import RATE_LIMITS
from signer_tiers import SIGNER_TIERS, TOKEN_COSTS
from superseded_rate_limits import SUPERSEDED


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    first, *rest = (f"| {' | '.join(cells)} |" for cells in [head, *rows])
    return "\n".join([first, "|---" * len(head) + "|", *rest])


def trading() -> str:
    """Every trading endpoint: the limits in force now, and before each day that changed one."""
    days = sorted({old.until for old in SUPERSEDED}, reverse=True)

    def before(group: str, day: str) -> tuple[tuple[int, int], ...]:
        rows = sorted((old.until, old.windows) for old in SUPERSEDED if old.group == group)
        return next((w for until, w in rows if until >= day), RATE_LIMITS[group].windows)

    def cell(windows: tuple[tuple[int, int], ...]) -> str:
        return " / ".join(f"{calls:,}" for calls, _ in windows)

    groups = [group for group, limit in RATE_LIMITS.items() if len(limit.windows) == 2]
    return table(
        ["In 10 s / in 10 min", "now", *(f"until {day}" for day in days)],
        (
            [
                f"`{group}`",
                f"**{cell(RATE_LIMITS[group].windows)}**",
                *(cell(before(group, day)) for day in days),
            ]
            for group in groups
        ),
    )


def others() -> str:
    """Every other group, those with the same limit in one row."""
    rows: dict[tuple[int, int], list[str]] = {}
    for limit in RATE_LIMITS.values():
        if len(limit.windows) == 1:
            rows.setdefault(limit.windows[0], []).append(limit.counted)
    ordered = sorted(rows.items(), key=lambda row: -row[0][0] / row[0][1])
    return table(
        ["Calls", "Counted"],
        ([f"{calls:,} in {seconds} s", "; ".join(names)] for (calls, seconds), names in ordered),
    )


def tiers() -> str:
    return table(
        ["Tier", "Volume", "Orders/s (burst)", "Cancels/s (burst)", "Cancel debt"],
        (
            [
                name,
                f"${tier.volume:,}",
                f"{tier.order_rate:,} ({tier.order_burst:,})",
                f"{tier.cancel_rate:,} ({tier.cancel_burst:,})",
                "yes" if tier.cancel_debt else "no",
            ]
            for name, tier in SIGNER_TIERS.items()
        ),
    )


def costs() -> str:
    return table(["Request", "Tokens"], ([f"`{name}`", cost] for name, cost in TOKEN_COSTS.items()))


TABLES = {"trading": trading, "others": others, "tiers": tiers, "costs": costs}

if __name__ == "__main__":
    for make in TABLES.values():
        print(make(), end="\n\n")
