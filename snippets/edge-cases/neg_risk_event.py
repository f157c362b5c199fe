"""What one share of every outcome of a neg-risk event costs and brings. Needs no key."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from polymarket import PublicClient


@dataclass(frozen=True)
class Leg:
    """The Yes of one outcome; None where nobody bids or asks."""

    name: str
    token_id: str
    bid: Decimal | None
    ask: Decimal | None


def legs(client: PublicClient, slug: str) -> list[Leg]:
    """The outcomes that can be traded. Raises ValueError when the event is not neg-risk."""
    event = client.get_event(slug=slug)
    if not event.trading.neg_risk:
        raise ValueError(f"{slug} is no neg-risk event: its outcomes do not exclude each other")
    found = []
    for market in event.markets or ():
        token_id = market.outcomes.yes.token_id
        if not (token_id and market.state.accepting_orders):
            continue  # decided already, or a placeholder that nobody has named
        book = client.get_order_book(token_id=token_id)
        bid = book.bids[-1].price if book.bids else None
        ask = book.asks[-1].price if book.asks else None
        found.append(Leg(market.group_item_title or market.question or "", token_id, bid, ask))
    return found


if __name__ == "__main__":
    with PublicClient() as client:
        outcomes = legs(client, "winner")
    for leg in outcomes:
        print(f"{leg.name}: {leg.bid} / {leg.ask}")
    print("a share of each costs", sum(leg.ask or 1 for leg in outcomes))
    print("a share of each brings", sum(leg.bid or 0 for leg in outcomes))
