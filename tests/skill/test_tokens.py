"""What the skill costs an agent to read, in tokens of o200k_base.

An agent reads SKILL.md and one guide, and copies scripts without reading them: those do not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bpe_openai
import pytest

from tests.skill import checks
from tests.skill.conftest import ROOT
from tests.skill.guide import markdown_files

ENTRY, WITH_ONE_GUIDE, WHOLE = 2_500, 8_000, 70_000
TOKENS = bpe_openai.get_encoding("o200k_base")


def costs(folder: Path) -> dict[Path, int]:
    """Tokens of every Markdown file, SKILL.md first, then the longest."""
    counted = {path: len(TOKENS.encode(path.read_text())) for path in markdown_files(folder)}
    entry = counted.pop(folder / "SKILL.md")
    longest = sorted(counted.items(), key=lambda item: -item[1])
    return {folder / "SKILL.md": entry, **dict(longest)}


def too_long(folder: Path) -> Iterator[str]:
    entry, *guides = costs(folder).items()
    if entry[1] > ENTRY:
        yield f"{entry[0]}: {entry[1]:,} tokens, over {ENTRY:,}"
    for path, tokens in guides:
        if entry[1] + tokens > WITH_ONE_GUIDE:
            yield f"{path}: {tokens:,} tokens, with SKILL.md over {WITH_ONE_GUIDE:,}"
    if (whole := sum(costs(folder).values())) > WHOLE:
        yield f"{folder}: {whole:,} tokens, over {WHOLE:,}"


def test_skill_is_cheap_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    counted = costs(ROOT / checks.SKILL)
    with capsys.disabled():
        print(f"\n{sum(counted.values()):>7,} tokens in {len(counted)} files")
        for path, tokens in counted.items():
            print(f"{tokens:>7,} {path.relative_to(ROOT / checks.SKILL)}")
    checks.expect_none(too_long(ROOT / checks.SKILL))


def test_page_that_is_too_long_is_reported(tmp_path: Path) -> None:
    entry, guide = tmp_path / "SKILL.md", tmp_path / "a" / "b.md"
    guide.parent.mkdir()
    entry.write_text(words(ENTRY))
    guide.write_text(words(WITH_ONE_GUIDE - ENTRY))
    assert list(too_long(tmp_path)) == []
    guide.write_text(words(WITH_ONE_GUIDE - ENTRY + 1))
    assert [fault.split(":")[0] for fault in too_long(tmp_path)] == [str(guide)]
    entry.write_text(words(WHOLE))
    assert len(list(too_long(tmp_path))) == 3


def words(tokens: int) -> str:
    return " ".join(["a"] * tokens)
