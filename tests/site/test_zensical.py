"""Zensical, which follows mkdocs-material (supported until 2027-05-05), builds the same site."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.site.make_site import SITE_URL, copy_to
from tests.site.test_site import FILENAME


def run(*command: str | Path, root: Path) -> None:
    done = subprocess.run(
        command,
        cwd=root,
        env={**os.environ, "SITE_URL": SITE_URL},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def pages(site: Path) -> dict[str, str]:
    return {str(page.relative_to(site)): page.read_text() for page in site.rglob("*.html")}


def test_zensical_builds_the_same_pages_from_the_same_files(site: Path, tmp_path: Path) -> None:
    copy_to(tmp_path)
    run(Path(sys.executable).with_name("zensical"), "build", "--strict", root=tmp_path)
    run(sys.executable, "-m", "scripts.publish", "site", SITE_URL, root=tmp_path)
    ours, theirs = pages(site), pages(tmp_path / "site")
    assert theirs.keys() == ours.keys()
    for path, page in theirs.items():
        assert FILENAME.findall(page) == FILENAME.findall(ours[path]), path
        assert page.count("<details") == ours[path].count("<details"), path
        assert page.count("This page as Markdown") == ours[path].count("This page as Markdown")
