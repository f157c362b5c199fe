"""Turn dollars into pairs of shares and back. SPENDS 5 pUSD, and gets 2 of it back."""

from __future__ import annotations

from decimal import Decimal

from polymarket import SecureClient
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def held(client: SecureClient, condition_id: str) -> dict[str, Decimal]:
    """Shares by outcome, as the Data API shows them: it may lag behind the chain."""
    positions = client.list_positions(condition_id=[condition_id]).iter_items()
    return {str(each.outcome): each.current_size for each in positions}


if __name__ == "__main__":
    with secure_client() as client:
        condition_id = client.get_order_book(token_id=YES).market
        before = held(client, condition_id)
        client.split_position(condition_id=condition_id, amount=5_000_000).wait()
        client.merge_positions(condition_id=condition_id, amount=2_000_000).wait()
        for outcome, shares in held(client, condition_id).items():
            print(outcome, f"{shares - before.get(outcome, Decimal(0)):+}")
