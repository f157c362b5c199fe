"""What `make site` does with a copy of the guides."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.skill.conftest import ROOT

DOCS = ROOT / "skills"
SITE_URL = "https://skills.example.org/polymarket-skills/"


def copy_to(root: Path) -> None:
    """What a site is made of."""
    shutil.copytree(DOCS, root / "skills", dirs_exist_ok=True)
    shutil.copytree(ROOT / "scripts", root / "scripts", dirs_exist_ok=True)
    for name in ("mkdocs.yml", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, root)


def make_site(root: Path) -> subprocess.CompletedProcess[str]:
    """What `make site` says of a copy of the guides at `root`."""
    copy_to(root)
    (root / ".venv").mkdir()
    (root / ".venv/ready").write_text("the last file: nothing has to be installed")
    tools = Path(sys.executable).parent
    return subprocess.run(
        [
            "make",
            "-f",
            ROOT / "Makefile",
            "site",
            f"RUN={tools}/",
            f"UV={sys.executable}",
            f"SITE_URL={SITE_URL}",
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
