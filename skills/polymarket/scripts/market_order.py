"""Trade at once, never worse than a price, and wait until it has settled. SPENDS about 5 pUSD."""

from decimal import Decimal

from polymarket import SecureClient
from polymarket.models.clob.order_response import AcceptedOrder
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def buy(client: SecureClient, token_id: str, dollars: str, worst: str) -> AcceptedOrder:
    """Spend up to `dollars` at `worst` or better; what does not fill at once is not bought.

    RuntimeError: refused, nothing was bought. Fees come on top; `max_spend=` would hold them too.
    """
    placed = client.place_market_order(
        token_id=token_id, side="BUY", amount=Decimal(dollars), max_price=Decimal(worst)
    )
    return _accepted(placed)


def sell(client: SecureClient, token_id: str, shares: str, worst: str) -> AcceptedOrder:
    """Sell all of `shares` at `worst` or better, or none of them. RuntimeError: refused."""
    placed = client.place_market_order(
        token_id=token_id,
        side="SELL",
        shares=Decimal(shares),
        min_price=Decimal(worst),
        order_type="FOK",
    )
    return _accepted(placed)


def _accepted(placed: object) -> AcceptedOrder:
    if not isinstance(placed, AcceptedOrder):
        raise RuntimeError(f"refused: {placed}")
    return placed


if __name__ == "__main__":
    with secure_client() as client:
        bought = buy(client, YES, dollars="5.20", worst="0.52")
        print(bought.status, "paid", bought.making_amount, "got", bought.taking_amount)
        print("transactions:", len(client.wait_for_order_fill_settlement(bought)))
        sold = sell(client, YES, shares="10", worst="0.48")
        print(sold.status, "gave", sold.making_amount, "got", sold.taking_amount)
