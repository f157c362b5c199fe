"""The venue's JSON shapes, made from the engine's objects. Nothing here decides anything.

Shapes follow recorded replies: prices and sizes are decimal strings, the best bid and the best
ask are the LAST elements of their lists, a book's hash is a SHA-1 over its compact JSON.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from mock_clob.addresses import checksum as checksum
from mock_clob.engine import Engine
from mock_clob.matching import IMMEDIATE
from mock_clob.model import UNIT, MakerFill, Market, Order, OrderType, Side, Trade, TradeStatus

Json = dict[str, Any]


def amount(units: int) -> str:
    """Base units as the shortest decimal string: 14925372 -> "14.925372", 100000000 -> "100"."""
    whole, fraction = divmod(units, UNIT)
    return f"{whole}.{fraction:06d}".rstrip("0") if fraction else str(whole)


price = amount


def dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def book(engine: Engine, token_id: str, now_ms: int) -> Json:
    """GET /book: both sides end with the best level."""
    market = engine.by_token[token_id]
    state = engine.books[market.condition_id]
    bids = state.levels(market, token_id, Side.BUY)
    asks = state.levels(market, token_id, Side.SELL)[::-1]
    view: Json = {
        "market": market.condition_id,
        "asset_id": token_id,
        "timestamp": str(now_ms),
        "hash": "",
        "bids": [{"price": price(p), "size": amount(s)} for p, s in bids],
        "asks": [{"price": price(p), "size": amount(s)} for p, s in asks],
        "min_order_size": amount(market.min_size),
        "tick_size": price(market.tick),
        "neg_risk": market.neg_risk,
        "last_trade_price": price(last_price(engine, token_id)),
    }
    view["hash"] = book_hash(view)
    return view


def book_hash(view: Json) -> str:
    """SHA-1 of the book's compact JSON, with an empty `hash`, in the order of its keys."""
    return hashlib.sha1(dumps(view).encode(), usedforsecurity=False).hexdigest()


def last_price(engine: Engine, token_id: str) -> int:
    market = engine.by_token[token_id]
    yes = engine.books[market.condition_id].last_price
    return yes if token_id == market.token_ids[0] else UNIT - yes


def last_side(engine: Engine, token_id: str) -> Side:
    market = engine.by_token[token_id]
    side = engine.books[market.condition_id].last_side
    if token_id == market.token_ids[0]:
        return side
    return Side.SELL if side is Side.BUY else Side.BUY


def best(engine: Engine, token_id: str) -> tuple[int | None, int | None]:
    """(best bid, best ask) of a token; None for an empty side."""
    market = engine.by_token[token_id]
    state = engine.books[market.condition_id]
    bid = state.bid_prices[-1] if state.bid_prices else None
    ask = state.ask_prices[0] if state.ask_prices else None
    if token_id == market.token_ids[0]:
        return bid, ask
    return (
        UNIT - ask if ask is not None else None,
        UNIT - bid if bid is not None else None,
    )


def order_reply(order: Order, trade: Trade | None, hashes: list[str]) -> Json:
    """POST /order. `makingAmount` is what the order gave, `takingAmount` what it got.

    Before the fee: whether the venue's amounts include it is not established.
    """
    reply: Json = {
        "errorMsg": "",
        "orderID": order.id,
        "takingAmount": "",
        "makingAmount": "",
        "status": "live",
        "success": True,
    }
    if order.status == "DELAYED":
        return reply | {"takingAmount": "0", "makingAmount": "0", "status": "delayed"}
    if trade is None:
        return reply
    got, gave = trade.shares, order.spent
    if order.side is Side.SELL:
        got, gave = gave, got
    reply |= {
        "takingAmount": amount(got),
        "makingAmount": amount(gave),
        "status": "matched",
        "tradeIDs": [trade.id],
    }
    if hashes:
        reply["transactionsHashes"] = hashes
    return reply


def refused_leg(text: str) -> Json:
    """A refused order inside POST /orders: `success` stays true at the venue; test errorMsg."""
    return {
        "errorMsg": text,
        "orderID": "",
        "takingAmount": "",
        "makingAmount": "",
        "status": "",
        "success": True,
    }


def _original_size(order: Order) -> int:
    # A FOK/FAK BUY is shown by its budget.
    by_budget = order.side is Side.BUY and order.type in (OrderType.FOK, OrderType.FAK)
    return order.maker_amount if by_budget else order.size


