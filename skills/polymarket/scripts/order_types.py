"""What each order type does when it asks for more than is there. SPENDS about 160 pUSD."""

import time
from collections.abc import Callable
from decimal import Decimal

from polymarket import RequestRejectedError, SecureClient
from polymarket.models.clob.order_response import OrderResponse
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
PRICE, SHARES = Decimal("0.52"), Decimal(150)  # the book has 100 there, and 200 at 0.53
Place = Callable[[SecureClient], OrderResponse]


def fok(client: SecureClient) -> OrderResponse:
    return client.place_market_order(
        token_id=YES, side="BUY", amount=PRICE * SHARES, max_price=PRICE, order_type="FOK"
    )


def post_only(client: SecureClient) -> OrderResponse:
    return client.place_limit_order(
        token_id=YES, side="BUY", price=PRICE, size=SHARES, post_only=True
    )


def gtd(client: SecureClient) -> OrderResponse:
    """Rests for an hour at 0.51, where it crosses nothing. The venue ends it a minute early."""
    ends = int(time.time()) + 60 + 3600
    return client.place_limit_order(
        token_id=YES, side="BUY", price=Decimal("0.51"), size=SHARES, expiration=ends
    )


def fak(client: SecureClient) -> OrderResponse:
    return client.place_market_order(
        token_id=YES, side="BUY", amount=PRICE * SHARES, max_price=PRICE, order_type="FAK"
    )


def gtc(client: SecureClient) -> OrderResponse:
    """Takes what is there; the rest stays in the book."""
    price, size = PRICE + Decimal("0.01"), SHARES + 100
    return client.place_limit_order(token_id=YES, side="BUY", price=price, size=size)


def outcome(place: Place, client: SecureClient) -> str:
    try:
        placed = place(client)
    except RequestRejectedError as error:
        return f"refused: {error}"
    if not placed.ok:
        return f"refused, {placed.code}: {placed.message}"
    left = sum(
        order.original_size - order.size_matched for order in client.list_open_orders().iter_items()
    )
    return f"{placed.status}, got {placed.taking_amount}, resting {left}"


if __name__ == "__main__":
    with secure_client() as client:
        for place in (fok, post_only, gtd, fak, gtc):
            print(f"{place.__name__}: {outcome(place, client)}")
            client.cancel_all()
