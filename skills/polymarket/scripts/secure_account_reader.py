"""polymarket-client for a user stream: its credentials, and the REST reads no stream replays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from account_state import AccountSnapshot
from polymarket import SecureClient
from secure_client import secure_client
from user_stream import UserStream


def stream_auth(client: SecureClient) -> dict[str, str]:
    creds = client.credentials
    return {"apiKey": creds.key, "secret": creds.secret, "passphrase": creds.passphrase}


def account_reader(client: SecureClient) -> Callable[[int], AccountSnapshot]:
    """A function that reads the account's orders, and its trades after a time in Unix seconds.

    It blocks for as long as the venue takes and raises PolymarketError when it fails.
    """

    def read(since: int) -> AccountSnapshot:
        orders = [order.model_dump(mode="json") for order in client.list_open_orders().iter_items()]
        trades = [
            trade.model_dump(mode="json") | {"match_time": int(trade.matched_at.timestamp())}
            for trade in client.list_account_trades(after=str(since)).iter_items()
        ]
        return AccountSnapshot(orders, trades)

    return read


async def main() -> None:
    with secure_client() as client:
        async with UserStream(stream_auth(client), account_reader(client)) as stream:
            await stream.wait_until(lambda: stream.reconciled)
            orders, trades = stream.state.open_orders(), stream.state.trades
            print(f"{len(orders)} open orders, {len(trades)} trades")


if __name__ == "__main__":
    asyncio.run(main())
