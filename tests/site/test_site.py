"""The site: built strictly from the guides, and sufficient to itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FETCHED = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)=["']?([^"'\s>]+)""")
# These name other hosts without fetching from them.
NOT_FETCHED = re.compile(r"""<link[^>]*rel=["']?(?:canonical|prev|next|edit)["']?[^>]*>""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return folder


def test_every_guide_has_a_page(site: Path) -> None:
    for guide in (ROOT / "skills").rglob("*.md"):
        page = guide.relative_to(ROOT / "skills").with_suffix("")
        name = page.parent if page.name == "README" else page
        assert (site / name / "index.html").is_file(), guide


def test_pages_fetch_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 5
    for page in pages:
        html = NOT_FETCHED.sub("", page.read_text())
        assert [url for url in FETCHED.findall(html) if url.startswith(("http", "//"))] == []


def test_a_block_is_on_its_page_with_its_title(site: Path) -> None:
    page = (site / "polymarket/library/production-patterns/index.html").read_text()
    assert '<span class="filename">snippets/library/rate_limiter.py</span>' in page
