"""Where the money is: what each kind of wallet that belongs to this key holds at the venue."""

from decimal import Decimal

from py_clob_client.clob_types import AssetType, BalanceAllowanceParams
from trading_client import trading_client

KINDS = {0: "EOA", 1: "proxy wallet", 2: "Safe"}

if __name__ == "__main__":
    client = trading_client()
    for kind, name in KINDS.items():
        asked = BalanceAllowanceParams(AssetType.COLLATERAL, signature_type=kind)
        units = client.get_balance_allowance(asked)["balance"]
        print(kind, name, Decimal(units).scaleb(-6))
