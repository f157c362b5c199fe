"""Every check is shown what it must not let pass, and names the place."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_clob.pytest_plugin import MockClob
from tests.skill import checks
from tests.skill.blocks import BlockRunner, exchange_of
from tests.skill.fences import read, rewritten

CODE = 'print("hello")\n'


class Tree:
    """A small skill with its snippets, made for one test."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.guide = root / checks.SKILL / "a.md"
        self.guide.parent.mkdir(parents=True)
        self.entry = root / checks.SKILL / "SKILL.md"
        self.entry.write_text("---\nname: polymarket\n---\n# Start\n\n[A](a.md)\n")
        self.snippet("hello", CODE)
        self.write(block("hello", CODE), output("hello\n"))

    def snippet(self, name: str, code: str, folder: str = "library") -> Path:
        path = self.root / "snippets" / folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
        return path

    def write(self, *parts: str) -> None:
        """A guide of these parts: a heading, then each part after an empty line."""
        self.guide.write_text("\n".join(["# A guide\n", *parts]))


def block(name: str, code: str) -> str:
    return f'```python title="snippets/library/{name}.py"\n{code}```\n'


def output(text: str) -> str:
    return f'```text title="output"\n{text}```\n'


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def no_routes(method: str, path: str) -> bool:
    return False


def test_small_tree_is_without_fault(tree: Tree) -> None:
    for check in (checks.shape, checks.copies, checks.all_shown, checks.links, checks.routing):
        assert list(check(tree.root)) == []
    assert list(checks.form(tree.root)) == []


def test_skill_without_guides_or_blocks_is_reported(tree: Tree, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no guide in"):
        list(checks.shape(tmp_path / "elsewhere"))
    tree.write("Only prose.")
    assert "no Python block in any guide" in next(checks.shape(tree.root))


def test_stale_fence_is_reported_and_rewritten(tree: Tree) -> None:
    tree.snippet("hello", 'print("hallo")\n')
    assert list(checks.copies(tree.root)) == [
        f"{tree.guide}:3: not the text of snippets/library/hello.py; run make sync"
    ]
    tree.guide.write_text(rewritten(read(tree.guide), tree.root))
    assert list(checks.copies(tree.root)) == []


def test_rewriting_keeps_lists_and_several_blocks(tree: Tree) -> None:
    tree.snippet("two", "a = 1\n\nb = 2\nprint(a + b)\n")
    listed = textwrap.indent(block("two", "old\n"), "   ")
    tree.write(block("hello", "old\n"), "1. In a list:\n", listed, "after\n")
    tree.guide.write_text(rewritten(read(tree.guide), tree.root))
    assert list(checks.copies(tree.root)) == []
    assert "\n   b = 2\n" in tree.guide.read_text()
    assert tree.guide.read_text().endswith("\nafter\n")


def test_title_without_a_file_is_reported(tree: Tree) -> None:
    tree.write(block("gone", CODE))
    assert list(checks.copies(tree.root)) == [
        f"{tree.guide}:3: there is no snippets/library/gone.py"
    ]


def test_snippet_that_no_guide_shows_is_reported(tree: Tree) -> None:
    orphan = tree.snippet("orphan", CODE)
    assert list(checks.all_shown(tree.root)) == [f"{orphan}: shown in no guide"]


def test_two_snippets_of_one_name_are_reported(tree: Tree) -> None:
    tree.snippet("hello", CODE, folder="trading")
    assert any("2 files are called hello.py" in fault for fault in checks.all_shown(tree.root))


@pytest.mark.parametrize(
    ("fence", "fault"),
    [
        ("```python\nprint()\n```\n", "a Python block without its title"),
        ("```py title='snippets/library/hello.py'\n```\n", "a Python block without its title"),
        (
            '```python title="snippets/library/hello.py" test="skip"\n```\n',
            "a Python block without its title",
        ),
        ("```pycon\n>>> 1\n```\n", "a Python block without its title"),
        ("```\nx = 1\n```\n", "no kind of fence"),
        ("```yaml\na: 1\n```\n", "no kind of fence"),
        ("~~~bash\nls\n~~~\n", "three backticks"),
        ("````bash\nls\n````\n", "three backticks"),
        (output("lonely\n"), "output that follows no Python block"),
    ],
)
def test_fence_of_no_known_kind_is_reported(tree: Tree, fence: str, fault: str) -> None:
    tree.write(block("hello", CODE), "Some prose.\n", fence)
    [found] = checks.shape(tree.root)
    assert found.startswith(f"{tree.guide}:9: ")
    assert fault in found


@pytest.mark.parametrize("code", ["Text.\n\n    x = 1\n", "<pre>\nx = 1\n</pre>\n"])
def test_code_outside_of_fences_is_reported(tree: Tree, code: str) -> None:
    tree.write(block("hello", CODE), code)
    [found] = checks.shape(tree.root)
    assert found.startswith(f"{tree.guide}:")
    assert "use a fence" in found


def test_block_lost_behind_a_stray_fence_is_reported(tree: Tree) -> None:
    tree.write("```\n", block("hello", CODE))
    found = list(checks.shape(tree.root))
    assert f"{tree.guide}:5: a fence inside a fence is lost" in " ".join(found)


def test_block_lost_in_a_comment_is_reported(tree: Tree) -> None:
    tree.write("<!--\n" + block("hello", CODE) + "-->\n", block("hello", CODE))
    found = list(checks.shape(tree.root))
    assert f"{tree.guide}:4: a fence that the parser does not see" in found[0]


@pytest.mark.parametrize(
    ("fence", "fault"),
    [
        ("```json\n{a: 1}\n```\n", "not json"),
        ("```toml\na =\n```\n", "not toml"),
        ("```http\nGET /nowhere\n```\n", "no route GET /nowhere"),
        ("```bash\nif true\n```\n", "not bash"),
        ("```bash\npip install py-clob-cilent\n```\n", "uv.lock does not have: py-clob-cilent"),
    ],
)
def test_plain_fence_that_is_not_what_it_says_is_reported(
    tree: Tree, fence: str, fault: str
) -> None:
    tree.write(fence)
    [found] = checks.plain_fences(tree.root, no_routes)
    assert found.startswith(f"{tree.guide}:3: ")
    assert fault in found


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("[b](b.md)", "no guide behind b.md"),
        ("[b](#nowhere)", "no heading behind #nowhere"),
        ("[b](SKILL.md#end)", "no heading behind SKILL.md#end"),
        ("[b](http://example.com)", "not an https link"),
    ],
)
def test_link_that_leads_nowhere_is_reported(tree: Tree, link: str, fault: str) -> None:
    tree.write(block("hello", CODE), f"See {link}.\n")
    [found] = checks.links(tree.root)
    assert found.startswith(f"{tree.guide}:7: {fault}")


