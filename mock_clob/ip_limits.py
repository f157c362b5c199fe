"""The limits per IP address as tables, with source and date, and which requests count in which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Window:
    """At most `count` requests in any half-open span of `seconds`."""

    count: int
    seconds: float

    def scaled(self, time_scale: float) -> Window:
        """The same rate over a shorter span, with a whole number of requests (at least one)."""
        count = max(1, int(self.count / time_scale))
        return Window(count, self.seconds * count / self.count)


@dataclass(frozen=True)
class Group:
    """Requests that share windows. Empty `api`, `method` or `paths` match everything.

    Paths are shell patterns: `*` stands for any text.
    """

    name: str
    windows: tuple[Window, ...]
    api: str = ""  # clob | gamma | data | relayer
    method: str = ""
    paths: tuple[str, ...] = ()

    def includes(self, api: str, method: str, path: str) -> bool:
        return (
            (not self.api or self.api == api)
            and (not self.method or self.method == method)
            and (not self.paths or any(fnmatchcase(path, pattern) for pattern in self.paths))
        )


def _ten(count: int) -> tuple[Window, ...]:
    return (Window(count, 10.0),)


@dataclass(frozen=True)
class Edition:
    """The trading limits as they stood from a date: requests per 10 s and per 10 min."""

    since: str
    source: str
    trading: dict[str, tuple[int, int]]


# docs.polymarket.com, api-reference/rate-limits and changelog. Only the trading rows changed.
EDITIONS: dict[str, Edition] = {
    edition.since: edition
    for edition in (
        Edition(
            since="2026-02",
            source="rate-limits page, as archived in February 2026; until 2026-04-08",
            trading={
                "POST /order": (3_500, 36_000),
                "DELETE /order": (3_000, 30_000),
                "POST /orders": (1_000, 15_000),
                "DELETE /orders": (1_000, 15_000),
                "DELETE /cancel-all": (250, 6_000),
                "DELETE /cancel-market-orders": (1_000, 1_500),
            },
        ),
        Edition(
            since="2026-04-08",
            source="changelog of 2026-04-08; page as quoted on 2026-05-13; until 2026-06-01",
            trading={
                "POST /order": (5_000, 48_000),
                "DELETE /order": (5_000, 48_000),
                "POST /orders": (1_500, 21_000),
                "DELETE /orders": (1_000, 15_000),
                "DELETE /cancel-all": (250, 6_000),
                "DELETE /cancel-market-orders": (1_500, 21_000),
            },
        ),
        Edition(
            since="2026-06-01",
            source="changelog of 2026-06-01; page as archived 2026-07-25 to 2026-09-26",
            trading={
                "POST /order": (5_000, 120_000),
                "DELETE /order": (5_000, 120_000),
                "POST /orders": (2_000, 21_000),
                "DELETE /orders": (2_000, 15_000),
                "DELETE /cancel-all": (250, 6_000),
                "DELETE /cancel-market-orders": (1_500, 21_000),
            },
        ),
    )
}
CURRENT_EDITION = "2026-06-01"

# The same page's other rows, unchanged over the editions above. Where a row names a word and not
# a path ("API key endpoints"), the paths are ours. Not here: hosts that the mock does not serve
# (bridge 50/10 s, user PNL 200/10 s).
GROUPS: tuple[Group, ...] = (
    Group("general", _ten(15_000)),
    Group("CLOB general", _ten(9_000), "clob"),
    Group("CLOB /ok", _ten(100), "clob", "", ("/ok",)),
    Group("/book", _ten(1_500), "clob", "", ("/book",)),
    Group("/price", _ten(1_500), "clob", "", ("/price",)),
    Group("/midpoint", _ten(1_500), "clob", "", ("/midpoint",)),
    Group("/books", _ten(500), "clob", "", ("/books",)),
    Group("/prices", _ten(500), "clob", "", ("/prices",)),
    Group("/midpoints", _ten(500), "clob", "", ("/midpoints",)),
    Group("/prices-history", _ten(1_000), "clob", "", ("/prices-history",)),
    Group("tick size", _ten(200), "clob", "", ("/tick-size", "/tick-size/*")),
    Group("balance allowance", _ten(200), "clob", "GET", ("/balance-allowance",)),
    Group("balance allowance update", _ten(50), "clob", "", ("/balance-allowance/update",)),
    # The page says "/trades, /orders, /notifications, /order". Read as the GET routes of these
    # records: with POST /order in it, that route's own limit could never be reached.
    Group(
        "ledger",
        _ten(900),
        "clob",
        "GET",
        ("/data/trades", "/data/orders", "/data/order/*", "/notifications"),
    ),
    Group("/data/orders", _ten(500), "clob", "GET", ("/data/orders",)),
    Group("/data/trades", _ten(500), "clob", "GET", ("/data/trades",)),
    Group("/notifications", _ten(125), "clob", "", ("/notifications",)),
    Group(
        "API keys",
        _ten(100),
        "clob",
        "",
        (
            "/auth/api-key",
            "/auth/api-keys",
            "/auth/derive-api-key",
            "/auth/readonly-api-key",
            "/auth/readonly-api-keys",
            "/auth/validate-readonly-api-key",
            "/auth/builder-api-key",
        ),
    ),
    Group("Gamma general", _ten(4_000), "gamma"),
    Group("Gamma /events", _ten(500), "gamma", "", ("/events", "/events/*")),
    Group("Gamma /markets", _ten(300), "gamma", "", ("/markets", "/markets/*")),
    Group(
        "Gamma /markets and /events",
        _ten(900),
        "gamma",
        "",
        ("/markets", "/markets/*", "/events", "/events/*"),
    ),
    Group("Gamma /comments", _ten(200), "gamma", "", ("/comments", "/comments/*")),
    Group("Gamma /tags", _ten(200), "gamma", "", ("/tags", "/tags/*")),
    Group("Gamma /public-search", _ten(350), "gamma", "", ("/public-search",)),
    Group("Data general", _ten(1_000), "data"),
    Group("Data /trades", _ten(200), "data", "", ("/trades", "/v2/trades")),
    Group("Data /positions", _ten(150), "data", "", ("/positions", "/v2/positions")),
    Group(
        "Data /closed-positions",
        _ten(150),
        "data",
        "",
        ("/closed-positions", "/v2/closed-positions"),
    ),
    Group("Data /ok", _ten(100), "data", "", ("/ok",)),
    Group("relayer /submit", (Window(25, 60.0),), "relayer", "", ("/submit",)),
)


def groups(edition: str = CURRENT_EDITION, time_scale: float = 1.0) -> tuple[Group, ...]:
    """Every group of an edition, its windows divided by `time_scale`. KeyError: no such edition."""
    trading = []
    for route, (burst, sustained) in EDITIONS[edition].trading.items():
        method, path = route.split()
        windows = (Window(burst, 10.0), Window(sustained, 600.0))
        trading.append(Group(route, windows, "clob", method, (path,)))
    return tuple(
        replace(group, windows=tuple(window.scaled(time_scale) for window in group.windows))
        for group in (*GROUPS, *trading)
    )


def groups_of(table: tuple[Group, ...], api: str, method: str, path: str) -> tuple[Group, ...]:
    """The groups that a request counts in, from the most general on."""
    return tuple(group for group in table if group.includes(api, method, path))
