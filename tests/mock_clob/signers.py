"""Orders of 10 YES at 0.40 by each real client, for each wallet and exchange that it can use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from polymarket import SecureClient
from polymarket._internal.actions.orders.post import build_post_order_request
from py_clob_client.client import ClobClient as ClobClient1
from py_clob_client.clob_types import OrderArgs
from py_clob_client_v2.client import ClobClient as ClobClient2
from py_clob_client_v2.clob_types import OrderArgsV2, PartialCreateOrderOptions
from py_clob_client_v2.order_utils.model.order_data_v1 import order_to_json_v1
from py_clob_client_v2.order_utils.model.order_data_v2 import order_to_json_v2

from mock_clob import protocol_v2
from mock_clob.accounts import ACCOUNTS, Account
from mock_clob.derivation import deposit_wallet, proxy_wallet, safe_wallet
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

ALICE = ACCOUNTS[0]
WALLETS: list[Callable[[str], str]] = [str, proxy_wallet, safe_wallet, deposit_wallet]


@dataclass
class Signer:
    """`sign` makes an order; `post` sends it and gives (accepted, order id); `wire` is its JSON."""

    client: Any
    sign: Callable[[], Any]
    post: Callable[[Any], tuple[bool, str]]
    wire: Callable[[Any], Any]


def token_of(exchange: int) -> str:
    return (protocol_v2.OPEN if exchange == 3 else DOCUMENTED).token_ids[0]


def py_clob_client(venue: MockClob, exchange: int, kind: int, account: Account) -> Signer:
    wallet = WALLETS[kind](account.address)
    client = ClobClient1(venue.url, 137, account.key, signature_type=kind, funder=wallet)
    client.set_api_creds(client.create_or_derive_api_creds())
    order = OrderArgs(token_id=token_of(exchange), price=0.4, size=10, side="BUY")
    return Signer(
        client, lambda: client.create_order(order), _posting(client), lambda order: order.dict()
    )


def py_clob_client_v2(
    venue: MockClob, exchange: int, kind: int, account: Account, wallet: str = ""
) -> Signer:
    wallet = wallet or WALLETS[kind](account.address)
    client = ClobClient2(venue.url, 137, account.key, signature_type=kind, funder=wallet)
    client.set_api_creds(client.create_or_derive_api_key())
    name = "position_id" if exchange == 3 else "token_id"
    asset: Any = {name: token_of(exchange)}
    order = OrderArgsV2(price=0.4, size=10, side="BUY", **asset)
    options = PartialCreateOrderOptions(tick_size="0.01", neg_risk=False)
    shape = order_to_json_v1 if exchange == 1 else order_to_json_v2

    def wire(order: Any) -> Any:
        return shape(order, "", "GTC")["order"]

    return Signer(client, lambda: client.create_order(order, options), _posting(client), wire)


def polymarket_client(venue: MockClob, exchange: int, kind: int, account: Account) -> Signer:
    wallet = WALLETS[kind](account.address)
    client: Any = SecureClient.create(private_key=account.key, wallet=wallet)
    terms = {"token_id": token_of(exchange), "price": "0.40", "size": "10", "side": "BUY"}

    def post(order: Any) -> tuple[bool, str]:
        placed = client.post_order(order)
        return placed.ok and placed.status == "live", placed.order_id

    def wire(order: Any) -> Any:
        return build_post_order_request(order, owner_api_key="")[1]["order"]

    return Signer(client, lambda: client.create_limit_order(**terms), post, wire)


def _posting(client: Any) -> Callable[[Any], tuple[bool, str]]:
    def post(order: Any) -> tuple[bool, str]:
        placed = client.post_order(order)
        return placed["success"] and placed["status"] == "live", placed["orderID"]

    return post


Make = Callable[[MockClob, int, int, Account], Signer]
# (client, exchange, signature type): all that each can speak.
SPOKEN: list[tuple[Make, int, int]] = [
    *((py_clob_client, 1, kind) for kind in (0, 1, 2)),
    *((py_clob_client_v2, 1, kind) for kind in (0, 1, 2)),
    *((py_clob_client_v2, exchange, kind) for exchange in (2, 3) for kind in range(4)),
    *((polymarket_client, exchange, kind) for exchange in (2, 3) for kind in range(4)),
]
