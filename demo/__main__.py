"""Runs the parts one after another; the exit code says whether everything held."""

from __future__ import annotations

import sys
import time

from demo import balances, bot, limits, stream
from demo.stage import raised


def main() -> int:
    start = time.monotonic()
    print("The production patterns of the guides, live against a mocked venue on this computer.")
    with raised() as stage:
        for part in (limits, stream, balances, bot):
            try:
                part.run(stage)
            except Exception as error:
                stage.check(f"{part.__name__} ran to its end", False, repr(error))
    failed = [name for name, holds, _ in stage.results if not holds]
    print(
        f"\n== {len(stage.results) - len(failed)} of {len(stage.results)} claims held, "
        f"{time.monotonic() - start:.0f} s"
    )
    for name in failed:
        print(f"   did not hold: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
