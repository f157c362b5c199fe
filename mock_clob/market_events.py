"""The messages of the market channel, made from the engine's events. Nothing here decides anything.

Shapes as in the venue's asyncapi.json of 2026-08 and in recorded streams: decimals and times are
strings, times in milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from mock_clob import wire
from mock_clob.engine import Engine
from mock_clob.model import (
    UNIT,
    LevelsChanged,
    Market,
    MarketAdded,
    MarketResolved,
    TickChanged,
    Trade,
)
from mock_clob.wire import Json

Best = tuple[int | None, int | None]  # (best bid, best ask); None: nothing on that side


def book(engine: Engine, token: str, now_ms: int) -> Json:
    """A snapshot, on subscription and after a trade."""
    return {"event_type": "book", **wire.book(engine, token, now_ms)}


def price_change(engine: Engine, events: Sequence[LevelsChanged]) -> Json:
    """The new totals of one market's levels, of both outcome tokens.

    Of several events for one level the last counts. The hash is that of GET /book at the
    message's timestamp; what the venue's is made of is not established (it has the length of a
    SHA-1). An empty side's best is told as the range's end; how the venue writes it is not
    established either.
    """
    market, at_ms = events[0].market, events[-1].at_ms
    hashes = {token: wire.book(engine, token, at_ms)["hash"] for token in market.token_ids}
    bests = {token: _best_fields(wire.best(engine, token)) for token in market.token_ids}
    totals = {
        (change.token_id, change.side, change.price): change.size
        for event in events
        for change in event.changes
    }
    return {
        "event_type": "price_change",
        "market": market.condition_id,
        "price_changes": [
            {
                "asset_id": token,
                "price": wire.price(price),
                "size": wire.amount(size),
                "side": side,
                "hash": hashes[token],
                **bests[token],
            }
            for (token, side, price), size in totals.items()
        ],
        "timestamp": str(at_ms),
    }


def best_bid_ask(market: Market, token: str, best: Best, at_ms: int) -> Json:
    bid, ask = _range(best)
    return {
        "event_type": "best_bid_ask",
        "market": market.condition_id,
        "asset_id": token,
        **_best_fields(best),
        "spread": wire.price(ask - bid),
        "timestamp": str(at_ms),
    }


def last_trade_price(trade: Trade, at_ms: int) -> Json:
    """A trade, of the taker's token. Whether its mirror is told as well is not established."""
    taker, last = trade.taker, trade.fills[-1]
    price = last.price if last.order.token_id == taker.token_id else UNIT - last.price
    return {
        "event_type": "last_trade_price",
        "market": taker.market.condition_id,
        "asset_id": taker.token_id,
        "price": wire.price(price),
        "size": wire.amount(trade.shares),
        "side": taker.side,
        "fee_rate_bps": str(taker.market.fee_rate_bps),
        "timestamp": str(at_ms),
    }


def tick_size_change(event: TickChanged, token: str) -> Json:
    return {
        "event_type": "tick_size_change",
        "market": event.market.condition_id,
        "asset_id": token,
        "old_tick_size": wire.price(event.old),
        "new_tick_size": wire.price(event.new),
        "timestamp": str(event.at_ms),
    }


def new_market(event: MarketAdded) -> Json:
    """Fields as in the venue's asyncapi.json and a recorded stream of 2026-05."""
    market = event.market
    told = {
        "event_type": "new_market",
        **_about(market, event.at_ms),
        "question": market.question,
        "slug": market.slug,
        "description": market.question,
        "outcomes": list(market.outcomes),
        "condition_id": market.condition_id,
        "active": True,
        "clob_token_ids": list(market.token_ids),
        "sports_market_type": "",
        "line": "",
        "game_start_time": "",
        "order_price_min_tick_size": wire.price(market.tick),
        "group_item_title": "",
        "taker_base_fee": str(market.fee_rate_bps),
        "fees_enabled": market.fee_rate > 0,
    }
    if market.fee_rate:
        told["fee_schedule"] = {
            "exponent": str(market.fee_exponent),
            "rate": wire.amount(market.fee_rate),
            "taker_only": True,
            "rebate_rate": "0",
        }
    return told


def market_resolved(event: MarketResolved) -> Json:
    return {
        "event_type": "market_resolved",
        **_about(event.market, event.at_ms),
        "winning_asset_id": event.winning_token_id,
        "winning_outcome": event.winning_outcome,
    }


def _about(market: Market, at_ms: int) -> Json:
    """What both messages of a market's life begin with."""
    return {
        "id": market_id(market),
        "market": market.condition_id,
        "assets_ids": list(market.token_ids),
        "timestamp": str(at_ms),
        "tags": [market.category],
    }


def market_id(market: Market) -> str:
    """The market's id, a decimal number as Gamma's are."""
    return str(int(market.condition_id[2:10], 16))


def _range(best: Best) -> tuple[int, int]:
    bid, ask = best
    return 0 if bid is None else bid, UNIT if ask is None else ask


def _best_fields(best: Best) -> dict[str, str]:
    bid, ask = _range(best)
    return {"best_bid": wire.price(bid), "best_ask": wire.price(ask)}
