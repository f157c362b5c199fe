"""The JSON of rewards: programs, rewarded markets and what makers earned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_clob import wire
from mock_clob.gamma.catalog import Catalog
from mock_clob.model import UNIT, Market
from mock_clob.rewards import Earning, Program, day

if TYPE_CHECKING:
    from mock_clob.venue import Venue

_CENT = UNIT // 100
_DAY_MS = 86_400_000
_FOREVER = "2500-12-31"  # recorded: programs without an end have this one


def market_block(venue: Venue, market: Market) -> wire.Json:
    """`rewards` of GET /markets."""
    program = venue.rewards.of(market)
    if program is None:
        return {"rates": None, "min_size": 0, "max_spread": 0}
    rate = {
        "asset_address": venue.collateral,
        "rewards_daily_rate": _number(program.daily_rate),
    }
    return {
        "rates": [rate],
        "min_size": _number(program.min_size),
        "max_spread": program.max_spread / _CENT,
    }


def config(venue: Venue, program: Program) -> wire.Json:
    return {
        "id": 0,
        "asset_address": venue.collateral,
        "start_date": day(program.since_ms),
        "end_date": _FOREVER,
        "rate_per_day": _number(program.daily_rate),
        "total_rewards": 0,  # of a program without an end: not established
    }


def current(venue: Venue, market: Market, program: Program) -> wire.Json:
    """One element of GET /rewards/markets/current."""
    rate = _number(program.daily_rate)
    return {
        "condition_id": market.condition_id,
        "rewards_max_spread": program.max_spread / _CENT,
        "rewards_min_size": _number(program.min_size),
        "rewards_config": [config(venue, program)],
        "sponsored_daily_rate": 0,
        "sponsors_count": 0,
        "native_daily_rate": rate,
        "total_daily_rate": rate,
    }


def details(venue: Venue, market: Market, program: Program) -> wire.Json:
    """One element of GET /rewards/markets/{condition_id}."""
    engine = venue.engine
    return {
        "condition_id": market.condition_id,
        "question": market.question,
        "market_slug": market.slug,
        "event_slug": Catalog(engine).event_of(market).slug,
        "image": "",
        "rewards_max_spread": program.max_spread / _CENT,
        "rewards_min_size": _number(program.min_size),
        "market_competitiveness": venue.rewards.competitiveness(market),
        "tokens": [
            {
                "token_id": token_id,
                "outcome": market.outcome(token_id),
                "price": wire.last_price(engine, token_id) / UNIT,
            }
            for token_id in market.token_ids
        ],
        "rewards_config": [config(venue, program)],
    }


def discovered(venue: Venue, market: Market, program: Program) -> wire.Json:
    """One element of GET /rewards/markets/multi."""
    catalog = Catalog(venue.engine)
    bid, ask = wire.best(venue.engine, market.token_ids[0])
    return details(venue, market, program) | {
        "market_id": str(catalog.id_of(market)),
        "event_id": str(catalog.event_of(market).id),
        "spread": ((ask or UNIT) - (bid or 0)) / UNIT,
        "group_item_title": "",
        "volume_24hr": volume_24h(venue, market) / UNIT,
        "created_at": "2026-01-01T00:00:00Z",
        "one_day_price_change": 0,
        "end_date": market.end_date,
    }


def for_maker(venue: Venue, market: Market, program: Program, maker: str, date: str) -> wire.Json:
    """One element of GET /rewards/user/markets."""
    paid = [e for e in venue.rewards.earnings(date, maker) if e.condition_id == market.condition_id]
    return discovered(venue, market, program) | {
        "maker_address": wire.checksum(maker) if maker else "",
        "earning_percentage": venue.rewards.percentage(market, maker),
        "earnings": [
            {
                "asset_address": venue.collateral,
                "earnings": sum(earning.amount for earning in paid) / UNIT,
                "asset_rate": 1,
            }
        ],
    }


def earning(venue: Venue, made: Earning) -> wire.Json:
    """One element of GET /rewards/user."""
    return {
        "date": f"{made.date}T00:00:00Z",
        "condition_id": made.condition_id,
        "asset_address": venue.collateral,
        "maker_address": wire.checksum(made.maker),
        "earnings": made.amount / UNIT,
        "asset_rate": 1,
    }


def total(venue: Venue, made: list[Earning]) -> list[wire.Json]:
    """GET /rewards/user/total: an element for each asset, so one or none."""
    if not made:
        return []
    amount = sum(earning.amount for earning in made)
    row = earning(venue, made[0]) | {"earnings": amount / UNIT}
    del row["condition_id"]
    return [row | {"native_earnings": amount / UNIT, "sponsored_earnings": 0}]


def volume_24h(venue: Venue, market: Market) -> int:
    """What takers paid or got in the last day, base units."""
    since = venue.clock.now_ms() - _DAY_MS
    return sum(
        trade.collateral
        for trade in venue.engine.trades.values()
        if trade.taker.market is market and trade.matched_ms > since
    )


def _number(units: int) -> float | int:
    """Base units as a JSON number, without a fraction where there is none."""
    whole, rest = divmod(units, UNIT)
    return units / UNIT if rest else whole
