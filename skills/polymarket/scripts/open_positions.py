"""A wallet's open positions from the Data API, with polymarket-client. Needs no key."""

import os
import sys

from polymarket import PublicClient

if __name__ == "__main__":
    wallet = os.environ.get("POLYMARKET_FUNDER") or sys.exit("POLYMARKET_FUNDER is not set")
    with PublicClient() as client:
        for position in client.list_positions(user=wallet, status="OPEN").iter_items():
            print(position.title, position.outcome)
            print("  size", position.current_size, "bought at", position.avg_price)
            print("  value", position.current_value, "profit", position.total_pnl)
        print("together", client.get_portfolio_value(user=wallet).value)