def _order_fields(order: Order) -> Json:
    """What REST and the user channel tell of an order in the same words."""
    return {
        "id": order.id,
        "status": order.status,
        "owner": order.owner,
        "maker_address": checksum(order.maker),
        "market": order.market.condition_id,
        "asset_id": order.token_id,
        "side": order.side,
        "original_size": amount(_original_size(order)),
        "size_matched": amount(order.matched),
        "price": price(order.price),
        "outcome": order.market.outcome(order.token_id),
        "expiration": str(order.expires_ms // 1000),
        "order_type": order.type,
    }


def open_order(order: Order) -> Json:
    """One element of GET /data/orders, and GET /data/order/{id}."""
    return _order_fields(order) | {
        "associate_trades": list(order.trade_ids),
        "created_at": order.created_ms // 1000,
    }


def _maker_order(fill: MakerFill) -> Json:
    maker = fill.order
    return {
        "order_id": maker.id,
        "owner": maker.owner,
        "maker_address": checksum(maker.maker),
        "matched_amount": amount(fill.shares),
        "price": price(fill.price),
        "fee_rate_bps": str(maker.market.fee_rate_bps),
        "asset_id": maker.token_id,
        "outcome": maker.market.outcome(maker.token_id),
        "side": maker.side,
    }


def trade(made: Trade, owner: str) -> Json:
    """One element of GET /data/trades as `owner` (an API key) sees it."""
    taker = made.taker
    mine = taker.owner == owner
    return {
        "id": made.id,
        "taker_order_id": taker.id,
        "market": taker.market.condition_id,
        "asset_id": taker.token_id,
        "side": taker.side,
        "size": amount(made.shares),
        "fee_rate_bps": str(taker.market.fee_rate_bps),
        "price": price(made.price),
        "status": made.status,
        "match_time": str(made.matched_ms // 1000),
        "last_update": str(made.updated_ms // 1000),
        "match_time_nano": str(made.matched_ms * 1_000_000),
        "outcome": taker.market.outcome(taker.token_id),
        "bucket_index": made.bucket_index,
        "owner": taker.owner if mine else owner,
        "maker_address": checksum(taker.maker),
        "transaction_hash": made.transaction_hash,
        "err_msg": "",
        "maker_orders": [_maker_order(fill) for fill in made.fills],
        "trader_side": "TAKER" if mine else "MAKER",
    }


def order_event(order: Order, kind: str, now_ms: int) -> Json:
    """User channel, `order`. kind: PLACEMENT, UPDATE or CANCELLATION.

    Of an order that was killed the venue tells less.
    """
    told = _order_fields(order) | {
        "event_type": "order",
        "type": kind,
        "order_owner": order.owner,
        "associate_trades": list(order.trade_ids) or None,
        "created_at": str(order.created_ms // 1000),
        "timestamp": str(now_ms),
    }
    if order.type in IMMEDIATE and kind == "CANCELLATION":
        told |= {"size_matched": "", "outcome": "", "created_at": "", "associate_trades": []}
    return told


def trade_event(made: Trade, owner: str, status: TradeStatus, now_ms: int) -> Json:
    """User channel, `trade`, as `owner` sees it at `status`."""
    shown = trade(made, owner)
    del shown["match_time_nano"], shown["err_msg"]
    if status is TradeStatus.MATCHED:
        del shown["transaction_hash"]
    return shown | {
        "event_type": "trade",
        "type": "TRADE",
        "status": status,
        "trade_owner": owner,
        "timestamp": str(now_ms),
    }


def market(listed: Market, engine: Engine) -> Json:
    """GET /markets/{condition_id}."""
    return {
        "enable_order_book": True,
        "active": True,
        "closed": listed.closed,
        "archived": False,
        "accepting_orders": listed.accepting_orders,
        "accepting_order_timestamp": "2026-01-01T00:00:00Z",
        "minimum_order_size": listed.min_size // UNIT,
        "minimum_tick_size": listed.tick / UNIT,
        "condition_id": listed.condition_id,
        "question_id": "0x" + hashlib.sha256(listed.slug.encode()).hexdigest(),
        "question": listed.question,
        "description": listed.question,
        "market_slug": listed.slug,
        "end_date_iso": listed.end_date,
        "game_start_time": None,
        "seconds_delay": listed.taker_delay_ms // 1000,
        "maker_base_fee": listed.fee_rate_bps,
        "taker_base_fee": listed.fee_rate_bps,
        "notifications_enabled": True,
        "neg_risk": listed.neg_risk,
        "neg_risk_market_id": "",
        "neg_risk_request_id": "",
        "icon": "",
        "image": "",
        "rewards": {"rates": None, "min_size": 0, "max_spread": 0},
        "is_50_50_outcome": False,
        "tokens": [
            {
                "token_id": token_id,
                "outcome": outcome,
                "price": last_price(engine, token_id) / UNIT,
                "winner": token_id == listed.winning_token_id,
            }
            for token_id, outcome in zip(listed.token_ids, listed.outcomes, strict=True)
        ],
        "tags": [listed.category],
    }


def simplified_market(listed: Market, engine: Engine) -> Json:
    full = market(listed, engine)
    names = ("condition_id", "rewards", "tokens", "active", "closed", "archived")
    return {name: full[name] for name in (*names, "accepting_orders")}


def clob_market(listed: Market) -> Json:
    """GET /clob-markets/{condition_id}: the short form that newer clients read."""
    return {
        "t": [
            {"t": token_id, "o": outcome}
            for token_id, outcome in zip(listed.token_ids, listed.outcomes, strict=True)
        ],
        "mos": listed.min_size // UNIT,
        "mts": listed.tick / UNIT,
        "mbf": listed.fee_rate_bps,
        "tbf": listed.fee_rate_bps,
        "rfqe": False,
        "itode": 0 < listed.taker_delay_ms < 1000,
        "ibce": False,
        "fd": fee_curve(listed),
        "nr": listed.neg_risk,
    }


def fee_curve(listed: Market) -> Json:
    """rate, exponent, takers only"""
    if not listed.fee_rate:
        return {"r": 0, "e": 0, "to": True}
    return {"r": listed.fee_rate / UNIT, "e": listed.fee_exponent, "to": True}


def activity(made: Trade) -> Json:
    """One element of GET /live-activity/events/{condition_id}."""
    taker = made.taker
    return {
        "event_type": "trade",
        "market": {
            "condition_id": taker.market.condition_id,
            "asset_id": taker.token_id,
            "question": taker.market.question,
            "icon": "",
            "slug": taker.market.slug,
        },
        "user": {"address": checksum(taker.maker), "username": "", "pseudonym": ""},
        "side": taker.side,
        "size": amount(made.shares),
        "fee_rate_bps": str(taker.market.fee_rate_bps),
        "price": price(made.price),
        "outcome": taker.market.outcome(taker.token_id),
        "outcome_index": taker.market.token_ids.index(taker.token_id),
        "transaction_hash": made.transaction_hash,
        "timestamp": str(made.matched_ms // 1000),
    }
