import asyncio
from decimal import Decimal

from market_stream import MarketStream
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
FINE = Decimal("0.001")


async def main() -> None:
    changed = asyncio.Event()

    def hear(event: dict[str, object]) -> None:
        if event["event_type"] == "tick_size_change" and event["new_tick_size"] == str(FINE):
            changed.set()

    def bid(price: Decimal) -> None:
        with secure_client() as client:
            client.place_limit_order(token_id=YES, side="BUY", price=price, size=10)

    async with MarketStream([YES], hear) as stream:
        book = stream.books[YES]
        await changed.wait()
        await stream.wait_until(lambda: book.ready and book.best_bid)
        await asyncio.to_thread(bid, book.best_bid + FINE)


asyncio.run(main())
