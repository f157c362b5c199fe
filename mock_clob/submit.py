"""POST /order, step by step: every check that an order passes before it reaches the engine.

The venue does not publish the order of its checks; this one goes from the sender to the terms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_clob import rules
from mock_clob.auth import Credentials
from mock_clob.model import UNIT, Market, Order, OrderType, Side, Trade
from mock_clob.rules import Rejected
from mock_clob.signed_order import (
    SignedOrder,
    exchange_contract,
    exchange_of,
    parse,
)
from mock_clob.wire import amount, price

if TYPE_CHECKING:
    from mock_clob.venue import Venue

_ZERO = "0x" + "0" * 40


def submit(venue: Venue, sender: Credentials, envelope: Any) -> tuple[Order, Trade | None]:
    """Check one order envelope and place it. Raises Rejected; then nothing has changed."""
    signed, order_type, post_only = _open(envelope)
    if envelope.get("owner") != sender.api_key:
        raise Rejected("owner")
    venue.wallets.check_signer(sender.address, signed, venue.clock.now())
    # Whether the venue looks at the signer, the wallet or both is not established.
    for address in dict.fromkeys((sender.address, signed.maker)):
        venue.modes.check_address(address, signed.side)
    exchange = exchange_of(venue.options.exchange, signed.token_id)
    if signed.edition != min(exchange, 2):
        raise Rejected("version")
    market = venue.engine.by_token.get(signed.token_id)
    if market is None:
        raise Rejected("no_book", token_id=signed.token_id)
    if not market.accepting_orders or market.closed:
        raise Rejected("not_ready")
    venue.wallets.check_maker(signed)
    contract = exchange_contract(venue.contracts, exchange, market.neg_risk)
    order_id = venue.wallets.check_signature(
        sender.address, signed, exchange, venue.options.chain_id, contract
    )
    now = venue.clock.now_ms()
    venue.modes.check_order(post_only, now)
    _check_envelope_terms(signed, market)
    expires_ms = _expiry(signed, order_type, exchange, now)
    if order_type in (OrderType.FOK, OrderType.FAK):
        limit, size = _immediate_terms(signed, market)
    else:
        limit, size = _resting_terms(signed, market, order_id)
    order = Order(
        id=order_id,
        owner=sender.api_key,
        signer=sender.address,
        maker=signed.maker,
        market=market,
        token_id=signed.token_id,
        side=signed.side,
        type=order_type,
        price=limit,
        size=size,
        maker_amount=signed.maker_amount,
        taker_amount=signed.taker_amount,
        created_ms=now,
        expires_ms=expires_ms,
        post_only=post_only,
        builder=sender.builder or "0x" + signed.builder.hex(),
    )
    return order, venue.engine.place(order, contract)


def _open(envelope: Any) -> tuple[SignedOrder, OrderType, bool]:
    if not isinstance(envelope, dict):
        raise Rejected("payload")
    try:
        order_type = OrderType(str(envelope.get("orderType")))
    except ValueError:
        raise Rejected("payload") from None
    post_only = envelope.get("postOnly", False)
    if type(post_only) is not bool or type(envelope.get("deferExec", False)) is not bool:
        raise Rejected("payload")
    if post_only and order_type not in (OrderType.GTC, OrderType.GTD):
        raise Rejected("post_only_type")
    signed = parse(envelope.get("order"))
    if not signed.maker_amount or not signed.taker_amount:
        raise Rejected("payload")
    return signed, order_type, post_only


def _check_envelope_terms(signed: SignedOrder, market: Market) -> None:
    if signed.nonce:
        raise Rejected("nonce")
    if signed.taker != _ZERO:
        raise Rejected("payload")  # private orders: not known to be taken, so refused
    if signed.edition == 1 and signed.fee_rate_bps != market.fee_rate_bps:
        raise Rejected("fee_rate", given=signed.fee_rate_bps, market=market.fee_rate_bps)


def _expiry(signed: SignedOrder, order_type: OrderType, exchange: int, now_ms: int) -> int:
    """When the venue takes the order out, Unix ms; 0 for never."""
    if order_type is not OrderType.GTD:
        if signed.expiration:
            raise Rejected("expiration")
        return 0
    ahead_ms = signed.expiration * 1000 - now_ms
    if ahead_ms < rules.GTD_MINIMUM_SECONDS[exchange] * 1000:
        raise Rejected("expiration")
    return (signed.expiration - rules.GTD_MARGIN_SECONDS) * 1000


def _amounts(signed: SignedOrder) -> tuple[int, int]:
    """(collateral, shares)"""
    if signed.side is Side.BUY:
        return signed.maker_amount, signed.taker_amount
    return signed.taker_amount, signed.maker_amount


def _resting_terms(signed: SignedOrder, market: Market, order_id: str) -> tuple[int, int]:
    """(price, shares) of a GTC or GTD order: an exact multiple of the tick, within the range."""
    collateral, shares = _amounts(signed)
    limit, rest = divmod(collateral * UNIT, shares)
    if rest or limit % market.tick:
        raise Rejected("tick", order_id, price=repr(collateral / shares), tick=price(market.tick))
    if not market.tick <= limit <= UNIT - market.tick:
        raise Rejected("price_range", order_id)
    if shares % 10 ** (6 - rules.SHARE_DECIMALS):
        key = "limit_buy_decimals" if signed.side is Side.BUY else "limit_sell_decimals"
        decimals = rules.TICKS[market.tick].amount
        raise Rejected(key, collateral=decimals, shares=rules.SHARE_DECIMALS)
    if shares < market.min_size:
        raise Rejected("min_size", order_id, size=amount(shares), minimum=amount(market.min_size))
    return limit, shares


def _immediate_terms(signed: SignedOrder, market: Market) -> tuple[int, int]:
    """(price, shares) of a FOK or FAK order. Its price may lie off the tick, its decimals not."""
    collateral, shares = _amounts(signed)
    if collateral >= shares:
        raise Rejected("price_range")
    given, got = rules.MARKET_DECIMALS
    if signed.maker_amount % 10 ** (6 - given) or signed.taker_amount % 10 ** (6 - got):
        key = "market_buy_decimals" if signed.side is Side.BUY else "market_sell_decimals"
        raise Rejected(key, maker=given, taker=got)
    return collateral * UNIT // shares, shares
