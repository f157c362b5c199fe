"""The venue's rules as tables: ticks, precision, minimums and error strings.

Every reply the mock refuses with comes from `ERRORS`; every figure names where it is from.
Sources: [docs] docs.polymarket.com error-codes, place-orders, as archived 2026-09 to 2026-10;
[client] the installed client packages; [threads] strings quoted in public issue threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Precision:
    """Decimals that the clients round to at one tick size."""

    price: int
    size: int
    amount: int


# [client] ROUNDING_CONFIG of py_clob_client (four ticks) and py_clob_client_v2 (six).
TICKS: dict[int, Precision] = {
    100_000: Precision(1, 2, 3),
    10_000: Precision(2, 2, 4),
    5_000: Precision(3, 2, 5),
    2_500: Precision(4, 2, 6),
    1_000: Precision(3, 2, 5),
    100: Precision(4, 2, 6),
}

MAX_BATCH = 15  # [docs] orders in one POST /orders, since 2025-08-21
MAX_CANCELS = 1_000  # [docs] ids in one DELETE /orders, since 2026-06-15
MIN_MARKETABLE_BUY = 1_000_000  # [threads] $1, base units of collateral
# [docs] the venue expires a GTD order 60 s before its stated time.
GTD_MARGIN_SECONDS = 60
# [docs] 180 s since CLOB V2's newer pages and polymarket-client; 60 s before.
GTD_MINIMUM_SECONDS = {1: 60, 2: 180, 3: 180}
HEARTBEAT_SECONDS = 10  # [docs] plus up to 5 s
# How far POLY_TIMESTAMP may be off is not established. Pagination reuses the first page's
# headers, so it must outlast a paging loop.
AUTH_SKEW_SECONDS = 300
PAGE_SIZE = 500  # [client] pages of /data/orders and /data/trades
MAX_BODY_BYTES = 1_000_000  # the venue's limit is not established

# FOK and FAK: the most decimals each signed amount may have, by side. [threads] quote 4 decimals
# for the second amount and 5 where the tick is 0.001 or finer.
# side -> (decimals of what is given, decimals of what is got, the same on fine ticks)
MARKET_DECIMALS = {"BUY": (2, 4, 5), "SELL": (2, 4, 5)}


@dataclass(frozen=True)
class Refusal:
    """One way the venue says no."""

    status: int
    text: str
    source: str


ERRORS: dict[str, Refusal] = {
    # Authentication
    "api_key": Refusal(401, "Unauthorized/Invalid api key", "docs"),
    "l1_headers": Refusal(401, "Invalid L1 Request headers", "docs"),
    "create_key": Refusal(400, "Could not create api key", "docs"),
    "derive_key": Refusal(400, "Could not derive api key!", "docs"),
    "rate_limited": Refusal(429, "Too Many Requests", "docs"),
    # Orders: the payload and who sends it
    "payload": Refusal(400, "Invalid order payload", "docs"),
    "too_many_orders": Refusal(
        400, "Too many orders in payload: {count}, max allowed: {limit}", "docs"
    ),
    "owner": Refusal(400, "the order owner has to be the owner of the API KEY", "docs"),
    "signer": Refusal(400, "the order signer address has to be the address of the API KEY", "docs"),
    "maker": Refusal(
        400, "maker address not allowed, please use the deposit wallet flow", "threads"
    ),
    "version": Refusal(400, "order_version_mismatch", "threads"),
    "signature": Refusal(400, "invalid signature", "threads"),
    # Orders: the market and the order's terms
    "no_book": Refusal(400, "the orderbook {token_id} does not exist", "threads"),
    "not_ready": Refusal(400, "the market is not yet ready to process new orders", "docs"),
    "nonce": Refusal(400, "invalid nonce", "docs"),
    "expiration": Refusal(400, "invalid expiration", "docs"),
    "fee_rate": Refusal(
        400,
        "invalid fee rate ({given}), current market's taker fee: {market}",
        "threads",
    ),
    "price_range": Refusal(
        400, "invalid price, price must be greater than 0 and less than 1", "threads"
    ),
    "tick": Refusal(
        400, "order {id} is invalid. Price ({price}) breaks minimum tick size rule: {tick}", "docs"
    ),
    "min_size": Refusal(
        400, "order {id} is invalid. Size ({size}) lower than the minimum: {minimum}", "docs"
    ),
    "min_marketable": Refusal(
        400, "invalid amount for a marketable BUY order (${amount}), min size: $1", "threads"
    ),
    "market_buy_decimals": Refusal(
        400,
        "invalid amounts, the market buy orders maker amount supports a max accuracy of "
        "{maker} decimals, taker amount a max of {taker} decimals",
        "threads",
    ),
    "market_sell_decimals": Refusal(
        400,
        "invalid amounts, the sell orders maker amount supports a max accuracy of "
        "{maker} decimals, taker amount a max of {taker} decimals",
        "threads",
    ),
    "duplicate": Refusal(400, "order {id} is invalid. Duplicated.", "docs"),
    "balance": Refusal(
        400,
        "not enough balance / allowance: the balance is not enough -> balance: {balance}, "
        "sum of active orders: {active}, sum of matched orders: {matched}, "
        "order amount: {amount}",
        "docs, detail from threads",
    ),
    "allowance": Refusal(
        400,
        "not enough balance / allowance: the allowance is not enough -> spender: {spender}, "
        "allowance: {allowance}, sum of matched orders: {matched}, order amount: {amount}",
        "docs, detail from threads",
    ),
    "post_only": Refusal(400, "invalid post-only order: order crosses book", "docs"),
    # [client] py_clob_client refuses it before sending; the server's own text is not established.
    "post_only_type": Refusal(400, "Invalid order payload", "docs"),
    "fok": Refusal(
        400, "order couldn't be fully filled. FOK orders are fully filled or killed.", "docs"
    ),
    "fak": Refusal(
        400,
        "no orders found to match with FAK order. FAK orders are partially filled or killed "
        "if no match is found.",
        "docs",
    ),
    # Cancels and reads
    "order_id": Refusal(400, "Invalid orderID", "docs"),
    "too_many_cancels": Refusal(400, "Too many orders in payload, max allowed: {limit}", "docs"),
    "order_params": Refusal(400, "invalid order params payload", "docs"),
    "trade_params": Refusal(400, "Invalid trade params payload", "docs"),
    "token_id": Refusal(400, "Invalid token id", "docs"),
    "side": Refusal(400, "Invalid side", "docs"),
    "read_payload": Refusal(400, "Invalid payload", "docs"),
    "payload_limit": Refusal(400, "Payload exceeds the limit", "docs"),
    "read_no_book": Refusal(404, "No orderbook exists for the requested token id", "docs"),
    "market_not_found": Refusal(404, "market not found", "docs"),
    "asset_type": Refusal(400, "Invalid asset type", "docs"),
    "signature_type": Refusal(400, "Invalid signature_type", "docs"),
    "cursor": Refusal(400, "error decoding cursor", "threads"),
}

# Per id, in `not_canceled` of a cancel reply. [threads]
NOT_CANCELED = "order can't be found - already canceled or matched"


class Rejected(Exception):
    """The venue says no: `key` names the row of ERRORS that is answered."""

    def __init__(self, key: str, order_id: str = "", **fields: Any) -> None:
        refusal = ERRORS[key]
        self.key = key
        self.status = refusal.status
        self.text = refusal.text.format(id=order_id, **fields)
        self.order_id = order_id
        super().__init__(self.text)
