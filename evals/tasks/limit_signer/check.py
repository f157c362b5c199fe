"""The venue enforces the signer's bucket: 60 at once, then 40 a second."""

from collections.abc import Iterator

from evals.stage import Stage

GUIDE = "library/rate-limiting-signer.md"
OPTIONS = {"exchange": 2, "signer_limits": "enforce", "chain": False}
SECONDS = 30.0


def grade(stage: Stage) -> Iterator[str]:
    if len(stage.open_orders()) != 90:
        yield f"{len(stage.open_orders())} orders rest"
    if (asked := stage.requests("POST", "/order")) != 90:
        yield f"{asked} requests to /order"
    entries = list(stage.venue.journal)
    if refused := sum(entry.status == 429 for entry in entries):
        yield f"{refused} requests were refused with 429"
    if delayed := sum(entry.delay_ms > 0 for entry in entries):
        yield f"{delayed} requests were delayed"
