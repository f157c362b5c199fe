"""As the chain has it, not as the venue or an older token has it."""

from collections.abc import Iterator

from evals.stage import Stage

GUIDE = "library/balance-tracking.md"


def prepare(stage: Stage) -> None:
    stage.venue.fund(0, "1234.567891")


def grade(stage: Stage) -> Iterator[str]:
    chain = stage.venue.venue.chain
    assert chain
    pusd, wallet = stage.venue.venue.contracts.pusd, stage.venue.account(0).address
    if stage.answer() != {"base_units": chain.balance(pusd, wallet)}:
        yield f"answer.json: {stage.answer()}"
    asked = stage.venue.journal.requests("POST", "/balance-allowance")
    if asked or stage.requests("GET", "/balance-allowance"):
        yield "the venue was asked, not the chain"
