"""What must hold of a skill and its snippets. Checks give faults as path:line sentences."""

from __future__ import annotations

import functools
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from itertools import zip_longest
from pathlib import Path

import pytest

from tests.skill.fences import Fence, line_that_ends_a_fence
from tests.skill.guide import Guide, markdown_files, read

SKILL = Path("skills/polymarket")
SNIPPETS = Path("snippets")
SCRIPTS = SKILL / "scripts"  # the snippets once more, all in one folder, to copy from
ENTRY_LINES, ENTRY_CHARACTERS = 500, 20_000  # 5,000 tokens of 4 characters
CONTENTS_FROM, CONTENTS_WITHIN = 300, 40  # lines


def expect_none(faults: Iterable[str]) -> None:
    """Fail with every fault in a line of its own."""
    __tracebackhide__ = True
    if found := "\n".join(faults):
        pytest.fail(found, pytrace=False)


def everything(root: Path) -> list[Guide]:
    return [read(path) for path in markdown_files(root / SKILL)]


def shape(root: Path) -> Iterator[str]:
    """Only known kinds of fence, and none lost. No block at all is a fault too."""
    found = everything(root)
    for guide in found:
        yield from guide.faults
    if not any(guide.blocks for guide in found):
        yield f"{root / SKILL}: no Python block in any guide"


def copies(root: Path, guide: Guide) -> Iterator[str]:
    """Every block of a guide is a byte copy of its snippet."""
    for block in guide.blocks:
        source = root / block.title
        if not source.is_file():
            yield f"{block.where}: there is no {block.title}"
            continue
        text = source.read_bytes().decode()
        if lost := line_that_ends_a_fence(text):
            yield f"{block.where}: line {lost} of {block.title} cannot stand in a fence"
        elif text != block.text:
            yield f"{block.where}: not the text of {block.title}; run make sync"


def prints(guide: Guide, block: Fence, printed: str) -> Iterator[str]:
    """The output fence of a block shows exactly what the block prints, and is there if it does."""
    shown = guide.output(block)
    if shown is None:
        if printed:
            yield f"{block.where}: it prints, and no output is shown:\n{printed}"
        return
    if not printed:
        yield f"{shown.where}: output is shown, and the block prints nothing"
    lines = zip_longest(shown.text.splitlines(True), printed.splitlines(True), fillvalue="")
    for number, (ours, theirs) in enumerate(lines, shown.line + 1):
        if printed and ours != theirs:
            yield f"{guide.path}:{number}: shown is {ours!r}, printed is {theirs!r}"
            return


def all_shown(root: Path) -> Iterator[str]:
    """Every file of snippets/ is shown in some guide, or linked there."""
    guides = everything(root)
    shown = {root / block.title for guide in guides for block in guide.blocks}
    shown |= set(linked(root))
    for path in sorted((root / SNIPPETS).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path not in shown:
            yield f"{path}: shown in no guide and linked in none"


def linked(root: Path) -> list[Path]:
    """The snippets that some guide links among the skill's scripts, and none shows."""
    guides = everything(root)
    shown = {root / block.title for guide in guides for block in guide.blocks}
    names = {
        Path(link.target).name
        for guide in guides
        for link in guide.links
        if (guide.path.parent / link.target).resolve().parent == (root / SCRIPTS).resolve()
    }
    return sorted(p for p in (root / SNIPPETS).glob("*/*.py") if p.name in names and p not in shown)


def bundled(root: Path) -> Iterator[str]:
    """The skill carries a byte copy of every snippet, and no other script."""
    snippets = {path.name: path for path in (root / SNIPPETS).glob("*/*.py")}
    scripts = {path.name: path for path in (root / SCRIPTS).glob("*")}
    scripts.pop("__pycache__", None)
    for name in sorted(snippets.keys() | scripts.keys()):
        if name not in snippets:
            yield f"{scripts[name]}: there is no such snippet; run make sync"
        elif name not in scripts or scripts[name].read_bytes() != snippets[name].read_bytes():
            yield f"{root / SCRIPTS / name}: not the text of {snippets[name]}; run make sync"


def bundle(root: Path) -> None:
    """Make `bundled` true."""
    shutil.rmtree(root / SCRIPTS, ignore_errors=True)
    (root / SCRIPTS).mkdir(parents=True)
    for path in (root / SNIPPETS).glob("*/*.py"):
        shutil.copyfile(path, root / SCRIPTS / path.name)


def plain_names(root: Path) -> Iterator[str]:
    """Snippets import each other by plain name: nothing else may have that name."""
    taken = _published_modules()
    files = sorted((root / SNIPPETS).glob("*/*.py"))
    counts = Counter(path.stem for path in files)
    for path in files:
        if counts[path.stem] > 1:
            yield f"{path}: {counts[path.stem]} snippets have this name"
        if path.stem in taken:
            yield f"{path}: hides the module {path.stem!r} that others import"


def form(root: Path) -> Iterator[str]:
    """Sizes, contents lists, and nothing in the skill's folder but guides and their pictures."""
    folder = root / SKILL
    entry = folder / "SKILL.md"
    shown = {guide.path.parent / link.target for guide in everything(root) for link in guide.links}
    for path in sorted(folder.rglob("*")):
        picture = path.suffix == ".svg" and path in shown
        script = path.parent == root / SCRIPTS or "__pycache__" in path.parts
        if path.is_file() and path.suffix != ".md" and not picture and not script:
            yield f"{path}: only Markdown belongs into the skill"
        if path.parent == folder and path.suffix == ".md" and path != entry:
            yield f"{path}: a guide belongs into a module's folder"
    body = entry.read_text().split("\n---\n", 1)[-1]
    if body.count("\n") > ENTRY_LINES or len(body) > ENTRY_CHARACTERS:
        yield f"{entry}:1: over {ENTRY_LINES} lines or {ENTRY_CHARACTERS // 4:,} tokens"
    for guide in everything(root):
        near = [link for link in guide.links if link.line <= CONTENTS_WITHIN]
        contents = [link for link in near if link.target.startswith("#")]
        if len(guide.lines) > CONTENTS_FROM and len(contents) < 2:
            yield f"{guide.path}:1: over {CONTENTS_FROM} lines and no list of contents"


@functools.cache
def _published_modules() -> frozenset[str]:
    return sys.stdlib_module_names | packages_distributions().keys()
