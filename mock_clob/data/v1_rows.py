"""Rows of Data API v1: camelCase, numbers as short as they go."""

from __future__ import annotations

from mock_clob import wire
from mock_clob.data import rows
from mock_clob.data.books import Position
from mock_clob.data.changes import Change
from mock_clob.exact_json import decimal, ratio
from mock_clob.gamma.catalog import Catalog
from mock_clob.wire import Json

_CAMEL = {
    "proxy_wallet": "proxyWallet",
    "token_id": "asset",
    "condition_id": "conditionId",
    "event_slug": "eventSlug",
    "outcome_index": "outcomeIndex",
    "profile_image": "profileImage",
    "profile_image_optimized": "profileImageOptimized",
    "transaction_hash": "transactionHash",
    "usdc_size": "usdcSize",
}


def camel(row: Json) -> Json:
    """A row of v2 in the names of v1."""
    return {_CAMEL.get(name, name): value for name, value in row.items()}


def position(row: Position, opposite: int, catalog: Catalog) -> Json:
    resolved = bool(row.market.winning_token_id)
    return {
        **_what(row, catalog),
        "size": decimal(row.size),
        "avgPrice": decimal(row.average),
        "initialValue": decimal(row.cost),
        "currentValue": decimal(row.value),
        "cashPnl": decimal(row.unrealized),
        "percentPnl": decimal(ratio(100 * row.unrealized, row.cost)),
        "totalBought": decimal(row.bought),
        "realizedPnl": decimal(row.realized),
        "percentRealizedPnl": decimal(ratio(100 * row.realized, row.spent)),
        "curPrice": decimal(row.price),
        "redeemable": resolved and row.size > 0,
        "mergeable": not resolved and row.size > 0 and opposite > 0,
        "negativeRisk": row.market.neg_risk,
    }


def closed_position(row: Position, catalog: Catalog) -> Json:
    return {
        **_what(row, catalog),
        "avgPrice": decimal(row.average),
        "totalBought": decimal(row.bought),
        "realizedPnl": decimal(row.realized),
        "curPrice": decimal(row.price),
        "timestamp": row.last_at,
    }


def market_position(row: Position) -> Json:
    owner = rows.holder(row.wallet)
    return {
        "proxyWallet": owner["proxy_wallet"],
        "name": owner["name"],
        "profileImage": "",
        "verified": owner["verified"],
        "asset": row.token_id,
        "conditionId": row.market.condition_id,
        "avgPrice": decimal(row.average),
        "size": decimal(row.size),
        "currPrice": decimal(row.price),
        "currentValue": decimal(row.value),
        "cashPnl": decimal(row.unrealized),
        "totalBought": decimal(row.bought),
        "realizedPnl": decimal(row.realized),
        "totalPnl": decimal(row.total),
        "outcome": row.market.outcome(row.token_id),
        "outcomeIndex": row.market.token_ids.index(row.token_id),
    }


def trade(change: Change, catalog: Catalog) -> Json:
    shorter = {"size": decimal(change.size), "price": decimal(rows.price(change))}
    return camel(rows.trade(change, catalog)) | shorter


def activity(change: Change, catalog: Catalog) -> Json:
    return camel(rows.activity(change, catalog)) | {
        "size": decimal(change.size or abs(change.collateral)),
        "usdcSize": decimal(abs(change.collateral)),
        "price": decimal(rows.price(change)),
    }


def _what(row: Position, catalog: Catalog) -> Json:
    market, other = row.market, row.market.other(row.token_id)
    event = catalog.event_of(market)
    return {
        "proxyWallet": wire.checksum(row.wallet),
        "asset": row.token_id,
        "conditionId": market.condition_id,
        "title": market.question,
        "slug": market.slug,
        "icon": "",
        "eventId": str(event.id),
        "eventSlug": event.slug,
        "outcome": market.outcome(row.token_id),
        "outcomeIndex": market.token_ids.index(row.token_id),
        "oppositeOutcome": market.outcome(other),
        "oppositeAsset": other,
        "endDate": market.end_date[:10],
    }
