"""The notes of a release, from CHANGELOG.md. Refuses a tag that is not this version's.

python -m scripts.release_notes v0.1.0
"""

from __future__ import annotations

import re
import sys

from scripts.publish import ROOT, version


def release_notes(changelog: str, tag: str, project: str) -> str:
    """What the changelog says of the project's version. ValueError: it cannot be released."""
    if tag != f"v{project}":
        raise ValueError(f"the tag is {tag}, but pyproject.toml says {project}")
    section = re.search(
        rf"^## \[{re.escape(project)}\] - (\S+)\n(.*?)(?=^## |\Z)",
        changelog,
        re.MULTILINE | re.DOTALL,
    )
    if section is None:
        raise ValueError(f"CHANGELOG.md has no section [{project}]")
    date, notes = section[1], section[2].strip()
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
        raise ValueError(f"CHANGELOG.md gives {project} no date: {date}")
    if not notes:
        raise ValueError(f"CHANGELOG.md says nothing of {project}")
    return notes + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(str(__doc__))
    try:
        print(release_notes((ROOT / "CHANGELOG.md").read_text(), sys.argv[1], version()), end="")
    except ValueError as error:
        sys.exit(f"release_notes: {error}")
