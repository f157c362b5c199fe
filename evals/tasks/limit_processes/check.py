"""The arrival times of both processes' requests, in one row."""

from collections.abc import Iterator

from evals.stage import Stage

GUIDE = "library/rate-limiting-shared.md"
OPTIONS = {"exchange": 2, "chain": False}
SECONDS, REDIS = 40.0, True


def grade(stage: Stage) -> Iterator[str]:
    arrived = sorted(entry.arrived_ms for entry in stage.venue.journal.requests("GET", "/book"))
    if len(arrived) != 24:
        yield f"{len(arrived)} reads"
    if any(last - first < 1_000 for first, last in zip(arrived, arrived[6:], strict=False)):
        yield "more than 6 reads within a second"
