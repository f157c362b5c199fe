"""Reads the guides: every fence of a Markdown file, and what is wrong with it.

Three kinds of fence exist: Python with the path of a snippet as its title, `text` or `json` with
the title "output" right after one, and `bash`, `http`, `json`, `toml`. Anything else that a reader
would take for code is a fault, named as path:line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

PYTHON = re.compile(r'python title="(snippets/[a-z-]+/[a-z0-9_]+\.py)"')
OUTPUT = re.compile(r'(text|json) title="output"')
PLAIN = ("bash", "http", "json", "toml")
FENCE_LINE = re.compile(r"^[ \t>]*(`{3,}|~{3,})")


@dataclass(frozen=True)
class Fence:
    """A fence as a Markdown parser finds it. Lines count from 1; `line` is the opening one."""

    path: Path
    line: int
    last_line: int
    indent: str
    markup: str
    info: str
    text: str
    output_of: Fence | None = None  # the Python fence that this is the output of

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"

    @property
    def title(self) -> str:
        """The snippet that a Python fence shows; "" for every other fence."""
        match = PYTHON.fullmatch(self.info)
        return match[1] if match else ""


@dataclass(frozen=True)
class Guide:
    """A Markdown file: its fences in order, and its faults."""

    path: Path
    lines: list[str]
    fences: list[Fence]
    faults: list[str]

    @property
    def blocks(self) -> list[Fence]:
        return [fence for fence in self.fences if fence.title]


def guides(folder: Path) -> list[Path]:
    """Every Markdown file of the skill. Raises ValueError when there is none."""
    found = sorted(folder.rglob("*.md"))
    if not found:
        raise ValueError(f"no guide in {folder}")
    return found


def read(path: Path) -> Guide:
    text = path.read_text()
    lines = text.splitlines()
    tokens = MarkdownIt("commonmark").enable("table").parse(_without_frontmatter(text))
    fences: list[Fence] = []
    faults: list[str] = []
    before: Token | None = None
    for token in tokens:
        if token.type == "code_block" and token.map:
            faults.append(f"{path}:{token.map[0] + 1}: indented code; use a fence")
        if token.type == "html_block" and "<pre" in token.content and token.map:
            faults.append(f"{path}:{token.map[0] + 1}: code in HTML; use a fence")
        if token.type == "fence" and token.map:
            follows = fences[-1] if before and before.type == "fence" else None
            fence = _fence(path, lines, token, follows)
            fences.append(fence)
            faults += _faults(fence)
        before = token
    known = {line for fence in fences for line in (fence.line, fence.last_line)}
    for number, line in enumerate(lines, 1):
        if FENCE_LINE.match(line) and number not in known:
            faults.append(f"{path}:{number}: a fence that the parser does not see: {line.strip()}")
    return Guide(path, lines, fences, faults)


def rewritten(guide: Guide, root: Path) -> str:
    """The guide with every block copied anew from its snippet, last block first."""
    lines = list(guide.lines)
    for block in reversed(guide.blocks):
        source = (root / block.title).read_text().splitlines()
        lines[block.line : block.last_line - 1] = [
            block.indent + line if line else "" for line in source
        ]
    return "\n".join(lines) + "\n"


def with_output(guide: Guide, output: Fence, text: str) -> str:
    """The guide with another text in one output fence."""
    lines = list(guide.lines)
    lines[output.line : output.last_line - 1] = [
        output.indent + line if line else "" for line in text.splitlines()
    ]
    return "\n".join(lines) + "\n"


def _fence(path: Path, lines: list[str], token: Token, before: Fence | None) -> Fence:
    assert token.map is not None
    first, end = token.map
    opening = lines[first]
    follows = before if before and before.title and OUTPUT.fullmatch(token.info.strip()) else None
    return Fence(
        path=path,
        line=first + 1,
        last_line=end,
        indent=opening[: len(opening) - len(opening.lstrip())],
        markup=token.markup,
        info=token.info.strip(),
        text=token.content,
        output_of=follows,
    )


def _faults(fence: Fence) -> list[str]:
    where, info = fence.where, fence.info
    if fence.markup != "```":
        return [f"{where}: a fence is three backticks, not {fence.markup!r}"]
    for offset, line in enumerate(fence.text.splitlines(), 1):
        if FENCE_LINE.match(line):
            return [f"{fence.path}:{fence.line + offset}: a fence inside a fence is lost: {line}"]
    if info.startswith("py"):
        return [] if fence.title else [f"{where}: a Python block without its title: {info!r}"]
    if OUTPUT.fullmatch(info):
        return [] if fence.output_of else [f"{where}: output that follows no Python block"]
    return [] if info in PLAIN else [f"{where}: no kind of fence that we know: {info!r}"]


def _without_frontmatter(text: str) -> str:
    """Blank out YAML frontmatter, so that line numbers stay."""
    if not text.startswith("---\n"):
        return text
    end = text.index("\n---\n", 3) + 5
    return "\n" * text[:end].count("\n") + text[end:]
