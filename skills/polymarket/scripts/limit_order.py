"""Rest one post-only order in the book, look at it, take it out. It cannot fill at placement."""

from decimal import Decimal

from polymarket import RequestRejectedError, SecureClient
from polymarket.models.clob.order_response import AcceptedOrder
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def rest_order(client: SecureClient, token_id: str, side: str, price: str, size: str) -> str:
    """The id of an order that rests. RuntimeError: refused, nothing was placed.

    `size` in shares. Other errors leave the outcome open: see error handling.
    """
    try:
        placed = client.place_limit_order(
            token_id=token_id,
            side="BUY" if side == "BUY" else "SELL",
            price=Decimal(price),
            size=Decimal(size),
            post_only=True,
        )
    except RequestRejectedError as error:
        if error.status == 400:
            raise RuntimeError(f"refused: {error}") from error
        raise
    if not isinstance(placed, AcceptedOrder):
        raise RuntimeError(f"refused, {placed.code}: {placed.message}")
    return placed.order_id


if __name__ == "__main__":
    with secure_client() as client:
        book = client.get_order_book(token_id=YES)
        print("best bid", book.bids[-1].price, "best ask", book.asks[-1].price)
        order_id = rest_order(client, YES, "BUY", "0.40", "10")
        order = client.get_order(order_id=order_id)
        print(order.status, order.side, order.original_size, "at", order.price)
        try:
            rest_order(client, YES, "BUY", "0.52", "10")
        except RuntimeError as error:
            print(error)
        print("canceled:", client.cancel_order(order_id=order_id).canceled == (order_id,))
