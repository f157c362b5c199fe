"""Why an order was refused with "not enough balance / allowance": the venue's own figures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from py_clob_client.client import ClobClient
from py_clob_client.clob_types import AssetType, BalanceAllowanceParams
from trading_client import trading_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


@dataclass(frozen=True)
class Funds:
    """Base units of 1e-6: of collateral for a BUY, of the token's shares for a SELL."""

    balance: int
    reserved: int  # held back by open orders
    allowance: int  # what the market's exchange contract may take

    def missing(self, needed: int) -> list[str]:
        """Every reason why an order that gives `needed` would be refused; none: empty."""
        reasons = []
        if self.balance < needed:
            reasons.append(f"balance {self.balance} is below {needed}")
        elif self.balance - self.reserved < needed:
            reasons.append(f"open orders hold {self.reserved} of the balance {self.balance}")
        if self.allowance < needed:
            reasons.append(f"allowance {self.allowance} is below {needed}")
        return reasons


def funds(client: ClobClient, side: str, token_id: str) -> Funds:
    """What the venue counts for an order of this side, after it has read the chain again."""
    if side == "BUY":
        params = BalanceAllowanceParams(AssetType.COLLATERAL)
    else:
        params = BalanceAllowanceParams(AssetType.CONDITIONAL, token_id)
    client.update_balance_allowance(params)
    figures = client.get_balance_allowance(params)
    exchange = client.get_exchange_address(client.get_neg_risk(token_id))
    allowances = {spender.lower(): int(n) for spender, n in figures["allowances"].items()}
    held = Decimal(0)
    for order in client.get_orders():
        if order["side"] == side and (side == "BUY" or order["asset_id"] == token_id):
            left = Decimal(order["original_size"]) - Decimal(order["size_matched"])
            held += left * (Decimal(order["price"]) if side == "BUY" else 1)
    return Funds(int(figures["balance"]), int(held * 10**6), allowances.get(exchange.lower(), 0))


if __name__ == "__main__":
    client = trading_client()
    for side, needed in (("BUY", 20_000_000_000), ("SELL", 100_000_000)):
        reasons = funds(client, side, YES).missing(needed)
        print(f"{side} that gives {needed}: {'; '.join(reasons) or 'nothing is missing'}")
