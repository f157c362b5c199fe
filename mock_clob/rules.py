"""The venue's rules as tables: ticks, precision, minimums and error strings.

Every reply the mock refuses with comes from `ERRORS`; every figure names where it is from.
Sources: [docs] docs.polymarket.com error-codes, place-orders, as archived 2026-09 to 2026-10;
[client] the installed client packages; [threads] strings quoted in public issue threads, with
the thread where one stands for many; [mock] wording of our own where the venue's is not known.
The venue answers 404 where a text says "not found", 401 for "unauthorized", 400 for "context
canceled" ([docs]); the rows follow that.
"""

from __future__ import annotations

from collections.abc import Mapping
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
RESTART_SECONDS = 90  # [docs] of 425, about
POST_ONLY_SECONDS = 120  # [docs] after them
HEARTBEAT_SECONDS = 10  # [docs] plus up to 5 s
# How far POLY_TIMESTAMP may be off is not established. Pagination reuses the first page's
# headers, so it must outlast a paging loop.
AUTH_SKEW_SECONDS = 300
PAGE_SIZE = 500  # [client] pages of /data/orders and /data/trades
MAX_BODY_BYTES = 1_000_000  # the venue's limit is not established
MAX_CONNECTIONS = 2_000  # of one server, streams included: the mock's own bound

# FOK and FAK: the most decimals of (what is given, what is got). [threads] of 2026-07 have 4 for
# the second on a tick of 0.001 too (py-clob-client-v2#99), others of 2026-04 and 2026-09 have 5.
# Unresolved, so the stricter holds; the clients sign 5 or 6 on fine ticks.
MARKET_DECIMALS = (2, 4)
# GTC and GTD: shares have 2 decimals on every tick. [threads] py-clob-client#253, #305
SHARE_DECIMALS = 2


@dataclass(frozen=True)
class Refusal:
    """One way the venue says no: HTTP status, text with {fields}, where the text is from."""

    status: int
    text: str
    source: str


