import asyncio
import json
from decimal import Decimal
from pathlib import Path

from market_stream import MarketStream
from reconnect_backoff import Backoff

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


async def main() -> None:
    async with MarketStream([YES], backoff=Backoff(cap_seconds=5)) as stream:
        book = stream.books[YES]
        await stream.wait_until(lambda: book.ready and (book.best_bid or 0) >= Decimal("0.51"))
        answer = {"bid": str(book.best_bid), "ask": str(book.best_ask)}
    Path("answer.json").write_text(json.dumps(answer))


asyncio.run(main())
