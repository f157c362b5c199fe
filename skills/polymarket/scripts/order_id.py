"""The id of a signed order, known before it is sent: its EIP-712 hash."""

from __future__ import annotations

from eth_utils.crypto import keccak
from poly_eip712_structs import make_domain
from py_clob_client.clob_types import OrderArgs
from py_clob_client.config import get_contract_config
from py_clob_client.order_builder.constants import BUY
from py_order_utils.model import SignedOrder
from trading_client import trading_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def order_id(signed_order: SignedOrder, chain_id: int, neg_risk: bool) -> str:
    """The `orderID` that the venue will answer with: 0x and 64 hex digits.

    `neg_risk` is the market's (client.get_neg_risk): it decides which exchange contract the order
    was signed for. For orders of py-clob-client (exchange 1) only.
    """
    domain = make_domain(
        name="Polymarket CTF Exchange",
        version="1",
        chainId=chain_id,
        verifyingContract=get_contract_config(chain_id, neg_risk).exchange,
    )
    return "0x" + keccak(signed_order.order.signable_bytes(domain)).hex()


if __name__ == "__main__":
    client = trading_client()
    signed = client.create_order(OrderArgs(token_id=YES, price=0.01, size=5, side=BUY))
    known = order_id(signed, client.chain_id, client.get_neg_risk(YES))
    reply = client.post_order(signed)
    print("the venue answers with the id we knew:", reply["orderID"] == known)
    client.cancel(known)
