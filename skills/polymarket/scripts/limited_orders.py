"""Place and cancel with polymarket-client under every limit; its replies teach the limiters.

Spends money where the key has some: the order below rests far from the market and is cancelled.
"""

from __future__ import annotations

from account_settings import funder, private_key
from order_limiters import signer, wait_to_cancel, wait_to_order
from polymarket import OrderResponse, RateLimitError, SecureClient, SignedOrder

TOKEN_ID = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
ATTEMPTS = 3


def limited_client() -> SecureClient:
    return SecureClient.create(
        private_key=private_key(),
        wallet=funder(),
        on_rate_limit_update=signer.on_rate_limit_update,
    )


def post_order(client: SecureClient, signed: SignedOrder) -> OrderResponse:
    """Raises RateLimitError when the venue refuses it three times; it has placed nothing then."""
    attempt = 1
    while True:
        wait_to_order()
        try:
            return client.post_order(signed)
        except RateLimitError as error:
            signer.orders.pause(error.retry_after or 1.0)
            if attempt == ATTEMPTS:
                raise
            attempt += 1


def cancel_all(client: SecureClient) -> tuple[str, ...]:
    """Cancel every order: 1 token, and 1 more for each order, which the reply's headers count."""
    wait_to_cancel()
    return client.cancel_all().canceled


if __name__ == "__main__":
    with limited_client() as client:
        signed = client.create_limit_order(
            token_id=TOKEN_ID, price="0.05", size="20", side="BUY", post_only=True
        )
        print("posted:", post_order(client, signed).ok)
        print("canceled:", len(cancel_all(client)))
        print("tier:", signer.tier)
