"""A guide, read once: its fences, links, headings and tables, each with its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.skill.fences import Fence, faults, fences


@dataclass(frozen=True)
class Link:
    line: int
    target: str


@dataclass(frozen=True)
class Heading:
    line: int
    level: int
    text: str


@dataclass(frozen=True)
class Table:
    """Rows of Markdown cells, the header first. `heading` is the nearest one above."""

    line: int
    heading: str
    rows: list[list[str]]


@dataclass(frozen=True)
class Guide:
    """A Markdown file. Line n stands in lines[n - 1]."""

    path: Path
    lines: list[str]
    fences: list[Fence]
    links: list[Link]
    headings: list[Heading]
    tables: list[Table]
    faults: list[str]

    @property
    def blocks(self) -> list[Fence]:
        return [fence for fence in self.fences if fence.title]

    def output(self, block: Fence) -> Fence | None:
        """The output fence that follows a block, if any."""
        return next((fence for fence in self.fences if fence.output_of == block), None)


def read(path: Path) -> Guide:
    text = path.read_bytes().decode()
    lines = text.split("\n")
    tokens = MarkdownIt("commonmark").enable("table").parse(_without_frontmatter(text))
    found = fences(path, lines, tokens)
    wrong = list(faults(path, lines, tokens, found))
    wrong += [f"{path}:{n}: ends in CR LF" for n, line in enumerate(lines, 1) if "\r" in line]
    headings = list(_headings(tokens))
    return Guide(path, lines, found, _links(tokens), headings, _tables(tokens, headings), wrong)


def markdown_files(folder: Path) -> list[Path]:
    """Every Markdown file below a folder. Raises ValueError when there is none."""
    found = sorted(folder.rglob("*.md"))
    if not found:
        raise ValueError(f"no guide in {folder}")
    return found


def tables(guide: Guide, heading: str) -> list[list[list[str]]]:
    """The tables below a heading, up to the next one: rows of cells, header first.

    Raises ValueError for none.
    """
    found = [table.rows for table in guide.tables if table.heading == heading]
    if not found:
        raise ValueError(f"{guide.path}: no table below a heading {heading!r}")
    return found


def _links(tokens: Sequence[Token]) -> list[Link]:
    links = []
    for token in tokens:
        line = token.map[0] + 1 if token.map else 0
        for child in token.children or []:
            line += child.type in ("softbreak", "hardbreak")
            target = child.attrs.get("href") or child.attrs.get("src")
            if target:
                links.append(Link(line, str(target)))
    return links


def _headings(tokens: Sequence[Token]) -> Iterator[Heading]:
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.map:
            text = "".join(child.content for child in inline.children or [])
            yield Heading(opening.map[0] + 1, int(opening.tag[1:]), text)


def _tables(tokens: Sequence[Token], headings: Sequence[Heading]) -> list[Table]:
    tables: list[Table] = []
    for opening, token in pairwise(tokens):
        if opening.type == "table_open" and opening.map:
            line = opening.map[0] + 1
            above = [heading.text for heading in headings if heading.line < line]
            tables.append(Table(line, above[-1] if above else "", []))
        if opening.type == "tr_open":
            tables[-1].rows.append([])
        if opening.type in ("th_open", "td_open"):
            tables[-1].rows[-1].append(token.content)
    return tables


def _without_frontmatter(text: str) -> str:
    """Blank out YAML frontmatter, so that line numbers stay."""
    end = text.find("\n---\n", 3)
    if not text.startswith("---\n") or end < 0:
        return text
    return "\n" * text[: end + 5].count("\n") + text[end + 5 :]
