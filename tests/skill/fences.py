"""The fences of a guide, and everything in it that looks like code and would not be checked.

Three kinds of fence exist: Python with the path of a snippet as its title, `text` or `json` with
the title "output" directly below one, and `bash`, `http`, `json`, `toml` without a title. Faults
are sentences that begin with path:line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from markdown_it.token import Token

PYTHON = re.compile(r'python title="(snippets/[a-z-]+/[a-z0-9_]+\.py)"')
OUTPUT = re.compile(r'(text|json) title="output"')
PLAIN = ("bash", "http", "json", "toml")
# A line that opens or closes a fence wherever it stands: in a list, a quotation, a comment.
FENCE_LINE = re.compile(r"[\s>*+-]*(?:\d+[.)]\s+)?(`{3,}|~{3,})")


@dataclass(frozen=True)
class Fence:
    """A fence as a Markdown parser finds it. Lines count from 1."""

    path: Path
    line: int  # the opening one
    last_line: int  # the closing one
    indent: str
    info: str
    text: str
    output_of: Fence | None = None  # the Python fence directly above, for an output fence

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"

    @property
    def title(self) -> str:
        """The snippet that a Python fence shows; "" for every other fence."""
        match = PYTHON.fullmatch(self.info)
        return match[1] if match else ""

    @property
    def is_output(self) -> bool:
        return OUTPUT.fullmatch(self.info) is not None


def fences(path: Path, lines: Sequence[str], tokens: Sequence[Token]) -> list[Fence]:
    """Every fence, in order."""
    found: list[Fence] = []
    before: Token | None = None
    for token in tokens:
        if token.type == "fence" and token.map:
            above = found[-1] if before and before.type == "fence" else None
            opening = lines[token.map[0]]
            fence = Fence(
                path=path,
                line=token.map[0] + 1,
                last_line=token.map[1],
                indent=opening[: len(opening) - len(opening.lstrip(" "))],
                info=token.info.strip(),
                text=token.content,
            )
            if fence.is_output and above and above.title:
                fence = replace(fence, output_of=above)
            found.append(fence)
        before = token
    return found


def faults(
    path: Path, lines: Sequence[str], tokens: Sequence[Token], found: Sequence[Fence]
) -> Iterator[str]:
    """What is not one of the kinds, what hides code, and what the parser lost."""
    for fence in found:
        yield from _fence_faults(fence, lines)
    for token in tokens:
        if not token.map:
            continue
        where = f"{path}:{token.map[0] + 1}"
        if token.type == "code_block":
            yield f"{where}: indented code; use a fence"
        if token.type == "html_block":
            yield f"{where}: HTML; a guide is Markdown that is read as it stands"
        if token.type == "inline":
            yield from _inline_faults(path, token)
    seen = {n for fence in found for n in range(fence.line, fence.last_line + 1)}
    for number, line in enumerate(lines, 1):
        if number not in seen and FENCE_LINE.match(line):
            yield f"{path}:{number}: a fence that the parser does not see: {line.strip()}"


def rewritten(lines: Sequence[str], blocks: Sequence[Fence], root: Path) -> str:
    """The guide with every block copied anew from its snippet, the last block first.

    A snippet that is missing, or that cannot stand in a fence, leaves its block as it is.
    """
    changed = list(lines)
    for block in reversed(blocks):
        snippet = root / block.title
        if not snippet.is_file() or line_that_ends_a_fence(snippet.read_text()):
            continue
        _put(changed, block, snippet.read_text())
    return "\n".join(changed)


def with_output(lines: Sequence[str], output: Fence, printed: str) -> str:
    """The guide with another text in one output fence."""
    changed = list(lines)
    _put(changed, output, printed)
    return "\n".join(changed)


def line_that_ends_a_fence(source: str) -> int:
    """The first line of a text that no fence can show; 0 when there is none."""
    matching = (n for n, line in enumerate(source.split("\n"), 1) if FENCE_LINE.match(line))
    return next(matching, 0)


def _put(lines: list[str], fence: Fence, text: str) -> None:
    new = text.removesuffix("\n").split("\n") if text else []
    lines[fence.line : fence.last_line - 1] = [fence.indent + n if n else "" for n in new]


def _fence_faults(fence: Fence, lines: Sequence[str]) -> Iterator[str]:
    where, info = fence.where, fence.info
    opening, closing = lines[fence.line - 1].strip(), lines[fence.last_line - 1].strip()
    if re.match(r"```(?!`)", opening) is None:
        yield f"{where}: a fence is a line that begins with three backticks: {opening}"
    elif fence.last_line == fence.line or closing != "```":
        yield f"{where}: a fence that is not closed"
    elif info.startswith("py") and not fence.title:
        yield f"{where}: a Python block whose title is not a path in snippets/: {info}"
    elif fence.is_output and not fence.output_of:
        yield f"{where}: output that follows no Python block"
    elif not fence.title and not fence.is_output and info not in PLAIN:
        yield f"{where}: not a kind of fence that is checked: {info or 'no language'}"
    lost = line_that_ends_a_fence(fence.text)
    if lost:
        line = fence.text.split("\n")[lost - 1].strip()
        yield f"{fence.path}:{fence.line + lost}: a fence inside a fence is lost: {line}"


def _inline_faults(path: Path, inline: Token) -> Iterator[str]:
    assert inline.map
    line = inline.map[0] + 1
    for child in inline.children or []:
        line += child.type in ("softbreak", "hardbreak")
        if child.type == "html_inline":
            yield f"{path}:{line}: HTML is not shown: {child.content}"
        if child.type == "text" and ("](" in child.content or "][" in child.content):
            yield f"{path}:{line}: not a link: {child.content.strip()}"
