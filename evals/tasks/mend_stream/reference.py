import asyncio
import json
from pathlib import Path

from market_stream import MarketStream

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


async def main() -> None:
    async with MarketStream([YES]) as stream:
        await stream.wait_until(lambda: stream.books[YES].ready)
        Path("answer.json").write_text(json.dumps({"bid": str(stream.books[YES].best_bid)}))


asyncio.run(main())
