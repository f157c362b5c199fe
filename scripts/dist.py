"""Adds to a wheel and an sdist what else a release carries: the skill's archives, checksums.

python -m scripts.dist DIRECTORY
"""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.publish import write_archives

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(str(__doc__))
    write_archives(Path(sys.argv[1]))
