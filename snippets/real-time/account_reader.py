"""Read open orders and recent trades with py-clob-client: what a user stream cannot replay."""

from __future__ import annotations

from collections.abc import Callable

from account_state import AccountSnapshot
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import TradeParams
from trading_client import trading_client


def account_reader(client: ClobClient) -> Callable[[int], AccountSnapshot]:
    """A function that reads the account's orders, and its trades after a time in Unix seconds.

    It blocks for as long as the venue takes and raises PolyApiException when it fails.
    """

    def read(since: int) -> AccountSnapshot:
        open_orders = client.get_orders()
        return AccountSnapshot(open_orders, client.get_trades(TradeParams(after=since)))

    return read


if __name__ == "__main__":
    client = trading_client()
    account = account_reader(client)(client.get_server_time())
    print(f"{len(account.open_orders)} open orders, {len(account.trades)} trades since now")
