"""Check an authenticated client from the outside in: host, clock, key, account, money."""

import time

from py_clob_client.client import ClobClient
from py_clob_client.clob_types import AssetType, BalanceAllowanceParams
from trading_client import trading_client

MAX_SKEW_SECONDS = 10


def problems(client: ClobClient) -> list[str]:
    """What would make an order fail; empty when all is well. Raises PolyApiException."""
    found = []
    client.get_ok()  # raises when the venue does not answer
    skew = time.time() - client.get_server_time()
    if abs(skew) > MAX_SKEW_SECONDS:
        found.append(f"this clock is {skew:+.0f} s off: signed timestamps will be refused")
    if client.creds.api_key not in client.get_api_keys()["apiKeys"]:
        found.append("the API key is not among the signer's keys")
    if client.get_closed_only_mode()["closed_only"]:
        found.append("the account may only close positions")
    money = client.get_balance_allowance(BalanceAllowanceParams(AssetType.COLLATERAL))
    if not int(money["balance"]):
        found.append("the funder holds no collateral: wrong signature type, or not funded")
    for spender, allowance in money["allowances"].items():
        if int(allowance) < int(money["balance"]):
            found.append(f"{spender} may not spend the whole balance")
    return found


if __name__ == "__main__":
    for problem in problems(trading_client()) or ["all is well"]:
        print(problem)
