"""A skill of one guide with one block, made for one test."""

from __future__ import annotations

from pathlib import Path

from tests.skill.checks import SKILL, SNIPPETS
from tests.skill.guide import Guide, read

CODE = 'print("hello")\n'


class SmallTree:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.guide = root / SKILL / "library" / "a.md"
        self.guide.parent.mkdir(parents=True)
        self.entry = root / SKILL / "SKILL.md"
        self.entry.write_text("---\nname: polymarket\n---\n# Start\n\n[A](library/a.md)\n")
        self.snippet("hello", CODE)
        self.write(block("hello", CODE), output("hello\n"))

    def snippet(self, name: str, code: str, folder: str = "library") -> Path:
        path = self.root / SNIPPETS / folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
        return path

    def write(self, *parts: str) -> Guide:
        """A guide of these parts, each after an empty line: the first begins in line 3."""
        self.guide.write_text("\n".join(["# A guide\n", *parts]))
        return read(self.guide)


def block(name: str, code: str) -> str:
    return f'```python title="snippets/library/{name}.py"\n{code}```\n'


def output(text: str) -> str:
    return f'```text title="output"\n{text}```\n'
