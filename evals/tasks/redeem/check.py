"""The wallet's pUSD on the chain grew by what the shares pay."""

from collections.abc import Iterator

from evals.stage import YES, Stage

GUIDE = "edge-cases/resolution.md"
BEFORE: dict[str, int] = {}


def pusd(stage: Stage) -> int:
    chain = stage.venue.venue.chain
    assert chain
    return chain.balance(stage.venue.venue.contracts.pusd, stage.venue.account(0).address)


def prepare(stage: Stage) -> None:
    stage.venue.resolve(YES, "Yes")
    BEFORE["base units"] = pusd(stage)


def grade(stage: Stage) -> Iterator[str]:
    gained = pusd(stage) - BEFORE["base units"]
    if gained != 100_000_000:
        yield f"{gained} base units came in, not 100,000,000"
