"""The script subscribes with a condition id, and under the wrong name."""

from collections.abc import Iterator
from decimal import Decimal

from evals.stage import Stage

GUIDE = "real-time/market-channel.md"
FILES = {
    "broken.py": """import asyncio, json
from pathlib import Path

import websockets

CONDITION = "0x5f65177b394277fd294cd75650044e32ba009a95022d88a0c1d565897d72f8f1"


async def main():
    async with websockets.connect("wss://ws-subscriptions-clob.polymarket.com/ws/market") as socket:
        await socket.send(json.dumps({"type": "market", "asset_ids": [CONDITION]}))
        event = json.loads(await socket.recv())
        Path("answer.json").write_text(json.dumps({"bid": event["bids"][0]["price"]}))


asyncio.run(main())
"""
}


def grade(stage: Stage) -> Iterator[str]:
    if Decimal(str(stage.answer().get("bid", 0))) != Decimal("0.48"):
        yield f"answer.json: {stage.answer()}"
