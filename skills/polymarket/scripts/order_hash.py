"""The id of an order of polymarket-client, known before it is sent: its EIP-712 hash."""

from __future__ import annotations

from functools import cache

from eth_hash.auto import keccak
from polymarket import SignedOrder
from secure_client import secure_client

CHAIN_ID = 137
EXCHANGE = "0xE111180000d2663C0091e4f400237545B87B996B"  # of CLOB V2
NEG_RISK_EXCHANGE = "0xe2222d279d744050d28e00520010520000310F59"
EXCHANGE_3 = "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa"  # of Protocol V2's position ids
ORDER = (
    b"Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,"
    b"uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,"
    b"bytes32 builder)"
)
ORDER_TYPE = keccak(ORDER)
DOMAIN = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
POSITION_ID_ZEROS = ((1 << 64) - 1) << 40  # bits that are zero in ids of exchange 3
YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def order_hash(order: SignedOrder, neg_risk: bool) -> str:
    """The `orderID` that the venue will answer with: 0x and 64 hex digits.

    `neg_risk` is the market's (get_order_book(...).neg_risk). For every kind of wallet: what a
    deposit wallet signs is another digest, but its order's id is this one.
    """
    separator = domain(*exchange_of(order.token_id, neg_risk))
    return "0x" + keccak(b"\x19\x01" + separator + struct_hash(order)).hex()


def exchange_of(token_id: str, neg_risk: bool) -> tuple[str, str]:
    """(contract, version) that a token's orders are signed for: exchange 2, or 3."""
    if not int(token_id) & POSITION_ID_ZEROS:
        return EXCHANGE_3, "3"
    return NEG_RISK_EXCHANGE if neg_risk else EXCHANGE, "2"


@cache
def domain(contract: str, version: str) -> bytes:
    names = [keccak(text) for text in (DOMAIN, b"Polymarket CTF Exchange", version.encode())]
    return keccak(b"".join(names) + words(CHAIN_ID, contract))


def struct_hash(order: SignedOrder) -> bytes:
    buys_or_sells = 0 if order.side == "BUY" else 1
    amounts = (order.maker_amount, order.taker_amount, buys_or_sells, order.signature_type)
    who = words(order.salt, order.maker, order.signer, int(order.token_id))
    what = words(*amounts, order.timestamp, order.metadata, order.builder)
    return keccak(ORDER_TYPE + who + what)


def words(*values: int | str) -> bytes:
    """Numbers, addresses and other hex text, each in 32 bytes."""
    numbers = (int(value, 16) if isinstance(value, str) else value for value in values)
    return b"".join(number.to_bytes(32, "big") for number in numbers)


if __name__ == "__main__":
    with secure_client() as client:
        order = client.create_limit_order(token_id=YES, price="0.01", size=5, side="BUY")
        known = order_hash(order, client.get_order_book(token_id=YES).neg_risk)
        reply = client.post_order(order)
        print("the venue answers with the id we knew:", reply.ok and reply.order_id == known)
        client.cancel_order(order_id=known)
