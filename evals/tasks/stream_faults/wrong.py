# One connection, and the book as it was first sent.
import asyncio
import json
from pathlib import Path

import websockets

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


async def main() -> None:
    url = "wss://ws-subscriptions-clob.polymarket.com/ws/market"
    async with websockets.connect(url) as socket:
        await socket.send(json.dumps({"type": "market", "assets_ids": [YES]}))
        async for text in socket:
            for event in json.loads(text) if text.startswith("[") else [json.loads(text)]:
                for change in event.get("price_changes", []):
                    if change["asset_id"] == YES and float(change["best_bid"]) >= 0.51:
                        answer = {"bid": change["best_bid"], "ask": change["best_ask"]}
                        Path("answer.json").write_text(json.dumps(answer))
                        return


asyncio.run(main())
