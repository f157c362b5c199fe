"""Where the links of the guides lead: to guides, to headings, to SKILL.md and to other sites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown.extensions.toc import slugify

from tests.skill.checks import SKILL, everything
from tests.skill.guide import Guide


def links(root: Path) -> Iterator[str]:
    """Relative links lead to a guide, a heading there, a script or a picture; others are https."""
    guides = {guide.path.resolve(): guide for guide in everything(root)}
    for guide in guides.values():
        for link in guide.links:
            if fault := _fault(guide, link.target, guides):
                yield f"{guide.path}:{link.line}: {fault}: {link.target}"


def routing(root: Path) -> Iterator[str]:
    """SKILL.md itself links every guide: no guide is reached through another one only."""
    guides = {guide.path.resolve(): guide for guide in everything(root)}
    entry = (root / SKILL / "SKILL.md").resolve()
    linked = {_file(guides[entry], link.target) for link in guides[entry].links}
    for path, guide in guides.items():
        if path != entry and path not in linked:
            yield f"{guide.path}: SKILL.md does not link it"


def anchors(guide: Guide) -> set[str]:
    """The headings that one link reaches both on GitHub and on the site.

    The two name a repeated heading differently, and one with a dash or an `&` between spaces.
    """
    names: set[str] = set()
    for heading in guide.headings:
        on_github = re.sub(r"[^\w\- ]", "", heading.text.strip().lower()).replace(" ", "-")
        if on_github == slugify(heading.text, "-"):
            names.add(on_github)
    return names


def _fault(guide: Guide, target: str, guides: dict[Path, Guide]) -> str:
    url = urlsplit(target)
    if url.scheme or url.netloc:
        good = url.scheme == "https" and "." in (url.hostname or "") and "@" not in url.netloc
        return "" if good else "not an https link to another site"
    file = _file(guide, target)
    if file.suffix in (".svg", ".py") and file.is_file() and not url.fragment:
        return ""
    if file not in guides:
        return "no guide behind this link"
    if url.fragment and url.fragment not in anchors(guides[file]):
        return "no heading that GitHub and the site both name so"
    return ""


def _file(guide: Guide, target: str) -> Path:
    path = unquote(target.partition("#")[0])
    return (guide.path.parent / path).resolve() if path else guide.path.resolve()
