"""What must hold of a skill and its snippets. Checks give faults as path:line sentences."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

from tests.skill.fences import Fence, Guide, guides, read

SKILL = Path("skills/polymarket")
SNIPPETS = Path("snippets")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CONTENTS_LINES = 300  # a longer guide needs a list of its contents
SHELL_INSTALL = re.compile(r"^\s*(?:uv )?pip install (.+)$", re.MULTILINE)


def everything(root: Path) -> list[Guide]:
    return [read(path) for path in guides(root / SKILL)]


def shape(root: Path) -> Iterator[str]:
    """Only known kinds of fence, and none lost. No block at all is a fault too."""
    found = everything(root)
    for guide in found:
        yield from guide.faults
    if not any(guide.blocks for guide in found):
        yield f"{root / SKILL}: no Python block in any guide"


def copies(root: Path) -> Iterator[str]:
    """Every block is a byte copy of its snippet."""
    for guide in everything(root):
        for block in guide.blocks:
            source = root / block.title
            if not source.is_file():
                yield f"{block.where}: there is no {block.title}"
            elif source.read_text() != block.text:
                yield f"{block.where}: not the text of {block.title}; run make sync"


def all_shown(root: Path) -> Iterator[str]:
    """Every snippet is shown somewhere, and plain names are unique over all folders."""
    shown = {block.title for guide in everything(root) for block in guide.blocks}
    files = sorted((root / SNIPPETS).glob("*/*.py"))
    for path in files:
        if str(path.relative_to(root)) not in shown:
            yield f"{path}: shown in no guide"
    for name, count in Counter(path.name for path in files).items():
        if count > 1:
            yield f"{root / SNIPPETS}: {count} files are called {name}"


def plain_fences(root: Path, routes: Callable[[str, str], bool]) -> Iterator[str]:
    """bash, json, toml and http fences are what they say; `routes` knows the venue's routes."""
    for guide in everything(root):
        for fence in guide.fences:
            fault = _plain_fault(fence, routes)
            if fault:
                yield f"{fence.where}: {fault}"


def links(root: Path) -> Iterator[str]:
    """Relative links lead to a file of the skill and to a heading there; others are https."""
    found = {guide.path.resolve(): guide for guide in everything(root)}
    for guide in found.values():
        for number, line in _prose(guide):
            for target in LINK.findall(line):
                fault = _link_fault(guide, target, found)
                if fault:
                    yield f"{guide.path}:{number}: {fault}"


def routing(root: Path) -> Iterator[str]:
    """SKILL.md links every guide itself."""
    entry = root / SKILL / "SKILL.md"
    targets = {
        (entry.parent / target.split("#")[0]).resolve()
        for _, line in _prose(read(entry))
        for target in LINK.findall(line)
    }
    for path in guides(root / SKILL):
        if path != entry and path.resolve() not in targets:
            yield f"{path}: SKILL.md does not link it"


def form(root: Path) -> Iterator[str]:
    """Sizes, contents lists and nothing but Markdown in the skill's folder."""
    folder = root / SKILL
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".md":
            yield f"{path}: only Markdown belongs into the skill"
    body = (folder / "SKILL.md").read_text().split("\n---\n", 1)[-1]
    if body.count("\n") > 500 or len(body) > 20_000:
        yield f"{folder / 'SKILL.md'}: over 500 lines or 5,000 tokens (of 4 characters)"
    for guide in everything(root):
        prose = [line for _, line in _prose(guide)]
        if len(guide.lines) > CONTENTS_LINES and not any("](#" in line for line in prose[:40]):
            yield f"{guide.path}:1: over {CONTENTS_LINES} lines and no list of contents"


def tables(guide: Guide, heading: str) -> list[list[list[str]]]:
    """The tables below a heading, up to the next: rows of cells, header first.

    Raises ValueError when there is no such heading or no table below it.
    """
    start = next((n for n, line in _prose(guide) if line.strip("# ") == heading), None)
    if start is None:
        raise ValueError(f"{guide.path}: no heading {heading!r}")
    found: list[list[list[str]]] = [[]]
    for number, line in _prose(guide):
        if number <= start:
            continue
        if line.startswith("#"):
            break
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in line.strip("| ").split("|")])
        elif found[-1]:
            found.append([])
    if not found[0]:
        raise ValueError(f"{guide.path}: no table below {heading!r}")
    return [[rows[0], *rows[2:]] for rows in found if rows]


def slug(heading: str) -> str:
    """A heading's anchor, as Python-Markdown's toc (mkdocs) and GitHub both make it."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def _plain_fault(fence: Fence, routes: Callable[[str, str], bool]) -> str:
    try:
        if fence.info.startswith("json"):
            json.loads(fence.text)
        elif fence.info == "toml":
            tomllib.loads(fence.text)
    except ValueError as error:
        return f"not {fence.info.split()[0]}: {error}"
    if fence.info == "http":
        words = fence.text.split()
        if len(words) < 2 or not routes(words[0], words[1]):
            return f"the mocked venue has no route {' '.join(words[:2])}"
    if fence.info == "bash":
        checked = subprocess.run(
            ["bash", "-n"], input=fence.text, text=True, capture_output=True, check=False
        )
        if checked.returncode:
            return f"not bash: {checked.stderr.strip()}"
        for names in SHELL_INSTALL.findall(fence.text):
            unknown = [name for name in _packages(names) if name not in _locked()]
            if unknown:
                return f"packages that uv.lock does not have: {', '.join(unknown)}"
    return ""


def _packages(arguments: str) -> list[str]:
    words = [word.strip("'\"") for word in arguments.split() if not word.startswith("-")]
    return [re.split(r"[<>=!~\[;]", word)[0].lower().replace("_", "-") for word in words]


def _locked() -> set[str]:
    lock = tomllib.loads((Path(__file__).parents[2] / "uv.lock").read_text())
    return {package["name"] for package in lock["package"]}


def _link_fault(guide: Guide, target: str, found: dict[Path, Guide]) -> str:
    if "://" in target or target.startswith("mailto:"):
        return "" if target.startswith("https://") else f"not an https link: {target}"
    file, _, anchor = target.partition("#")
    path = (guide.path.parent / file).resolve() if file else guide.path.resolve()
    if path not in found:
        return f"no guide behind {target}"
    if anchor and anchor not in _anchors(found[path]):
        return f"no heading behind {target}"
    return ""


def _anchors(guide: Guide) -> set[str]:
    text = "\n".join(line for _, line in _prose(guide))
    tokens = MarkdownIt("commonmark").parse(text)
    headings = [
        following.content for token, following in pairwise(tokens) if token.type == "heading_open"
    ]
    counted: Counter[str] = Counter()
    anchors = set()
    for heading in headings:
        name = slug(heading)
        anchors.add(f"{name}_{counted[name]}" if counted[name] else name)
        counted[name] += 1
    return anchors


def _prose(guide: Guide) -> Iterator[tuple[int, str]]:
    """Numbered lines outside of fences."""
    inside = {n for f in guide.fences for n in range(f.line, f.last_line + 1)}
    for number, line in enumerate(guide.lines, 1):
        if number not in inside:
            yield number, line
