"""After the site is built: what the theme leaves out of each page.

A description of its own, a link to its Markdown, and names for what a screen reader comes across.
"""

from __future__ import annotations

import html
import os
import re
from pathlib import Path

DESCRIPTION = re.compile(r'<meta name="description" content="[^"]*">')
END = "</article>"
SEARCH = '<div class="md-search" data-md-component="search" role="dialog"'
LONGEST = 160  # characters that search engines show
TAGLINE = "Guides for building on Polymarket in Python in which every block runs."
LINK = re.compile(r"\[([^]]+)\]\([^)]+\)")


def title_and_summary(path: Path) -> tuple[str, str]:
    """A guide's heading, and its first paragraph on one line."""
    text = path.read_text()
    if text.startswith("---\n"):
        text = text.split("---\n", 2)[2]
    heading, _, rest = text.strip().partition("\n")
    paragraph = rest.strip().split("\n\n")[0]
    is_prose = paragraph[:1].isalpha()
    return heading.removeprefix("# "), " ".join(paragraph.split()) if is_prose else ""


def description(path: Path) -> str:
    """Heading and summary as plain text, cut at a word."""
    title, summary = title_and_summary(path)
    text = LINK.sub(r"\1", f"{title}: {summary or TAGLINE}")
    text = text.replace("`", "").replace("**", "")
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - 1].rsplit(" ", 1)[0].rstrip(".,:;") + "…"


def page_of(source: Path, docs: Path, site: Path) -> Path:
    """Where a guide's page is in the built site, with a folder for each."""
    place = site / source.relative_to(docs).with_suffix("")
    return (place.parent if place.name in ("index", "README") else place) / "index.html"


def mended(page: str, text: str, raw: str) -> str:
    """A built page with its own description, a link to `raw` at its end, and no nameless parts.

    Raises ValueError for a page that has no description or no end to put them at.
    """
    if not DESCRIPTION.search(page) or END not in page:
        raise ValueError("the page has no description, or no article")
    head = f'<meta name="description" content="{html.escape(text)}">'
    page = DESCRIPTION.sub(lambda _: head, page, count=1)
    page = page.replace("<th></th>", "<td></td>")  # an empty cell heads nothing
    body, _, rest = named(page).partition(END)
    return f'{body}<p><a href="{raw}">This page as Markdown</a></p>\n{END}{rest}'


def named(page: str) -> str:
    """A page whose search dialog has a name."""
    return page.replace(SEARCH, f'{SEARCH} aria-label="Search"')


def mend_pages(docs: Path, site: Path) -> None:
    """Raises ValueError, with the page's path, for a page that it cannot change."""
    for source in sorted(docs.rglob("*.md")):
        page = page_of(source, docs, site)
        raw = os.path.relpath(site / source.relative_to(docs), page.parent)
        try:
            page.write_text(mended(page.read_text(), description(source), raw))
        except ValueError as error:
            raise ValueError(f"{page}: {error}") from None
    lost = site / "404.html"
    lost.write_text(named(lost.read_text()))
