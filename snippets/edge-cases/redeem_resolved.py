"""Ask whether a market is settled, and turn what has won into pUSD."""

from __future__ import annotations

from decimal import Decimal

from polymarket import PublicClient, SecureClient
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def payouts(
    client: PublicClient | SecureClient, condition_id: str
) -> tuple[Decimal, Decimal] | None:
    """Dollars for a share of the first outcome and of the second; None until it is final."""
    for resolution in client.get_resolutions(condition_ids=condition_id):
        if resolution.status == "resolved":
            return resolution.payouts
    return None


def redeem_all(client: SecureClient) -> dict[str, Decimal]:
    """What each market paid, by condition id. Safe to call again: what is redeemed is gone.

    Raises PolymarketError where a transaction fails; markets before it stay redeemed.
    """
    worth: dict[str, Decimal] = {}
    for position in client.list_positions(user=client.wallet, status="REDEEMABLE").iter_items():
        before = worth.get(position.condition_id, Decimal(0))
        worth[position.condition_id] = before + position.current_value
    paid = {condition_id: dollars for condition_id, dollars in worth.items() if dollars}
    for condition_id in paid:
        client.redeem_positions(condition_id=condition_id).wait()
    return paid


if __name__ == "__main__":
    with secure_client() as client:
        for closed in client.list_markets(closed=True).first_page().items:
            print(closed.slug, payouts(client, str(closed.condition_id)))
        print("an open one:", payouts(client, client.get_order_book(token_id=YES).market))
        print("redeemed:", redeem_all(client))
