"""The ids of the market in the engine."""

from collections.abc import Iterator

from evals.stage import Stage

GUIDE = "market-discovery/finding-markets.md"


def grade(stage: Stage) -> Iterator[str]:
    markets = stage.venue.venue.engine.markets.values()
    market = next(market for market in markets if market.slug == "winner-b")
    yes, no = market.token_ids
    if stage.answer() != {"condition_id": market.condition_id, "yes": yes, "no": no}:
        yield f"answer.json: {stage.answer()}"
