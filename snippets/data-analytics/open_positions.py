"""A wallet's open positions from the Data API, with polymarket-client. Needs no key."""

import os

from polymarket import PublicClient

if __name__ == "__main__":
    with PublicClient() as client:
        wallet = os.environ["POLYMARKET_FUNDER"]
        for position in client.list_positions(user=wallet, status="OPEN").iter_items():
            print(position.title, position.outcome)
            print("  size", position.current_size, "bought at", position.avg_price)
            print("  value", position.current_value, "profit", position.total_pnl)
        print("together", client.get_portfolio_value(user=wallet).value)
