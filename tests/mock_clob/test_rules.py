"""The table of rules: every row is provoked through a real client, or says why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import (
    ApiCreds,
    BookParams,
    OrderArgs,
    OrderType,
    PostOrdersArgs,
    RequestArgs,
)
from py_clob_client.exceptions import PolyApiException
from py_clob_client.headers.headers import create_level_2_headers
from py_clob_client.order_builder.builder import ROUNDING_CONFIG
from py_clob_client.order_builder.constants import BUY, SELL
from py_clob_client_v2 import ClobClient as ClobClientV2
from py_clob_client_v2 import OrderArgs as OrderArgsV2
from py_clob_client_v2.exceptions import PolyApiException as PolyApiExceptionV2
from py_clob_client_v2.order_builder.builder import ROUNDING_CONFIG as ROUNDING_CONFIG_V2
from py_order_utils.builders import OrderBuilder
from py_order_utils.model import OrderData
from py_order_utils.signer import Signer

from mock_clob.accounts import ACCOUNTS
from mock_clob.ledger import COLLATERAL
from mock_clob.model import UNIT
from mock_clob.pytest_plugin import MockClob
from mock_clob.rules import ERRORS, NOT_ANSWERED, TICKS, Rejected
from mock_clob.scenario import DOCUMENTED, listings

YES, NO = DOCUMENTED.token_ids
CLOSED = next(each.market for each in listings(137) if each.market.closed)
ZERO = "0x" + "0" * 40


@dataclass
class Floor:
    """The venue of exchange 1 with two clients on it."""

    venue: MockClob
    alice: ClobClient
    bob: ClobClient

    def order(self, price: float = 0.4, size: float = 10, side: str = BUY, **more: Any) -> Any:
        return self.alice.create_order(
            OrderArgs(token_id=YES, price=price, size=size, side=side, **more)
        )

    def raw(self, given: int, got: int, side: str = BUY, **changes: str) -> Any:
        """A signed order with these amounts, whatever the client thinks of them."""
        address = ACCOUNTS[0].address
        data = OrderData(
            maker=address,
            signer=address,
            taker=changes.get("taker", ZERO),
            tokenId=changes.get("token", YES),
            makerAmount=str(given),
            takerAmount=str(got),
            side={BUY: 0, SELL: 1}[side],
            feeRateBps=changes.get("fee", "0"),
            nonce=changes.get("nonce", "0"),
            expiration="0",
            signatureType=0,
        )
        exchange = self.venue.venue.contracts.exchange_v1
        builder = OrderBuilder(exchange, 137, Signer(key=ACCOUNTS[0].key))
        return builder.build_signed_order(data)

    def post(self, order: Any, kind: Any = OrderType.GTC) -> Any:
        return self.alice.post_order(order, kind)

    def ask(self, method: str, path: str, body: Any = None, query: str = "") -> httpx.Response:
        """A signed request that no method of the client makes."""
        text = "" if body is None else json.dumps(body, separators=(",", ":"))
        arguments = RequestArgs(method, path, serialized_body=text or None)
        headers = create_level_2_headers(self.alice.signer, self.alice.creds, arguments)
        url = f"{self.venue.url}{path}{query}"
        return httpx.request(method, url, headers=headers, content=text.encode())

    def change(self, fn: Callable[[Any], object]) -> None:
        """Change the venue on its own thread."""
        self.venue.call(lambda: fn(self.venue.venue))


@pytest.fixture
def floor(venue_1: MockClob, alice: ClobClient, bob: ClobClient) -> Floor:
    return Floor(venue_1, alice, bob)


def fresh(floor: Floor, **more: Any) -> ClobClient:
    return ClobClient(floor.venue.url, chain_id=137, key=ACCOUNTS[0].key, **more)


def wrong_key(f: Floor) -> object:
    creds = f.alice.creds
    f.alice.set_api_creds(ApiCreds(creds.api_key, creds.api_secret, "wrong"))
    return f.alice.get_orders()


def busy_signer(f: Floor) -> object:
    f.venue.reset(exchange=1, chain=False, signer_limits="enforce")
    client = fresh(f)
    client.set_api_creds(client.create_or_derive_api_creds())
    f.venue.call(f.venue.venue.clock.freeze)
    return [client.cancel_orders(["0x1"] * 100) for _ in range(2)]


def after_restart(f: Floor, seconds: float) -> object:
    f.change(lambda venue: venue.modes.restart(venue.clock.now_ms()))
    f.venue.advance(seconds)
    return f.post(f.order())


def mode(f: Floor, name: str) -> object:
    f.change(lambda venue: setattr(venue.modes, "trading", name))
    return f.post(f.order())


def blocked(f: Floor) -> object:
    f.change(lambda venue: setattr(venue.modes, "geoblocked", True))
    return f.post(f.order())


def listed(f: Floor, method: str) -> object:
    f.change(lambda venue: getattr(venue.modes, method)(ACCOUNTS[0].address))
    return f.post(f.order())


def other_owner(f: Floor) -> object:
    f.alice.set_api_creds(f.alice.creds)
    order = f.order().dict()
    body = {"order": order, "owner": f.bob.creds.api_key, "orderType": "GTC", "postOnly": False}
    return f.ask("POST", "/order", body)


def strange_wallet(f: Floor) -> object:
    client = fresh(f, signature_type=2, funder="0x" + "22" * 20)
    client.set_api_creds(client.create_or_derive_api_creds())
    return client.post_order(
        client.create_order(OrderArgs(token_id=YES, price=0.4, size=10, side=BUY))
    )


def todays_venue(f: Floor) -> object:
    f.venue.reset(exchange=2, chain=False)
    client = fresh(f)
    client.set_api_creds(client.create_or_derive_api_creds())
    return client.post_order(f.order())


def forged(f: Floor) -> object:
    order = f.order()
    order.signature = "0x" + "12" * 64 + "1b"
    return f.post(order)


def flipped(f: Floor) -> object:
    """post-only on an order type that cannot rest; the client would not send it."""
    body = {
        "order": f.order().dict(),
        "owner": f.alice.creds.api_key,
        "orderType": "FOK",
        "postOnly": True,
    }
    return f.ask("POST", "/order", body)


def twice(f: Floor) -> object:
    order = f.order()
    return [f.post(order), f.post(order)]


def no_allowance(f: Floor) -> object:
    owner = ACCOUNTS[0].address.lower()
    exchange = f.venue.venue.contracts.exchange_v1
    f.change(lambda venue: venue.ledger.allow(owner, exchange, COLLATERAL, 3 * UNIT))
    return f.post(f.order())


PROVOKED: dict[str, Callable[[Floor], object]] = {
    "api_key": wrong_key,
    "l1_headers": lambda f: httpx.post(f"{f.venue.url}/auth/api-key"),
    "create_key": lambda f: fresh(f).create_api_key(),
    "derive_key": lambda f: fresh(f).derive_api_key(nonce=7),
    "rate_limited": busy_signer,
    "disabled": lambda f: mode(f, "disabled"),
    "cancel_only": lambda f: mode(f, "cancel_only"),
    "restarting": lambda f: after_restart(f, 0),
    "post_only_mode": lambda f: after_restart(f, 100),
    "geoblock": blocked,
    "banned": lambda f: listed(f, "ban"),
    "closed_only": lambda f: listed(f, "close_only"),
    "payload": lambda f: f.ask("POST", "/order", {"order": {}}),
    "too_many_orders": lambda f: f.alice.post_orders(
        [PostOrdersArgs(order=f.order(size=5 + n)) for n in range(16)]
    ),
    "owner": other_owner,
    "signer": lambda f: f.bob.post_order(f.order()),
    "maker": strange_wallet,
    "version": todays_venue,
    "signature": forged,
    "no_book": lambda f: f.post(f.raw(4 * UNIT, 10 * UNIT, token=YES[:-1] + "0")),
    "not_ready": lambda f: f.post(f.raw(4 * UNIT, 10 * UNIT, token=CLOSED.token_ids[0])),
    "nonce": lambda f: f.post(f.raw(4 * UNIT, 10 * UNIT, nonce="1")),
    "expiration": lambda f: f.post(
        f.order(expiration=f.alice.get_server_time() + 59), OrderType.GTD
    ),
    "fee_rate": lambda f: f.post(f.raw(4 * UNIT, 10 * UNIT, fee="10")),
    "price_range": lambda f: f.post(f.raw(10 * UNIT, 10 * UNIT)),
    "tick": lambda f: f.post(f.raw(4_050_000, 10 * UNIT)),
    "min_size": lambda f: f.post(f.order(size=4.99)),
    "min_marketable": lambda f: f.post(f.order(price=0.52, size=1), OrderType.FAK),
    "limit_buy_decimals": lambda f: f.post(f.raw(4_000_400, 10_001_000)),
    "limit_sell_decimals": lambda f: f.post(f.raw(10_001_000, 6_000_600, SELL)),
    "market_buy_decimals": lambda f: f.post(f.order(price=0.53, size=10.11), OrderType.FOK),
    "market_sell_decimals": lambda f: f.post(f.raw(10_001_000, 4_000_000, SELL), OrderType.FOK),
    "duplicate": twice,
    "balance": lambda f: f.post(f.order(size=30_000)),
    "allowance": no_allowance,
    "post_only": lambda f: f.alice.post_order(f.order(price=0.6), OrderType.GTC, post_only=True),
    "post_only_type": flipped,
    "fok": lambda f: f.post(f.order(), OrderType.FOK),
    "fak": lambda f: f.post(f.order(), OrderType.FAK),
    "order_id": lambda f: f.alice.cancel(""),
    "too_many_cancels": lambda f: f.alice.cancel_orders(["0x1"] * 1_001),
    "order_params": lambda f: f.ask("DELETE", "/cancel-market-orders", []),
    "trade_params": lambda f: f.ask("GET", "/data/trades", query="?after=yesterday"),
    "token_id": lambda f: f.alice.get_midpoint("yes"),
    "side": lambda f: f.alice.get_price(YES, "HOLD"),
    "read_payload": lambda f: httpx.post(f"{f.venue.url}/midpoints", content=b"{}"),
    "payload_limit": lambda f: f.alice.get_midpoints([BookParams(token_id=YES)] * 501),
    "read_no_book": lambda f: f.alice.get_midpoint("123456"),
    "market_not_found": lambda f: f.alice.get_market("0x" + "0" * 64),
    "asset_type": lambda f: f.ask("GET", "/balance-allowance", query="?asset_type=GOLD"),
    "signature_type": lambda f: f.ask(
        "GET", "/balance-allowance", query="?asset_type=COLLATERAL&signature_type=9"
    ),
    "cursor": lambda f: f.ask("GET", "/data/orders", query="?next_cursor=%21"),
}

# Rows that are not provoked here, and why.
ELSEWHERE = {
    "poly_1271": "with the deposit wallets, which exchange 1 does not have",
    "delete_key": "a key that is gone fails its HMAC first",
    "builder_code": "with the builder routes",
    "notification_ids": "with the account routes",
    "date": "with the rewards routes",
    "maker_address": "with the rewards routes",
    "page_size": "with the rewards routes",
    "reward_params": "with the rewards routes",
}
ELSEWHERE_PREFIXES = {
    "history_": "with /prices-history",
    "rfq_": "with the RFQ routes",
    "relayer_": "with the relayer",
}


@pytest.mark.parametrize("key", PROVOKED)
def test_row_is_answered(floor: Floor, key: str) -> None:
    try:
        answer = PROVOKED[key](floor)
    except PolyApiException as refused:
        status, body = refused.status_code, refused.error_msg
    else:
        assert isinstance(answer, httpx.Response)
        status, body = answer.status_code, answer.json()
    text = body["error"] if isinstance(body, dict) else body
    row = ERRORS[key]
    assert status == row.status
    assert text.startswith(row.text.split("{")[0])
    assert [entry.verdict for entry in floor.venue.journal][-1] == key


def test_every_row_is_provoked_or_has_a_reason() -> None:
    excused = {key for key in ERRORS if key.startswith(tuple(ELSEWHERE_PREFIXES))}
    excused |= set(ELSEWHERE)
    assert set(ERRORS) - set(PROVOKED) - excused == set()
    assert excused - set(ERRORS) == set(), "a reason for a row that is gone"
    assert excused & set(PROVOKED) == set()


def test_rows_follow_the_venues_status_override() -> None:
    """docs, error-codes: a text with these words has this status, whoever says it."""
    for row in ERRORS.values():
        text = row.text.lower()
        for words, status in (
            ("not found", 404),
            ("unauthorized", 401),
            ("context canceled", 400),
        ):
            assert words not in text or row.status == status


def test_rows_name_their_source() -> None:
    known = {"docs", "threads", "client", "mock"}
    assert {row.source.split(",")[0] for row in ERRORS.values()} <= known
    assert all(NOT_ANSWERED.values())
    assert {row.text for row in ERRORS.values()} & set(NOT_ANSWERED) == set()


def test_refusal_is_a_sentence_with_the_values_that_were_wrong() -> None:
    refused = Rejected("tick", "0x1", price="0.405", tick="0.01")
    assert str(refused) == "order 0x1 is invalid. Price (0.405) breaks minimum tick size rule: 0.01"


# Figures


def test_ticks_are_those_of_the_clients() -> None:
    for config in (ROUNDING_CONFIG, ROUNDING_CONFIG_V2):
        for text, rounding in config.items():
            mine = TICKS[round(float(text) * UNIT)]
            theirs = (rounding.price, rounding.size, rounding.amount)
            assert (mine.price, mine.size, mine.amount) == theirs
    assert len(ROUNDING_CONFIG_V2) == len(TICKS)


@pytest.mark.parametrize("tick", TICKS)
@pytest.mark.parametrize("steps", [1, 3, -1])
def test_every_tick_takes_its_multiples_and_nothing_between(
    floor: Floor, tick: int, steps: int
) -> None:
    f = floor
    f.change(lambda venue: setattr(venue.engine.markets[DOCUMENTED.condition_id], "tick", tick))
    price = (UNIT + steps * tick) % UNIT
    side = BUY if price < UNIT // 2 else SELL
    given, got = (price * 10, 10 * UNIT) if side == BUY else (10 * UNIT, price * 10)
    assert f.post(f.raw(given, got, side))["status"] in ("live", "matched")
    off = price + tick // 2
    given, got = (off * 10, 10 * UNIT) if side == BUY else (10 * UNIT, off * 10)
    with pytest.raises(PolyApiException, match="breaks minimum tick size rule"):
        f.post(f.raw(given, got, side))


@pytest.mark.parametrize("active", [False, True])
@pytest.mark.parametrize("matched", [False, True])
def test_balance_refusal_tells_what_holds_the_money(
    floor: Floor, active: bool, matched: bool
) -> None:
    """The three forms that bots have recorded."""
    f = floor
    f.change(lambda venue: setattr(venue.settlement, "mode", "manual"))
    if matched:
        f.post(f.order(price=0.52, size=100))
    if active:
        f.post(f.order(price=0.4, size=100))
    with pytest.raises(PolyApiException) as refused:
        f.post(f.order(price=0.4, size=26_000))
    held = {
        (False, False): "order amount",
        (False, True): "sum of matched orders: 52000000, order amount (inc. fees)",
        (True, False): "sum of active orders: 40000000, sum of matched orders: 0, "
        "order amount (inc. fees)",
        (True, True): "sum of active orders: 40000000, sum of matched orders: 52000000, "
        "order amount (inc. fees)",
    }[active, matched]
    assert refused.value.error_msg["error"] == (
        "not enough balance / allowance: the balance is not enough -> "
        f"balance: 10000000000, {held}: 10400000000"
    )


# The same rules on exchange 2


@pytest.fixture
def today(mock_clob: MockClob) -> ClobClientV2:
    mock_clob.reset(exchange=2, chain=False)
    client = ClobClientV2(mock_clob.url, chain_id=137, key=ACCOUNTS[0].key)
    client.set_api_creds(client.create_or_derive_api_key())
    return client


def bid(client: ClobClientV2, price: float = 0.4, size: float = 10, **more: Any) -> Any:
    return client.create_order(
        OrderArgsV2(token_id=YES, price=price, size=size, side="BUY", **more)
    )


@pytest.mark.parametrize(
    ("key", "make", "kind"),
    [
        ("min_size", lambda c: bid(c, size=4.99), "GTC"),
        ("balance", lambda c: bid(c, size=30_000), "GTC"),
        ("fok", bid, "FOK"),
        ("fak", bid, "FAK"),
        ("market_buy_decimals", lambda c: bid(c, price=0.53, size=10.11), "FOK"),
        ("min_marketable", lambda c: bid(c, price=0.52, size=1), "FAK"),
        ("expiration", lambda c: bid(c, expiration=c.get_server_time() + 179), "GTD"),
    ],
)
def test_rule_holds_on_exchange_2(
    today: ClobClientV2, key: str, make: Callable[[ClobClientV2], Any], kind: str
) -> None:
    order = make(today)
    with pytest.raises(PolyApiExceptionV2) as refused:
        today.post_order(order, kind)
    text = refused.value.error_msg["error"]
    assert text.startswith(ERRORS[key].text.split("{")[0])


def test_gtd_threshold_is_180_seconds_on_exchange_2(today: ClobClientV2) -> None:
    order = bid(today, expiration=today.get_server_time() + 182)
    assert today.post_order(order, "GTD")["status"] == "live"
