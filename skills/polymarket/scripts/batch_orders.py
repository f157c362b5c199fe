"""Post up to 15 orders in one request and read each one's outcome."""

from collections.abc import Sequence
from decimal import Decimal

from polymarket import SecureClient
from polymarket.models.clob.order_response import OrderResponse
from polymarket.models.clob.orders import SignedOrder
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
MAX_ORDERS = 15


def ladder(
    client: SecureClient, token_id: str, prices: Sequence[str], size: str
) -> list[SignedOrder]:
    """Signed post-only bids; nothing is sent. UserInputError: a price is off the tick."""
    return [
        client.create_limit_order(
            token_id=token_id, side="BUY", price=Decimal(price), size=Decimal(size), post_only=True
        )
        for price in prices
    ]


def post(client: SecureClient, orders: Sequence[SignedOrder]) -> list[OrderResponse]:
    """One outcome for each order, in their order. A leg may be refused while others rest."""
    outcomes: list[OrderResponse] = []
    for start in range(0, len(orders), MAX_ORDERS):
        outcomes += client.post_orders(orders[start : start + MAX_ORDERS])
    return outcomes


if __name__ == "__main__":
    with secure_client() as client:
        prices = ["0.45", "0.44", "0.52", "0.43"]
        for price, leg in zip(prices, post(client, ladder(client, YES, prices, "10")), strict=True):
            print(price, leg.status if leg.ok else f"refused: {leg.code}")
        print("canceled:", len(client.cancel_all().canceled))
