"""Rows of Data API v2: snake_case, whole numbers with one decimal, texts empty where unknown."""

from __future__ import annotations

from mock_clob import wire
from mock_clob.data.books import Position
from mock_clob.data.changes import Change, Kind
from mock_clob.exact_json import ratio, with_point
from mock_clob.gamma.catalog import Catalog
from mock_clob.gamma.profiles import profile_of
from mock_clob.model import Market
from mock_clob.wire import Json

UNLABELED = 999  # an outcome index where no outcome applies


def who(wallet: str) -> Json:
    profile = profile_of(wallet)
    return {
        "name": profile.name if profile else "",
        "pseudonym": profile.pseudonym if profile else "",
        "bio": profile.bio if profile else "",
        "profile_image": "",
        "profile_image_optimized": "",
    }


def holder(wallet: str) -> Json:
    profile = profile_of(wallet)
    return {
        "proxy_wallet": wire.checksum(wallet),
        **who(wallet),
        "display_username_public": profile is not None,
        "verified": bool(profile and profile.verified),
    }


def what(market: Market, catalog: Catalog) -> Json:
    return {
        "title": market.question,
        "slug": market.slug,
        "icon": "",
        "event_slug": catalog.event_of(market).slug,
    }


def status(position: Position) -> str:
    if not position.open:
        return "CLOSED"
    return "REDEEMABLE" if position.market.winning_token_id else "OPEN"


def position(row: Position, opposite: int, catalog: Catalog) -> Json:
    """`opposite` is what the wallet has of the other outcome."""
    market, resolved = row.market, bool(row.market.winning_token_id)
    other = market.other(row.token_id)
    profile = profile_of(row.wallet)
    return {
        "proxy_wallet": wire.checksum(row.wallet),
        "token_id": row.token_id,
        "condition_id": market.condition_id,
        "current_size": with_point(row.size),
        "avg_price": with_point(row.average),
        "entry_cost_usdc": with_point(row.cost),
        "entry_fees_usdc": with_point(row.fees),
        "total_cost_usdc": with_point(row.cost + row.fees),
        "current_price": with_point(row.price),
        "current_value": with_point(row.value),
        "total_size": with_point(row.bought),
        "realized_pnl": with_point(row.realized),
        "unrealized_pnl": with_point(row.unrealized),
        "total_pnl": with_point(row.total),
        "percent_pnl": with_point(ratio(100 * row.unrealized, row.cost)),
        # The published contract: not of what was realised, in spite of its name.
        "percent_realized_pnl": with_point(ratio(100 * (row.value - row.spent), row.spent)),
        "status": status(row),
        "redeemable": resolved and row.open,
        "mergeable": not resolved and row.open and opposite > 0,
        "negative_risk": market.neg_risk,
        "archived": False,
        **what(market, catalog),
        "event_id": str(catalog.event_of(market).id),
        "outcome": market.outcome(row.token_id),
        "outcome_index": market.token_ids.index(row.token_id),
        "opposite_outcome": market.outcome(other),
        "opposite_token_id": other,
        "end_date": market.end_date[:10],
        "last_event_at": row.last_at,
        "first_entry_at": row.first_at,
        "name": profile.name if profile else "",
        "profile_image": "",
        "verified": bool(profile and profile.verified),
    }


def trade(change: Change, catalog: Catalog) -> Json:
    order = change.order
    assert order is not None
    return {
        "proxy_wallet": wire.checksum(change.wallet),
        "side": order.side,
        "token_id": order.token_id,
        "condition_id": order.market.condition_id,
        "size": with_point(change.size),
        "price": with_point(price(change)),
        "timestamp": change.at,
        **what(order.market, catalog),
        "outcome": order.market.outcome(order.token_id),
        "outcome_index": order.market.token_ids.index(order.token_id),
        **who(change.wallet),
        "transaction_hash": change.transaction_hash,
    }


def price(change: Change) -> int:
    """Of a share, the average over the fills."""
    return ratio(abs(change.collateral), change.size) if change.order else 0


def activity(change: Change, catalog: Catalog) -> Json:
    if change.kind is Kind.TRADE:
        cash = with_point(abs(change.collateral))
        return trade(change, catalog) | {"type": change.kind, "usdc_size": cash}
    market = change.market
    token_id = _token(change)
    return {
        "proxy_wallet": wire.checksum(change.wallet),
        "timestamp": change.at,
        "condition_id": market.condition_id if market else "",
        "type": change.kind,
        "size": with_point(change.size or abs(change.collateral)),
        "usdc_size": with_point(abs(change.collateral)),
        "transaction_hash": change.transaction_hash,
        "price": with_point(0),
        "token_id": token_id,
        "side": _tip_side(change),
        "outcome_index": market.token_ids.index(token_id) if market and token_id else UNLABELED,
        **(what(market, catalog) if market else dict.fromkeys(_WHAT, "")),
        "outcome": market.outcome(token_id) if market and token_id else "",
        **who(change.wallet),
    }


_WHAT = ("title", "slug", "icon", "event_slug")


def _token(change: Change) -> str:
    """The one outcome that was touched; "" for a pair, and for money."""
    if change.market is None or bool(change.yes) is bool(change.no):
        return ""
    return change.market.token_ids[0 if change.yes else 1]


def _tip_side(change: Change) -> str:
    if change.kind is not Kind.TIP:
        return ""
    return "IN" if change.collateral > 0 else "OUT"
