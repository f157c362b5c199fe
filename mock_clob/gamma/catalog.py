"""The venue's markets as Gamma arranges them: in events, under tags, in series, with ids.

Derived from the engine's list of markets at every request; ids follow the order of listing, so a
market keeps its id while the venue stands. Tags and series are a small table of our own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from mock_clob.engine import Engine
from mock_clob.model import Market

FIRST_MARKET, FIRST_EVENT = 500_001, 30_001


@dataclass(frozen=True)
class Tag:
    id: int
    slug: str
    label: str
    carousel: bool = False
    related: tuple[str, ...] = ()  # slugs, the most related first


@dataclass(frozen=True)
class Series:
    id: int
    slug: str
    title: str
    recurrence: str  # daily | weekly | monthly
    event_slugs: tuple[str, ...] = ()


TAGS = (
    Tag(100_001, "demo", "Demo", True, ("elections", "crypto")),
    Tag(100_002, "elections", "Elections", True, ("demo",)),
    Tag(100_003, "crypto", "Crypto", True, ("demo",)),
    Tag(100_004, "soccer", "Soccer", False, ("demo",)),
)
SERIES = (
    Series(1, "documentation", "Documentation", "monthly", ("documented-market",)),
    Series(2, "winners", "Winners", "weekly", ("winner",)),
    Series(3, "epl", "English Premier League", "weekly"),
    Series(4, "lal", "La Liga", "weekly"),
)
TAG_BY_SLUG = {tag.slug: tag for tag in TAGS}


@dataclass(frozen=True)
class Event:
    """What Gamma calls an event: one market alone, or several about one question."""

    id: int
    slug: str
    title: str
    markets: tuple[Market, ...]

    @property
    def closed(self) -> bool:
        return all(market.closed for market in self.markets)

    @property
    def neg_risk(self) -> bool:
        return len(self.markets) > 1 and all(market.neg_risk for market in self.markets)

    @property
    def neg_risk_market_id(self) -> str:
        """32 bytes with the last one zero, "" where it is no neg-risk event."""
        if not self.neg_risk:
            return ""
        return f"0x{hashlib.sha256(f'neg-risk {self.slug}'.encode()).hexdigest()[:62]}00"

    @property
    def tags(self) -> tuple[Tag, ...]:
        return tags_of(self.markets)

    @property
    def series(self) -> tuple[Series, ...]:
        return tuple(each for each in SERIES if self.slug in each.event_slugs)


class Catalog:
    def __init__(self, engine: Engine) -> None:
        self.markets = list(engine.markets.values())
        self._ids = {
            market.condition_id: number for number, market in enumerate(self.markets, FIRST_MARKET)
        }
        grouped: dict[str, list[Market]] = {}
        for market in self.markets:
            grouped.setdefault(market.event_slug or market.slug, []).append(market)
        self.events = [
            Event(number, slug, markets[0].event_title or markets[0].question, tuple(markets))
            for number, (slug, markets) in enumerate(grouped.items(), FIRST_EVENT)
        ]
        self._event_of = {
            market.condition_id: event for event in self.events for market in event.markets
        }

    def id_of(self, market: Market) -> int:
        return self._ids[market.condition_id]

    def event_of(self, market: Market) -> Event:
        return self._event_of[market.condition_id]

    def in_events(self, ids: Iterable[int]) -> list[Market]:
        wanted = set(ids)
        return [market for event in self.events if event.id in wanted for market in event.markets]


def tags_of(markets: Iterable[Market]) -> tuple[Tag, ...]:
    """A market's category is a tag as well, where the table knows it."""
    slugs = dict.fromkeys(
        slug for market in markets for slug in (market.category.lower(), *market.tags)
    )
    return tuple(TAG_BY_SLUG[slug] for slug in slugs if slug in TAG_BY_SLUG)


def question_id(market: Market) -> str:
    """As GET /markets of the CLOB tells it."""
    return "0x" + hashlib.sha256(market.slug.encode()).hexdigest()