def test_guide_that_skill_md_does_not_link_is_reported(tree: Tree) -> None:
    other = tree.guide.with_name("b.md")
    other.write_text("# B\n")
    assert list(checks.routing(tree.root)) == [f"{other}: SKILL.md does not link it"]


def test_stray_files_and_long_guides_are_reported(tree: Tree) -> None:
    stray = tree.guide.with_name("notes.txt")
    stray.write_text("")
    tree.guide.write_text("# A\n" + "line\n" * 400)
    tree.entry.write_text(tree.entry.read_text() + "line\n" * 600)
    found = list(checks.form(tree.root))
    assert found[0] == f"{stray}: only Markdown belongs into the skill"
    assert any("SKILL.md: over 500 lines" in fault for fault in found)
    assert any(f"{tree.guide}:1: over 300 lines" in fault for fault in found)


# Blocks that run


@pytest.fixture
def run(
    tree: Tree,
    mock_clob: MockClob,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], None]:
    """Run code as the block of the small guide."""
    monkeypatch.chdir(tmp_path)

    def run_code(code: str) -> None:
        tree.snippet("hello", code)
        tree.write(block("hello", code))
        [found] = read(tree.guide).blocks
        BlockRunner(tree.root, tmp_path, request).run_block(found)

    return run_code


def notes(error: pytest.ExceptionInfo[BaseException]) -> str:
    return " ".join(getattr(error.value, "__notes__", []))


def test_failing_block_is_named_at_its_markdown_line(
    run: Callable[[str], None], tree: Tree
) -> None:
    with pytest.raises(ZeroDivisionError) as failed:
        run("a = 0\nprint(1 / a)\n")
    assert f"in the block of {tree.guide}:3, at {tree.guide}:5" in notes(failed)


def test_block_that_does_not_parse_is_named(run: Callable[[str], None], tree: Tree) -> None:
    with pytest.raises(SyntaxError) as failed:
        run("a = 1\nb = (\n")
    assert f"{tree.guide}:5" in notes(failed)


def test_block_that_calls_an_unknown_host_is_named(run: Callable[[str], None], tree: Tree) -> None:
    code = "import urllib.request\n\nurllib.request.urlopen('https://example.com')\n"
    with pytest.raises(OSError, match=r"example\.com") as failed:
        run(code)
    assert f"in the block of {tree.guide}:3, at {tree.guide}:6" in notes(failed)


def test_block_runs_as_main_from_the_text_of_the_fence(
    run: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    run('if __name__ == "__main__":\n    print("ran")\n')
    assert capsys.readouterr().out == "ran\n"


def test_block_that_leaves_a_thread_is_reported(run: Callable[[str], None]) -> None:
    code = (
        "import threading\n\nstop = threading.Event()\n"
        "thread = threading.Thread(target=stop.wait, name='left')\nthread.start()\n"
        "threading.main_thread().__dict__['stop_left'] = stop\n"
    )
    with pytest.raises(pytest.fail.Exception, match="leaves threads running: \\['left'\\]"):
        run(code)
    threading.main_thread().__dict__.pop("stop_left").set()


def test_exchange_follows_from_a_neighbours_import(tree: Tree) -> None:
    tree.snippet("old", "import py_clob_client\n", folder="auth")
    tree.snippet("hello", "from old import client\n")
    tree.snippet("new", "import polymarket\n")
    assert exchange_of(tree.root, "snippets/library/hello.py") == 1
    assert exchange_of(tree.root, "snippets/library/new.py") == 2


def test_table_below_a_heading_is_read(tree: Tree) -> None:
    tree.write("## Limits\n", "| a | b |\n|---|---|\n| 1 | `x` |\n")
    assert checks.tables(read(tree.guide), "Limits") == [[["a", "b"], ["1", "`x`"]]]
    with pytest.raises(ValueError, match="no heading 'Other'"):
        checks.tables(read(tree.guide), "Other")
    with pytest.raises(ValueError, match="no table below 'A guide'"):
        checks.tables(read(tree.guide), "A guide")
