"""The bid of the old bot rests on exchange 2."""

from collections.abc import Iterator

from evals.stage import SCRIPTS, Stage

GUIDE = "migration/from-py-clob-client.md"
FILES = {"old_bot.py": (SCRIPTS / "old_bot.py").read_text()}


def grade(stage: Stage) -> Iterator[str]:
    terms = [(o.side, o.price, o.size) for o in stage.open_orders()]
    if terms != [("BUY", 400_000, 10_000_000)]:
        yield f"these rest: {terms}"
    if len(stage.all_orders()) != 1:
        yield f"{len(stage.all_orders())} orders were accepted"
