"""Check an account before its first order: API key, standing, money, approvals. It only reads."""

from polymarket import SecureClient
from secure_client import secure_client


def problems(client: SecureClient) -> list[str]:
    """What would make an order fail; empty when all is well. Raises PolymarketError."""
    found = []
    if client.credentials.key not in client.fetch_api_keys():
        found.append("the API key is not among the signer's keys")
    if client.get_closed_only_mode():
        found.append("the account may only close positions")
    money = client.get_balance_allowance(asset_type="COLLATERAL")
    if not money.balance:
        found.append(f"{client.wallet} ({client.wallet_type}) holds no pUSD")
    for spender, allowance in money.allowances.items():
        if allowance < money.balance:
            found.append(f"{spender} may not spend the whole balance")
    return found


if __name__ == "__main__":
    with secure_client() as client:
        for problem in problems(client) or ["all is well"]:
            print(problem)
