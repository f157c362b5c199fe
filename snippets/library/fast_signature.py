"""Sign orders of polymarket-client without the client: the same signature, to the byte."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace

from account_settings import private_key
from coincurve import PrivateKey
from eth_hash.auto import keccak
from order_hash import CHAIN_ID, ORDER, domain, exchange_of, struct_hash, words
from polymarket import SignedOrder
from polymarket.types import HexString
from secure_client import secure_client

NESTED_TYPE = keccak(
    b"TypedDataSign(Order contents,string name,string version,uint256 chainId,"
    b"address verifyingContract,bytes32 salt)" + ORDER
)
WALLET = keccak(b"DepositWallet") + keccak(b"1")
YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


class FastSigner:
    """For the orders of one token: `template` is one that the client signed, and is never sent."""

    def __init__(self, key: str, template: SignedOrder, neg_risk: bool) -> None:
        self._key = PrivateKey.from_hex(key.removeprefix("0x"))
        self._template = template
        self._domain = domain(*exchange_of(template.token_id, neg_risk))

    def order(self, maker_amount: int, taker_amount: int) -> SignedOrder:
        """A new order, in base units of 1e-6: a BUY gives collateral and takes shares."""
        salt, now = secrets.randbits(53), int(time.time() * 1000)
        order = replace(self._template, salt=salt, timestamp=now)
        return self.signed(replace(order, maker_amount=maker_amount, taker_amount=taker_amount))

    def signed(self, order: SignedOrder) -> SignedOrder:
        contents, trailer = struct_hash(order), b""
        message = contents
        if order.signature_type == 3:  # a deposit wallet: its own message around the order
            message = keccak(NESTED_TYPE + contents + WALLET + words(CHAIN_ID, order.signer, 0))
            trailer = self._domain + contents + ORDER + len(ORDER).to_bytes(2, "big")
        digest = keccak(b"\x19\x01" + self._domain + message)
        raw = self._key.sign_recoverable(digest, hasher=None)
        signature = raw[:64] + bytes([27 + raw[64]]) + trailer
        return replace(order, signature=HexString("0x" + signature.hex()))


if __name__ == "__main__":
    with secure_client() as client:
        theirs = client.create_limit_order(token_id=YES, price="0.40", size=10, side="BUY")
        signer = FastSigner(private_key(), theirs, client.get_order_book(token_id=YES).neg_risk)
        print("the client's own signature:", signer.signed(theirs) == theirs)
        order = signer.order(maker_amount=39 * 100_000, taker_amount=10 * 1_000_000)  # 10 at 0.39
        reply = client.post_order(order)
        print("accepted:", reply.ok)
        client.cancel_all()
