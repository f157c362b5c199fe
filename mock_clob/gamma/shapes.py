"""Gamma's JSON: markets, events, series and tags, field by field as recorded replies have them.

Lists of a market are JSON inside strings, its volume and liquidity are strings beside numbers of
the same value; an event's are numbers. What the mock knows nothing of is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mock_clob import wire
from mock_clob.exact_json import decimal, ratio
from mock_clob.gamma.catalog import Event, Series, Tag, question_id, tags_of
from mock_clob.gamma.figures import Figures
from mock_clob.model import UNIT, Market
from mock_clob.position_ids import is_position_id
from mock_clob.rewards import REBATE_PERCENT
from mock_clob.wire import Json

if TYPE_CHECKING:
    from mock_clob.venue import Venue

# Fee types by rate, as recorded; the venue has more of them.
FEE_TYPES = {70_000: "crypto_fees", 50_000: "economics_fees", 40_000: "politics_fees"}
FOREVER = "2500-12-31"  # the end of a rewards program that has none
STAMP = "2026-01-01T00:00:00Z"  # when everything of a scenario was made


def version(market: Market) -> str:
    return "v2" if is_position_id(market.token_ids[0]) else "v1"


def market(
    venue: Venue, figure: Figures, *, with_events: bool = True, with_tags: bool = False
) -> Json:
    it = figure.market
    row: Json = {
        "id": str(figure.id),
        "question": it.question,
        "conditionId": it.condition_id,
        "slug": it.slug,
        "resolutionSource": "",
        "endDate": it.end_date,
        "category": it.category,
        "liquidity": wire.amount(figure.liquidity),
        "startDate": it.start_date,
        "image": "",
        "icon": "",
        "description": it.description or it.question,
        "outcomes": json.dumps(it.outcomes),
        "outcomePrices": _prices(figure),
        "volume": wire.amount(figure.volume),
        "active": True,
        "closed": it.closed,
        "marketMakerAddress": "",
        "createdAt": it.start_date,
        "updatedAt": it.start_date,
        "new": False,
        "featured": False,
        "archived": False,
        "restricted": True,
        "groupItemTitle": it.group_title,
        "questionID": question_id(it),
        "enableOrderBook": True,
        "orderPriceMinTickSize": decimal(it.tick),
        "orderMinSize": decimal(it.min_size),
        "volumeNum": decimal(figure.volume),
        "liquidityNum": decimal(figure.liquidity),
        "endDateIso": it.end_date[:10],
        "startDateIso": it.start_date[:10],
        "hasReviewedDates": True,
        **_volumes(figure),
        "volumeClob": decimal(figure.volume),
        "liquidityClob": decimal(figure.liquidity),
        **_tokens(it),
        "makerBaseFee": it.fee_rate_bps,
        "takerBaseFee": it.fee_rate_bps,
        "acceptingOrders": it.accepting_orders,
        "acceptingOrdersTimestamp": it.start_date,
        "negRisk": it.neg_risk,
        "negRiskRequestID": "",
        "negRiskOther": False,
        "ready": False,
        "funded": False,
        "cyom": False,
        "competitive": decimal(figure.competitive, 16),
        "approved": True,
        **_rewards(venue, it),
        "spread": decimal(figure.spread),
        **{name: decimal(change) for name, change in figure.changes.items()},
        "lastTradePrice": decimal(figure.last),
        "bestBid": decimal(figure.bid),
        "bestAsk": decimal(figure.ask),
        "secondsDelay": it.taker_delay_ms // 1000,
        "automaticallyActive": True,
        "clearBookOnStart": True,
        "manualActivation": False,
        "umaResolutionStatuses": json.dumps(["resolved"] if it.winning_token_id else []),
        "pendingDeployment": False,
        "deploying": False,
        "rfqEnabled": False,
        "holdingRewardsEnabled": False,
        "feesEnabled": bool(it.fee_rate),
        "requiresTranslation": False,
        **_fees(it),
        "version": version(it),
    }
    if figure.event.neg_risk:
        row["negRiskMarketID"] = figure.event.neg_risk_market_id
    if it.winning_token_id:
        row |= {"umaResolutionStatus": "resolved", "closedTime": _spaced(it.resolved_ms)}
        if version(it) == "v2":
            row["resolutionStatus"] = "resolved"
    elif version(it) == "v2":
        row["resolutionStatus"] = "active"
    if with_events:
        row["events"] = [_event_alone(figure.event)]
    if with_tags:
        row["tags"] = [tag(each) for each in tags_of([it])]
    return row


def slim_market(figure: Figures) -> Json:
    """As `optimized` searches tell it: lists are lists here."""
    it = figure.market
    row: Json = {
        "question": it.question,
        "slug": it.slug,
        "outcomes": list(it.outcomes),
        "outcomePrices": json.loads(_prices(figure)),
        "active": True,
        "closed": it.closed,
        "archived": False,
        "groupItemTitle": it.group_title,
        "spread": decimal(figure.spread),
        "lastTradePrice": decimal(figure.last),
        "bestBid": decimal(figure.bid),
        "bestAsk": decimal(figure.ask),
    }
    return row | ({"closedTime": _spaced(it.resolved_ms)} if it.winning_token_id else {})


def event(
    venue: Venue, it: Event, known: Mapping[str, Figures], *, with_markets: bool = True
) -> Json:
    mine = figures_of(it, known)
    volume, liquidity = sum(f.volume for f in mine), sum(f.liquidity for f in mine)
    row: Json = {
        **_event_alone(it),
        "resolutionSource": "",
        "creationDate": mine[0].market.start_date,
        "active": True,
        "closed": it.closed,
        "archived": False,
        "new": False,
        "featured": False,
        "restricted": True,
        "liquidity": decimal(liquidity),
        "volume": decimal(volume),
        "openInterest": decimal(sum(f.interest for f in mine)),
        "sortBy": "price",
        "category": mine[0].market.category,
        "published_at": "2026-01-01 00:00:00+00",
        "competitive": decimal(max(f.competitive for f in mine), 16),
        **{f"volume{name}": decimal(sum(f.volumes[name] for f in mine)) for name in VOLUME_SPANS},
        "liquidityClob": decimal(liquidity),
        "enableOrderBook": True,
        "negRisk": it.neg_risk,
        "enableNegRisk": it.neg_risk,
        "negRiskAugmented": False,
        "commentsEnabled": True,
        "cyom": False,
        "showAllOutcomes": len(it.markets) > 1,
        "showMarketImages": False,
        "automaticallyActive": True,
        "pendingDeployment": False,
        "deploying": False,
        "requiresTranslation": False,
        "version": version(it.markets[0]),
    }
    if with_markets:
        row["markets"] = [market(venue, figure, with_events=False) for figure in mine]
    row |= {"series": [series(each) for each in it.series], "tags": [tag(each) for each in it.tags]}
    if it.series:
        row["seriesSlug"] = it.series[0].slug
    if it.neg_risk:
        row["negRiskMarketID"] = it.neg_risk_market_id
    if it.closed:
        row["closedTime"] = _stamp(max(market.resolved_ms for market in it.markets))
    return row


VOLUME_SPANS = ("24hr", "1wk", "1mo", "1yr")


def figures_of(it: Event, known: Mapping[str, Figures]) -> list[Figures]:
    return [known[each.condition_id] for each in it.markets]


def series(it: Series) -> Json:
    return {
        "id": str(it.id),
        "ticker": it.slug,
        "slug": it.slug,
        "title": it.title,
        "seriesType": "single",
        "recurrence": it.recurrence,
        "image": "",
        "icon": "",
        "layout": "default",
        "active": True,
        "closed": False,
        "archived": False,
        "new": False,
        "featured": False,
        "restricted": True,
        "publishedAt": "2026-01-01 00:00:00+00",
        "createdAt": STAMP,
        "updatedAt": STAMP,
        "commentsEnabled": False,
        "competitive": "0",
        "startDate": STAMP,
        "requiresTranslation": False,
    }


def tag(it: Tag) -> Json:
    return {
        "id": str(it.id),
        "label": it.label,
        "slug": it.slug,
        "forceShow": False,
        "publishedAt": "2026-01-01 00:00:00+00",
        "createdAt": STAMP,
        "updatedAt": STAMP,
        "isCarousel": it.carousel,
        "requiresTranslation": False,
    }


def _event_alone(it: Event) -> Json:
    first = it.markets[0]
    return {
        "id": str(it.id),
        "ticker": it.slug,
        "slug": it.slug,
        "title": it.title,
        "description": first.description or it.title,
        "startDate": first.start_date,
        "endDate": max(each.end_date for each in it.markets),
        "image": "",
        "icon": "",
        "createdAt": first.start_date,
        "updatedAt": first.start_date,
    }


def _prices(figure: Figures) -> str:
    return json.dumps([wire.price(figure.price), wire.price(UNIT - figure.price)])


def _volumes(figure: Figures) -> Json:
    plain = {f"volume{name}": decimal(figure.volumes[name]) for name in VOLUME_SPANS}
    return plain | {f"{name}Clob": value for name, value in plain.items()}


def _tokens(it: Market) -> Json:
    """Protocol V2 has position ids, a real list, in place of token ids."""
    if version(it) == "v2":
        return {"positionIds": list(it.token_ids)}
    return {"clobTokenIds": json.dumps(it.token_ids)}


def _rewards(venue: Venue, it: Market) -> Json:
    program = venue.rewards.of(it)
    if program is None:
        return {"rewardsMinSize": 0, "rewardsMaxSpread": 0}
    return {
        "clobRewards": [
            {
                "id": "1",
                "conditionId": it.condition_id,
                "assetAddress": venue.collateral,
                "rewardsAmount": 0,
                "rewardsDailyRate": decimal(program.daily_rate),
                "startDate": _stamp(program.since_ms)[:10],
                "endDate": FOREVER,
            }
        ],
        "rewardsMinSize": decimal(program.min_size),
        "rewardsMaxSpread": decimal(program.max_spread, 4),  # in cents
    }


def _fees(it: Market) -> Json:
    if not it.fee_rate:
        return {"feeType": None}
    return {
        "feeType": FEE_TYPES.get(it.fee_rate, "general_fees"),
        "feeSchedule": {
            "exponent": it.fee_exponent,
            "rate": decimal(it.fee_rate),
            "takerOnly": True,
            "rebateRate": decimal(ratio(REBATE_PERCENT, 100)),
        },
    }


def _spaced(ms: int) -> str:
    """As a market's closedTime has it."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S}+00"


def _stamp(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
