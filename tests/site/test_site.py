"""The site: built strictly from the guides, whole, and sufficient to itself."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from tests.site.make_site import DOCS, make_site
from tests.skill import checks
from tests.skill.conftest import ROOT
from tests.skill.guide import Guide, markdown_files, read

# What a browser fetches by itself; a plain link to another site is none of it.
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc=[\"']?([^\"'\s>]+)"
    r"|<link\b(?![^>]*\brel=[\"']?(?:canonical|prev|next|edit))[^>]*?\bhref=[\"']?([^\"'\s>]+)"
    r"|\burl\([\"']?([^\"')]+)"
    r"|@import\s+[\"']([^\"']+)"
)
FILENAME = re.compile(r'<span class="filename">([^<]*)</span>')


def page_of(guide: Guide, site: Path) -> Path:
    page = guide.path.relative_to(DOCS).with_suffix("")
    return site / (page.parent if page.name in ("README", "index") else page) / "index.html"


def fetched_elsewhere(text: str) -> list[str]:
    urls = [url for groups in FETCHED.findall(text) for url in groups if url]
    return [url for url in urls if re.match(r"[a-z+]+:|//", url) and not url.startswith("data:")]


@pytest.mark.parametrize(
    "guide", [read(path) for path in markdown_files(DOCS)], ids=lambda g: g.path.name
)
def test_page_shows_every_block_of_its_guide_under_its_title(guide: Guide, site: Path) -> None:
    """The site's Markdown is not the parser's: a fence that only one of them sees is lost."""
    checks.expect_none(guide.faults)
    assert guide.blocks == [] or guide.path.is_relative_to(ROOT / checks.SKILL), "it is not run"
    page, _, _files = page_of(guide, site).read_text().partition('<h2 id="files">')
    titled = [block.title or "output" for block in guide.fences if block.title or block.is_output]
    assert FILENAME.findall(page) == titled
    assert page.count("<pre") == len(guide.fences)
    assert "```" not in unescape(page)


def test_pages_fetch_nothing_from_elsewhere(site: Path) -> None:
    files = [*site.rglob("*.html"), *site.rglob("*.css")]
    assert len(files) > 1
    assert {url for file in files for url in fetched_elsewhere(file.read_text())} == set()


@pytest.mark.parametrize(
    ("link", "warning"),
    [
        ("[x](SKILL.md#nowhere)", "does not contain an anchor '#nowhere'"),
        ("[x](gone.md)", "'gone.md'"),
        ("", 'not included in the "nav"'),
    ],
)
def test_guide_with_a_fault_of_links_is_not_built(tmp_path: Path, link: str, warning: str) -> None:
    stray = tmp_path / "skills/polymarket/stray.md"
    stray.parent.mkdir(parents=True)
    stray.write_text(f"# Stray\n\n{link}\n")
    built = make_site(tmp_path)
    assert built.returncode != 0
    assert warning in built.stderr


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://unpkg.com/mermaid.js"></script>',
        '<link rel="stylesheet" href="//fonts.googleapis.com/css">',
        "<link href=https://fonts.gstatic.com rel=preconnect>",
        "body { background: url(https://example.com/a.png) }",
        "@import 'https://example.com/a.css';",
    ],
)
def test_what_a_browser_would_fetch_is_noticed(text: str) -> None:
    assert len(fetched_elsewhere(text)) == 1
