"""The nouns of the venue: markets, orders, trades and the events the engine gives out.

Amounts are integers in base units of 1e-6 (collateral and outcome shares both have 6 decimals).
Prices are integers in units of 1e-6 of a dollar (0.01 is 10_000). Times are Unix milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

UNIT = 1_000_000


class Side(StrEnum):
    BUY = "BUY"
    SELL = "SELL"


class OrderType(StrEnum):
    GTC = "GTC"
    GTD = "GTD"
    FOK = "FOK"
    FAK = "FAK"


class TradeStatus(StrEnum):
    """A trade's way through settlement; CONFIRMED and FAILED are final."""

    MATCHED = "MATCHED"
    MINED = "MINED"
    CONFIRMED = "CONFIRMED"
    RETRYING = "RETRYING"
    FAILED = "FAILED"


@dataclass
class Market:
    """One binary condition: two outcome tokens that are worth one dollar together."""

    condition_id: str
    question: str
    slug: str
    token_ids: tuple[str, str]  # (YES, NO)
    outcomes: tuple[str, str] = ("Yes", "No")
    tick: int = 10_000
    min_size: int = 5 * UNIT
    neg_risk: bool = False
    accepting_orders: bool = True
    closed: bool = False
    # The fee that an order of exchange 1 signs for. The venue says 1000 in every market with a
    # fee, whatever is charged: `fee_rate` (1e-6 of the curve in fees.py; 0.07 is 70_000).
    fee_rate_bps: int = 0
    fee_rate: int = 0
    fee_exponent: int = 1
    taker_delay_ms: int = 0  # how long an order that would match waits first
    winning_token_id: str = ""  # once it is resolved
    resolved_ms: int = 0  # when that was, Unix ms
    start_date: str = "2026-01-01T00:00:00Z"
    end_date: str = "2027-12-31T12:00:00Z"
    category: str = "Demo"
    description: str = ""  # "": the question again
    tags: tuple[str, ...] = ()  # slugs of Gamma's tags, besides its category
    event_slug: str = ""  # of the event it is one market of; "": it stands alone in one
    event_title: str = ""  # "": the question again
    group_title: str = ""  # what tells it from the event's other markets

    def other(self, token_id: str) -> str:
        """The token of the other outcome."""
        yes, no = self.token_ids
        return no if token_id == yes else yes

    def outcome(self, token_id: str) -> str:
        return self.outcomes[self.token_ids.index(token_id)]


@dataclass
class Order:
    """An accepted order and what is left of it."""

    id: str  # the EIP-712 order hash
    owner: str  # API key
    signer: str  # address that signed
    maker: str  # address that holds the funds
    market: Market
    token_id: str
    side: Side
    type: OrderType
    price: int  # limit price of this token
    size: int  # shares; for a FOK/FAK BUY the shares its limit price buys
    maker_amount: int
    taker_amount: int
    created_ms: int
    expires_ms: int = 0  # 0: never
    post_only: bool = False
    sequence: int = 0  # time priority
    matched: int = 0  # shares filled
    spent: int = 0  # collateral paid (BUY) or received (SELL)
    # LIVE | MATCHED | CANCELED | CANCELED_MARKET_RESOLVED | DELAYED | UNMATCHED (its delay is
    # over, nothing matched, it rests)
    status: str = "LIVE"
    canceled_ms: int = 0
    spender: str = ""  # the exchange contract it is signed for
    builder: str = ""  # code of the builder that brought it, 0x and 32 bytes
    trade_ids: list[str] = field(default_factory=list)

    @property
    def remaining(self) -> int:
        return self.size - self.matched


@dataclass(frozen=True)
class MakerFill:
    """One resting order's part in a trade."""

    order: Order
    shares: int
    price: int  # price of the maker's own token
    maker_collateral: int  # paid (BUY) or received (SELL) by the maker
    taker_collateral: int  # paid or received by the taker


@dataclass
class Trade:
    """One taker order against one or more resting orders."""

    id: str
    taker: Order
    shares: int
    price: int  # the taker's price, at the maker's level
    fills: tuple[MakerFill, ...]
    matched_ms: int
    updated_ms: int
    status: TradeStatus = TradeStatus.MATCHED
    transaction_hash: str = ""
    bucket_index: int = 0
    collateral: int = 0  # paid or received by the taker, before the fee
    fee: int = 0  # the taker's, in collateral, or in shares if so
    fee_in_shares: bool = False
    settled: bool = False  # the ledger has moved it, or let it go


@dataclass(frozen=True)
class LevelChange:
    """A price level has a new total; size 0 means that it is gone."""

    token_id: str
    side: Side
    price: int
    size: int


@dataclass(frozen=True)
class LevelsChanged:
    """Everything one action did to one market's levels (both outcome tokens appear)."""

    market: Market
    changes: tuple[LevelChange, ...]
    at_ms: int


@dataclass(frozen=True)
class Traded:
    """A match: the market channel gets `last_trade_price` and fresh `book` snapshots."""

    trade: Trade
    at_ms: int


@dataclass(frozen=True)
class OrderChanged:
    """For the user channel. kind: PLACEMENT, UPDATE or CANCELLATION."""

    order: Order
    kind: str
    at_ms: int
    reason: str = ""


@dataclass(frozen=True)
class TradeChanged:
    """For the user channel: a trade reached a new settlement status."""

    trade: Trade
    status: TradeStatus
    at_ms: int


@dataclass(frozen=True)
class TickChanged:
    market: Market
    old: int
    new: int
    at_ms: int


@dataclass(frozen=True)
class MarketAdded:
    """The venue lists a market: `new_market` of the market channel."""

    market: Market
    at_ms: int


@dataclass(frozen=True)
class MarketResolved:
    """A market has its outcome and is closed; its open orders are gone by now."""

    market: Market
    winning_token_id: str
    winning_outcome: str
    at_ms: int


Event = (
    LevelsChanged
    | Traded
    | OrderChanged
    | TradeChanged
    | TickChanged
    | MarketAdded
    | MarketResolved
)
