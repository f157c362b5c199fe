"""The two throttles: per-IP windows that delay, and per-signer buckets that refuse.

Sans-IO: time comes in as seconds, delays and headers go out. The figures are tables with source
and date; a request must pass both throttles, and is counted in every window that names it.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from typing import Any

# -- Per-IP windows ------------------------------------------------------------------------------


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


@dataclass(frozen=True)
class Verdict:
    """What the per-IP throttle says of one request."""

    delay: float = 0.0  # seconds to hold the request back; 0 when rejected
    rejected: bool = False  # answer 429
    group: str = ""  # the group that made it wait, "" when none did
    retry_after: int = 0  # whole seconds, when rejected


BLOCK = 256


class _Log:
    """The instants at which one window's requests pass: those of the last span, and bookings."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._at = array("d")  # ascending; as many as the window counts, and the queue

    def earliest(self, at: float) -> float:
        """`at`, or the next instant that could have room when `at` has none.

        An instant has room when no span of the window then holds more than `count`: neither the
        spans before it nor those that begin with it and hold what is booked later.
        """
        count, seconds, booked = self.window.count, self.window.seconds, self._at
        if len(booked) < count:
            return at
        place = bisect_right(booked, at)
        # Spans that `at` would end or lie in. `low` opens the span and `high` closes it, both
        # as they stand now: with `at` between them, the span holds count + 1.
        for low in range(max(0, place - count), min(place, len(booked) - count + 1)):
            high = low + count - 1
            if high < place:  # `at` closes the span
                if booked[low] + seconds > at:
                    return booked[low] + seconds
            elif booked[low] + seconds > booked[high]:
                return booked[high]
        # The span that `at` opens.
        closes = place + count - 1
        if closes < len(booked) and at + seconds > booked[closes]:
            return booked[closes]
        return at

    def book(self, at: float) -> None:
        self._at.insert(bisect_right(self._at, at), at)

    def forget(self, now: float) -> None:
        """Drop what no span that ends now or later can hold, in blocks: a cut is linear."""
        booked, seconds = self._at, self.window.seconds
        if len(booked) >= BLOCK and booked[BLOCK - 1] + seconds <= now:
            del booked[: bisect_right(booked, now, key=lambda at: at + seconds)]


@dataclass
class _Address:
    """One IP address: a log for each window it has used, and what waits."""

    logs: dict[str, tuple[_Log, ...]] = field(default_factory=dict)
    waiting: list[float] = field(default_factory=list)  # ascending instants still to come


class IpThrottle:
    """Sliding windows per IP address. A request over a limit waits for the first free instant.

    The windows are those of an edition, or a table of your own.

    Requests of the same groups pass in order of arrival. A booked instant is spent even if the
    client gives up waiting. What waits longer than `max_delay` seconds, or behind more than
    `max_queue` waiting requests of its address, is rejected and not counted.

    Doubt: the docs say "delayed/queued rather than immediately rejected", and users see 429
    under sustained overshoot; where that begins is not established, hence the two parameters.
    """

    def __init__(
        self,
        edition: str = CURRENT_EDITION,
        time_scale: float = 1.0,
        max_delay: float = 30.0,
        max_queue: int = 1_000,
        max_addresses: int = 256,
        table: tuple[Group, ...] | None = None,
    ) -> None:
        self.groups = groups(edition, time_scale) if table is None else table
        self.max_delay = max_delay
        self.max_queue = max_queue
        self.max_addresses = max_addresses
        self._groups_of = lru_cache(maxsize=4_096)(partial(groups_of, self.groups))
        self._addresses: OrderedDict[str, _Address] = OrderedDict()

    def admit(self, ip: str, method: str, path: str, now: float, *, api: str = "clob") -> Verdict:
        """Count a request that arrives at `now` (seconds, never earlier than the last call's)."""
        address = self._address(ip)
        logs = []
        for group in self._groups_of(api, method, path):
            if group.name not in address.logs:
                address.logs[group.name] = tuple(_Log(window) for window in group.windows)
            for log in address.logs[group.name]:
                log.forget(now)
                logs.append((group, log))

        at, waits_for = now, ""
        settled = False
        while not settled:
            settled = True
            for group, log in logs:
                later = log.earliest(at)
                if later > at:
                    at, waits_for, settled = later, group.name, False

        del address.waiting[: bisect_right(address.waiting, now)]
        if at > now:
            if at - now > self.max_delay or len(address.waiting) >= self.max_queue:
                retry_after = max(1, math.ceil(at - now))
                return Verdict(rejected=True, group=waits_for, retry_after=retry_after)
            address.waiting.insert(bisect_right(address.waiting, at), at)
        for _, log in logs:
            log.book(at)
        return Verdict(delay=at - now, group=waits_for)

    def reset(self) -> None:
        self._addresses.clear()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_groups_of"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._groups_of = lru_cache(maxsize=4_096)(partial(groups_of, self.groups))

    def _address(self, ip: str) -> _Address:
        """The address's state; the least recently seen address is forgotten when there are many."""
        if ip not in self._addresses:
            self._addresses[ip] = _Address()
            if len(self._addresses) > self.max_addresses:
                self._addresses.popitem(last=False)
        self._addresses.move_to_end(ip)
        return self._addresses[ip]


# -- Per-signer buckets --------------------------------------------------------------------------

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
