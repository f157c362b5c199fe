"""Who ranks where: traders by profit or volume, the biggest wins, builders by volume.

Finite windows are the change of a wallet's marked profit since their beginning, `all` is what it
has realised, as the published contract says. Volumes are shares, both sides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mock_clob.builders import NO_BUILDER
from mock_clob.data.books import Marks, Position, positions, totals
from mock_clob.data.changes import Change, Kind
from mock_clob.data.shared import DAY, of
from mock_clob.engine import Engine

WINDOWS = {"day": DAY, "week": 7 * DAY, "month": 30 * DAY, "all": 0}
OVERALL = "overall"


@dataclass(frozen=True)
class Standing:
    wallet: str
    pnl: int
    volume: int


@dataclass(frozen=True)
class Win:
    position: Position
    paid: int

    @property
    def pnl(self) -> int:
        return self.paid - self.position.spent


@dataclass(frozen=True)
class Brought:
    """What a builder brought in a stretch of time."""

    code: str
    volume: int
    users: int


def in_category(changes: Iterable[Change], category: str) -> list[Change]:
    wanted = category.lower()
    return [
        change
        for change in changes
        if wanted == OVERALL or (change.market and change.market.category.lower() == wanted)
    ]


def standings(engine: Engine, changes: Sequence[Change], window: str, now: int) -> list[Standing]:
    """Of every wallet that has traded, in no order."""
    marks, since = Marks(engine), now - WINDOWS[window]
    found = []
    for wallet in dict.fromkeys(c.wallet for c in changes if c.kind is Kind.TRADE):
        mine = of(wallet, changes)
        if window == "all":
            [last] = totals(marks, mine, [now])
            found.append(Standing(wallet, last.realized - last.fees, last.volume))
            continue
        before, last = totals(marks, mine, [since, now])
        # Where a mark is not known any more, shares count what they cost.
        marked = (last.unrealized or 0) - (before.unrealized or 0)
        pnl = last.realized - before.realized - (last.fees - before.fees) + marked
        found.append(Standing(wallet, pnl, last.volume - before.volume))
    return found


def ranks(figures: Sequence[int]) -> list[int]:
    """Of figures that fall: equal ones share a rank, and the next one skips."""
    return [figures.index(figure) + 1 for figure in figures]


def ranked(found: Iterable[Standing], by: Callable[[Standing], int]) -> list[tuple[int, Standing]]:
    ordered = sorted(found, key=lambda each: (-by(each), each.wallet))
    return list(zip(ranks([by(each) for each in ordered]), ordered, strict=True))


def wins(engine: Engine, changes: Iterable[Change], window: str, now: int) -> list[Win]:
    """Positions that a resolution paid more for than they had cost, the biggest first."""
    found = []
    for position in positions(engine, changes):
        market = position.market
        at = market.resolved_ms // 1000
        recent = window == "all" or now - WINDOWS[window] <= at <= now
        if not market.winning_token_id or not recent:
            continue
        win = Win(position, position.received + position.value)
        if win.pnl > 0:
            found.append(win)
    return sorted(found, key=lambda win: (-win.pnl, win.position.wallet, win.position.token_id))


def builders(changes: Iterable[Change]) -> list[Brought]:
    """The builders that these trades came from, by volume."""
    volumes: defaultdict[str, int] = defaultdict(int)
    users: defaultdict[str, set[str]] = defaultdict(set)
    for change in changes:
        code = change.order.builder if change.order else ""
        if change.kind is Kind.TRADE and code not in ("", NO_BUILDER):
            volumes[code] += change.size
            users[code].add(change.wallet)
    found = [Brought(code, volume, len(users[code])) for code, volume in volumes.items()]
    return sorted(found, key=lambda each: (-each.volume, each.code))


def buckets(changes: Iterable[Change], interval: str) -> dict[str, list[Change]]:
    """By the day on which a stretch of `interval` begins, newest first; all is by year."""
    found: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        day = datetime.fromtimestamp(change.at, UTC).date()
        begins = {
            "day": day,
            "week": day - timedelta(days=day.weekday()),
            "month": day.replace(day=1),
            "all": day.replace(month=1, day=1),
        }
        found[begins[interval].isoformat()].append(change)
    return {begins: found[begins] for begins in sorted(found, reverse=True)}


def since(changes: Iterable[Change], window: str, now: int) -> list[Change]:
    return [c for c in changes if window == "all" or c.at >= now - WINDOWS[window]]


def taken(changes: Iterable[Change]) -> Iterator[tuple[str, Change]]:
    """(condition id, the taker's part) of every trade."""
    for change in changes:
        if change.kind is Kind.TRADE and change.is_taker and change.market:
            yield change.market.condition_id, change


def interest(engine: Engine, changes: Iterable[Change]) -> defaultdict[str, int]:
    """Condition id -> every share at its price, but those that the venue took for fees."""
    values: defaultdict[str, int] = defaultdict(int)
    for position in positions(engine, changes):
        if position.wallet != engine.fees_to:
            values[position.market.condition_id] += position.value
    return values
