"""A token's past prices, and candles made of them. Needs no key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from polymarket import PublicClient

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
MOST = timedelta(days=15)  # that the Data API takes in one request
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Point = tuple[datetime, Decimal]


@dataclass(frozen=True)
class Candle:
    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


def history(
    client: PublicClient, asset_id: str, start: datetime, end: datetime, every: timedelta
) -> list[Point]:
    """(time, price) from `start` until before `end`, oldest first, in UTC.

    Empty for a time before the token's first trade. Raises PolymarketError.
    """
    points: list[Point] = []
    while start < end:
        until = min(start + MOST, end)
        pages = client.list_price_history(
            asset_id=asset_id, start=start, end=until, bucket_seconds=int(every.total_seconds())
        )
        points += [(point.timestamp, point.price) for point in pages.iter_items()]
        start = until
    return points


def candles(points: Iterable[Point], length: timedelta) -> list[Candle]:
    """Points are oldest first. A time without a price has no candle: nothing is made up."""
    made: list[Candle] = []
    for at, price in points:
        start = at - (at - EPOCH) % length
        if not made or made[-1].start != start:
            made.append(Candle(start, price, price, price, price))
            continue
        last = made[-1]
        high, low = max(last.high, price), min(last.low, price)
        made[-1] = Candle(start, last.open, high, low, price)
    return made


if __name__ == "__main__":
    now = datetime.now(UTC)
    with PublicClient() as client:
        month = history(client, YES, now - timedelta(days=30), now, timedelta(hours=1))
    print("points of a month:", len(month))
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    prices = zip(range(0, 60, 10), ("0.50", "0.52", "0.49", "0.51", "0.55", "0.54"), strict=True)
    known = [(noon + timedelta(minutes=at), Decimal(price)) for at, price in prices]
    for candle in candles(known, timedelta(minutes=30)):
        print(f"{candle.start:%H:%M}", candle.open, candle.high, candle.low, candle.close)
