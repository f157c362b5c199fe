"""Orders for the load: signed ahead, as whole HTTP requests that only have to be sent.

Four pairs of accounts trade at the middle of four markets. A buys YES, B buys NO: a pair is made.
A sells YES, B sells NO: the pair is paid out. Every second order matches, and after four of them
everybody has what he had, so that this can go on for ever.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import count

from coincurve import PrivateKey

from mock_clob.accounts import ACCOUNTS, Account
from mock_clob.auth import Credentials, Keys, request_signature
from mock_clob.contracts import CONTRACTS
from mock_clob.model import UNIT, Market, Side
from mock_clob.scenario import listings
from mock_clob.signed_order import SignedOrder, exchange_contract, order_hash

CHAIN_ID = 137
SHARES = 10
_SALTS = count(1)


def credentials(account: Account) -> Credentials:
    """The key that the venue gives this account: the same in every process."""
    address = account.address.lower()
    return Keys(frozenset({address}), CHAIN_ID).create(address, 0)


def pairs() -> list[tuple[Account, Account, Market, int]]:
    """(A, B, market, price of YES in 1e-6); nobody shares a market or an account."""
    chosen = [each for each in listings(CHAIN_ID) if not each.market.closed][:4]
    return [
        (ACCOUNTS[2 * number], ACCOUNTS[2 * number + 1], listing.market, listing.middle)
        for number, listing in enumerate(chosen)
    ]


def requests(pair: tuple[Account, Account, Market, int]) -> Iterator[bytes]:
    """POST /order, signed now, for ever: the venue takes each for five minutes."""
    first, second, market, price = pair
    keys = {
        account.index: (PrivateKey(bytes.fromhex(account.key[2:])), credentials(account))
        for account in (first, second)
    }
    yes, no = market.token_ids
    while True:
        for side in (Side.BUY, Side.SELL):
            yield _request(*keys[first.index], market, yes, side, price)
            yield _request(*keys[second.index], market, no, side, UNIT - price)


def _request(
    key: PrivateKey, sender: Credentials, market: Market, token: str, side: Side, price: int
) -> bytes:
    shares, money = SHARES * UNIT, SHARES * price
    order = SignedOrder(
        edition=2,
        salt=next(_SALTS),
        maker=sender.address,
        signer=sender.address,
        token_id=token,
        maker_amount=money if side is Side.BUY else shares,
        taker_amount=shares if side is Side.BUY else money,
        side=side,
        signature_type=0,
        expiration=0,
        signature=b"",
        timestamp=time.time_ns() // 1_000_000,
    )
    contract = exchange_contract(CONTRACTS[CHAIN_ID], 2, market.neg_risk)
    raw = key.sign_recoverable(order_hash(order, 2, CHAIN_ID, contract), hasher=None)
    body = json.dumps(
        {
            "order": {
                "salt": order.salt,
                "maker": order.maker,
                "signer": order.signer,
                "tokenId": token,
                "makerAmount": str(order.maker_amount),
                "takerAmount": str(order.taker_amount),
                "side": side.value,
                "expiration": "0",
                "signatureType": 0,
                "timestamp": str(order.timestamp),
                "metadata": "0x" + "0" * 64,
                "builder": "0x" + "0" * 64,
                "signature": "0x" + (raw[:64] + bytes([raw[64] + 27])).hex(),
            },
            "owner": sender.api_key,
            "orderType": "GTC",
            "deferExec": False,
        }
    ).encode()
    now = str(int(time.time()))
    signature = request_signature(sender.secret, now, "POST", "/order", body).decode()
    return (
        "POST /order HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"POLY_ADDRESS: {sender.address}\r\nPOLY_API_KEY: {sender.api_key}\r\n"
        f"POLY_PASSPHRASE: {sender.passphrase}\r\nPOLY_TIMESTAMP: {now}\r\n"
        f"POLY_SIGNATURE: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
