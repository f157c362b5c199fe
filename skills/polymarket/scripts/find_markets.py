"""Find open markets by volume, tag, words or address, and print the ids that trading needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from polymarket import PublicClient
from polymarket.models.gamma.market import Market


@dataclass(frozen=True)
class Outcome:
    """One side of a market. `asset_id` is what books, orders and streams take."""

    market: str
    condition_id: str
    label: str
    asset_id: str
    tick: Decimal
    minimum: Decimal  # shares of an order that rests
    neg_risk: bool


def outcomes(markets: Iterable[Market]) -> Iterator[Outcome]:
    """Both outcomes of each market that takes orders now; others have no book."""
    for market in markets:
        trading, state = market.trading, market.state
        if not (state.accepting_orders and state.enable_order_book and market.condition_id):
            continue
        for side in (market.outcomes.yes, market.outcomes.no):
            asset_id = side.position_id or side.token_id  # Protocol V2, or before
            if asset_id and trading.minimum_tick_size and trading.minimum_order_size:
                yield Outcome(
                    market.question or "",
                    market.condition_id,
                    side.label,
                    asset_id,
                    trading.minimum_tick_size,
                    trading.minimum_order_size,
                    bool(state.neg_risk),
                )


if __name__ == "__main__":
    with PublicClient() as client:
        busiest = client.list_events(order="volume24hr", ascending=False, page_size=100)
        for event in islice(busiest.iter_items(), 3):
            print(event.slug, len(event.markets or ()), "markets")
        for found in client.search(q="win", events_status="active").first_page().items:
            print("found:", [event.title for event in found.events or ()])
        market = client.get_market(url="https://polymarket.com/event/documented-market")
        for outcome in outcomes([market]):
            print(outcome.label, outcome.asset_id[:8], outcome.tick, outcome.minimum)
