# Subscribed rightly; but the first bid of the list is the worst.
import asyncio
import json
from pathlib import Path

import websockets

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


async def main() -> None:
    async with websockets.connect("wss://ws-subscriptions-clob.polymarket.com/ws/market") as socket:
        await socket.send(json.dumps({"type": "market", "assets_ids": [YES]}))
        event = json.loads(await socket.recv())
        event = event[0] if isinstance(event, list) else event
        Path("answer.json").write_text(json.dumps({"bid": event["bids"][0]["price"]}))


asyncio.run(main())
