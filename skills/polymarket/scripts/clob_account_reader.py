"""py-clob-client for a user stream: its credentials, and the REST reads no stream replays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from account_state import AccountSnapshot
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import TradeParams
from trading_client import trading_client
from user_stream import UserStream


def stream_auth(client: ClobClient) -> dict[str, str]:
    creds = client.creds
    return {
        "apiKey": creds.api_key,
        "secret": creds.api_secret,
        "passphrase": creds.api_passphrase,
    }


def account_reader(client: ClobClient) -> Callable[[int], AccountSnapshot]:
    """A function that reads the account's orders, and its trades after a time in Unix seconds.

    It blocks for as long as the venue takes and raises PolyApiException when it fails.
    """

    def read(since: int) -> AccountSnapshot:
        open_orders = client.get_orders()
        return AccountSnapshot(open_orders, client.get_trades(TradeParams(after=since)))

    return read


async def main() -> None:
    client = trading_client()
    async with UserStream(stream_auth(client), account_reader(client)) as stream:
        await stream.wait_until(lambda: stream.reconciled)
        orders, trades = stream.state.open_orders(), stream.state.trades
        print(f"{len(orders)} open orders, {len(trades)} trades")


if __name__ == "__main__":
    asyncio.run(main())
