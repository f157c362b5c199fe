"""The signed order that comes with an accepted or approved quote: read, checked, made an order.

The clients send the fields of an order of exchange 1 beside the ids of the request and the quote
(py_clob_client_v2 too), so a venue of a later edition refuses it as any order of another version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_clob.auth import Credentials
from mock_clob.model import Order, OrderType
from mock_clob.rfq import Terms
from mock_clob.rules import Rejected
from mock_clob.signed_order import SignedOrder, exchange_contract, parse

if TYPE_CHECKING:
    from mock_clob.venue import Venue

_NO_ONE = "0x" + "0" * 40
_FIELDS = (
    "salt",
    "maker",
    "signer",
    "taker",
    "tokenId",
    "makerAmount",
    "takerAmount",
    "nonce",
    "feeRateBps",
    "side",
    "signatureType",
    "signature",
)


def rfq_order(
    venue: Venue, sender: Credentials, body: dict[str, Any], terms: Terms, wallet: str
) -> Order:
    """The order in `body`: it must trade exactly these terms, for this wallet. Raises Rejected."""
    signed = _signed(body)
    if body.get("owner") != sender.api_key:
        raise Rejected("owner")
    venue.wallets.check_signer(sender.address, signed, venue.clock.now())
    for address in dict.fromkeys((sender.address, signed.maker)):
        venue.modes.check_address(address, signed.side)
    exchange, market = venue.options.exchange, terms.market
    if exchange != 1:
        raise Rejected("version")
    if not market.accepting_orders or market.closed:
        raise Rejected("not_ready")
    venue.wallets.check_maker(signed)
    contract = exchange_contract(venue.contracts, exchange, market.neg_risk)
    order_id = venue.wallets.check_signature(
        sender.address, signed, exchange, venue.options.chain_id, contract
    )
    if signed.maker != wallet:
        raise Rejected("rfq_order")
    _check_terms(signed, terms, venue.clock.now())
    return Order(
        id=order_id,
        owner=sender.api_key,
        signer=sender.address,
        maker=signed.maker,
        market=market,
        token_id=signed.token_id,
        side=signed.side,
        type=OrderType.GTD,
        price=terms.price,
        size=terms.shares,
        maker_amount=signed.maker_amount,
        taker_amount=signed.taker_amount,
        created_ms=venue.clock.now_ms(),
        expires_ms=signed.expiration * 1000,
        spender=contract,
        builder=sender.builder,
    )


def _signed(body: dict[str, Any]) -> SignedOrder:
    """`expiration` is a number here, and text in POST /order."""
    expiration = body.get("expiration")
    if type(expiration) is not int:
        raise Rejected("payload")
    wire = {name: body[name] for name in _FIELDS if name in body}
    return parse(wire | {"expiration": str(expiration)})


def _check_terms(signed: SignedOrder, terms: Terms, now: float) -> None:
    if signed.nonce:
        raise Rejected("nonce")
    if signed.taker != _NO_ONE:
        raise Rejected("payload")
    if signed.fee_rate_bps != terms.market.fee_rate_bps:
        raise Rejected("fee_rate", given=signed.fee_rate_bps, market=terms.market.fee_rate_bps)
    if signed.expiration and signed.expiration <= now:
        raise Rejected("expiration")
    given, got = terms.collateral, terms.shares
    if terms.side.value == "SELL":
        given, got = got, given
    if (signed.token_id, signed.side) != (terms.token_id, terms.side) or (
        signed.maker_amount,
        signed.taker_amount,
    ) != (given, got):
        raise Rejected("rfq_order")