ERRORS: dict[str, Refusal] = {
    # Authentication
    "api_key": Refusal(401, "Unauthorized/Invalid api key", "docs"),
    "l1_headers": Refusal(401, "Invalid L1 Request headers", "docs"),
    "create_key": Refusal(400, "Could not create api key", "docs"),
    "derive_key": Refusal(400, "Could not derive api key!", "docs"),
    "disabled": Refusal(
        503, "Trading is currently disabled. Check polymarket.com for updates", "docs"
    ),
    "cancel_only": Refusal(
        503,
        "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.",
        "docs",
    ),
    "restarting": Refusal(425, "service not ready", "threads"),
    "post_only_mode": Refusal(
        503, "post-only mode: only post-only orders and cancels are allowed", "docs"
    ),
    "geoblock": Refusal(
        403,
        "Trading restricted in your region, please refer to available regions - "
        "https://docs.polymarket.com/developers/CLOB/geoblock",
        "threads",
    ),
    "banned": Refusal(400, "'{address}' address banned", "docs"),
    "closed_only": Refusal(400, "'{address}' address in closed only mode", "docs"),
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
    # Since 2026-06 some threads have "invalid order version, please use the latest clob-client".
    "version": Refusal(400, "order_version_mismatch", "threads"),
    "signature": Refusal(400, "invalid signature", "threads"),
    "poly_1271": Refusal(
        400, "invalid POLY_1271 signature: signature does not match order hash", "threads"
    ),
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
    "limit_buy_decimals": Refusal(
        400,
        "invalid amounts, the buy orders maker amount supports a max accuracy of {collateral} "
        "decimals, taker amount a max of {shares} decimals",
        "threads, py-clob-client#253",
    ),
    "limit_sell_decimals": Refusal(
        400,
        "invalid amounts, the sell orders maker amount supports a max accuracy of {shares} "
        "decimals, taker amount a max of {collateral} decimals",
        "threads",
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
        "{held}: {amount}",
        "docs, detail from threads",
    ),
    "allowance": Refusal(
        400,
        "not enough balance / allowance: the allowance is not enough -> spender: {spender}, "
        "allowance: {allowance}, sum of matched orders: {matched}, "
        "order amount (inc. fees): {amount}",
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
    # Keys, builders, notifications, rewards
    "delete_key": Refusal(400, "Could not delete api key", "docs"),
    "builder_code": Refusal(400, "Invalid builder code", "mock"),
    "notification_ids": Refusal(400, "Invalid notification ids", "mock"),
    "date": Refusal(400, "Invalid date, expected YYYY-MM-DD", "mock"),
    "maker_address": Refusal(400, "Invalid maker_address", "mock"),
    "page_size": Refusal(400, "Invalid page_size, expected 1 to {maximum}", "mock"),
    "reward_params": Refusal(400, "Invalid rewards params payload", "mock"),
    # Price history
    "history_market": Refusal(
        400, "invalid filters: the 'market' (asset id) is mandatory", "threads"
    ),
    "history_start": Refusal(400, "startTs is required", "docs"),
    "history_end": Refusal(400, "invalid filters: 'endTs' is before 'startTs'", "mock"),
    "history_interval": Refusal(
        400,
        "invalid filters: the 'interval' value is unknown. "
        "Known values: '1m', '1w', '1d', '6h', '1h'",
        "threads",
    ),
    "history_fidelity": Refusal(400, "invalid fidelity", "docs"),
    "history_minimum": Refusal(
        400,
        "invalid filters: minimum 'fidelity' for '{interval}' range is {minimum}",
        "threads",
    ),
    "history_span": Refusal(
        400, "invalid filters: 'startTs' and 'endTs' interval is too long", "threads"
    ),
    # The relayer. The client parses the venue's words of a wrong nonce and of a busy wallet.
    "relayer_key": Refusal(401, "invalid authorization", "mock"),
    "relayer_payload": Refusal(400, "invalid request: {field}", "mock"),
    "relayer_owner": Refusal(400, "the wallet is not the signer's", "mock"),
    "relayer_signature": Refusal(400, "invalid signature", "mock"),
    "relayer_deadline": Refusal(400, "the batch's deadline has passed", "mock"),
    "relayer_batch_nonce": Refusal(
        400, "batch nonce {given} does not match on-chain nonce {nonce}", "client"
    ),
    "relayer_nonce": Refusal(400, "nonce {given} is not the wallet's, {nonce}", "mock"),
    "relayer_busy": Refusal(400, "wallet has in-flight action", "client"),
    "relayer_undeployed": Refusal(400, "wallet {wallet} is not deployed", "mock"),
    "relayer_deployed": Refusal(400, "wallet {wallet} is deployed already", "mock"),
    "relayer_transaction": Refusal(404, "transaction not found", "mock"),
    "relayer_chain": Refusal(400, "this venue runs without a chain (--no-chain)", "mock"),
    # Legacy RFQ. Of its refusals only the HTTP statuses 400 and 404 have been seen.
    "rfq_payload": Refusal(400, "Invalid RFQ payload", "mock"),
    "rfq_params": Refusal(400, "Invalid RFQ params", "mock"),
    "rfq_request_not_found": Refusal(404, "RFQ request not found", "mock"),
    "rfq_quote_not_found": Refusal(404, "RFQ quote not found", "mock"),
    "rfq_not_yours": Refusal(400, "the RFQ {thing} is of another user", "mock"),
    "rfq_own_request": Refusal(400, "a user cannot quote an own RFQ request", "mock"),
    "rfq_state": Refusal(400, "the RFQ {thing} is {state}", "mock"),
    "rfq_no_match": Refusal(400, "the RFQ quote does not match the request", "mock"),
    "rfq_order": Refusal(400, "the order does not match the RFQ quote", "mock"),
}

# Per id, in `not_canceled` of a cancel reply. [threads]
NOT_CANCELED = "order can't be found - already canceled or matched"
# [mock] Since 2026-06-05 a delayed order is not canceled; the reason's wording is not established.
NOT_CANCELED_DELAYED = "order can't be canceled - it is delayed"

# Rows of the venue's own lists that the mock never answers with, and why.
NOT_ANSWERED: dict[str, str] = {
    "order canceled in the CTF exchange contract": "no contract here cancels orders",
    "order match delayed due to market conditions": "when the venue says so is not established",
    "order timed out": "a fault: 500 of the matching engine, never of a rule",
    "there are no matching orders": "a fault: 500 of the matching engine, never of a rule",
    "FOK orders are filled or killed": "a fault: 500 of the matching engine, never of a rule",
    "could not insert order": "the fault error_after_accept",
    "the trade contains rounding issues": "the engine rounds each fill to the base unit",
    "the price of the taker's order has a discrepancy greater than allowed with the worst maker "
    "order": "fills are at the maker's price, within the taker's",
    "order {id} crosses the book": "the older text of post_only",
    "invalid order version, please use the latest clob-client": "the newer text of version",
    "Internal server error": "the fault server_error",
}


class Rejected(Exception):
    """The venue says no: `key` names the row of ERRORS that is answered."""

    def __init__(
        self,
        key: str,
        order_id: str = "",
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> None:
        """`extra` goes into the body beside `error`."""
        refusal = ERRORS[key]
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        self.key = key
        self.status = refusal.status
        self.text = refusal.text.format(id=order_id, **fields)
        self.order_id = order_id
        super().__init__(self.text)
