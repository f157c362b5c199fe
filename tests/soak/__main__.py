"""`python -m tests.soak --seed 5 --hours 24`: hours of venue time under faults, deaths included."""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="the run to do again")
    parser.add_argument("--hours", type=float, default=10.0, help="of venue time (%(default)s)")
    arguments = parser.parse_args()
    seed = random.randrange(10**6) if arguments.seed is None else arguments.seed
    print(f"seed {seed}; again: python -m tests.soak --seed {seed} --hours {arguments.hours:g}")
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "--timeout=0"]
    long_run = Path(__file__).parent / "long_run.py"
    environment = os.environ | {"SOAK_SEED": str(seed), "SOAK_HOURS": str(arguments.hours)}
    return subprocess.run([*command, str(long_run)], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
