"""What history, accounting and export work on: shares that changed hands at one price."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Fill:
    """One wallet's part of a trade. Fees are not in it."""

    token_id: str
    side: str  # BUY or SELL
    size: Decimal  # shares
    price: Decimal  # dollars a share
    outcome: str = ""
    role: str = ""  # TAKER or MAKER
    status: str = ""  # CONFIRMED: final
    market: str = ""  # condition id
    trade_id: str = ""
    transaction_hash: str = ""
    time: datetime = EPOCH


if __name__ == "__main__":
    fill = Fill("1", "BUY", Decimal(20), Decimal("0.52"), "Yes")
    print(fill.side, fill.size, fill.outcome, "for", fill.size * fill.price, "dollars")
