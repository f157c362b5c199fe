"""Each check is shown what it must not let pass, and names the place."""

from __future__ import annotations

import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mock_clob.venue import Options, Venue
from tests.conftest import pytest_configure
from tests.skill import checks
from tests.skill.fences import rewritten, with_output
from tests.skill.guide import read, tables
from tests.skill.links import links, routing
from tests.skill.plain_fences import plain_fences
from tests.skill.small_tree import CODE, SmallTree, block, output

LOCKED = {"py-clob-client": "0.34.6"}


@pytest.fixture
def tree(tmp_path: Path) -> SmallTree:
    return SmallTree(tmp_path)


def copies(tree: SmallTree) -> list[str]:
    return list(checks.copies(tree.root, read(tree.guide)))


def update(tree: SmallTree) -> None:
    guide = read(tree.guide)
    tree.guide.write_text(rewritten(guide.lines, guide.blocks, tree.root))


def test_small_tree_is_without_fault(tree: SmallTree) -> None:
    for check in (checks.shape, checks.all_shown, checks.plain_names, checks.form, links, routing):
        assert list(check(tree.root)) == []
    assert copies(tree) == []


def test_skill_without_guides_or_blocks_is_reported(tree: SmallTree) -> None:
    with pytest.raises(ValueError, match="no guide in"):
        list(checks.shape(tree.root / "elsewhere"))
    tree.write("Only prose.")
    assert list(checks.shape(tree.root)) == [
        f"{tree.root / checks.SKILL}: no Python block in any guide"
    ]


def test_every_fault_is_in_the_text_of_the_failure() -> None:
    checks.expect_none(iter([]))
    with pytest.raises(pytest.fail.Exception, match=r"a\.md:1: one\na\.md:2: two"):
        checks.expect_none(iter(["a.md:1: one", "a.md:2: two"]))


# Copies


def test_stale_fence_is_reported_and_rewritten(tree: SmallTree) -> None:
    tree.snippet("hello", 'print("hallo")\n')
    assert copies(tree) == [
        f"{tree.guide}:3: not the text of snippets/library/hello.py; run make sync"
    ]
    update(tree)
    assert copies(tree) == []


def test_rewriting_keeps_lists_and_everything_around_the_blocks(tree: SmallTree) -> None:
    tree.snippet("two", "a = 1\n\nb = 2\nprint(a + b)\n")
    in_a_list = textwrap.indent(block("two", "old\n"), "    ")
    tree.write(block("hello", "old\n\nold\n"), "1. In a list:\n", in_a_list, "after  \n\n\n")
    update(tree)
    assert copies(tree) == []
    assert "\n    a = 1\n\n    b = 2\n" in tree.guide.read_text()
    assert tree.guide.read_text().endswith("\nafter  \n\n\n")
    before = tree.guide.read_bytes()
    update(tree)
    assert tree.guide.read_bytes() == before


def test_characters_that_end_a_line_elsewhere_do_not_move_the_rewriting(tree: SmallTree) -> None:
    tree.write("odd \x0b\x0c\x1c\x85\u2028 prose\n", block("hello", "old\n"), "after\n")
    update(tree)
    assert copies(tree) == []
    assert tree.guide.read_text().endswith("```\n\nafter\n")


def test_empty_fence_is_filled_and_does_not_swallow_the_next(tree: SmallTree) -> None:
    tree.snippet("two", "b = 2\n")
    tree.write(block("hello", ""), block("two", ""))
    update(tree)
    assert copies(tree) == []


@pytest.mark.parametrize(
    ("printed", "fault"),
    [
        ("hello\nyou\n", "9: shown is '', printed is 'you\\n'"),
        ("hallo\n", "8: shown is 'hello\\n', printed is 'hallo\\n'"),
        ("hello", "8: shown is 'hello\\n', printed is 'hello'"),
        ("", "7: output is shown, and the block prints nothing"),
    ],
)
def test_wrong_output_is_reported_at_the_line_that_differs(
    tree: SmallTree, printed: str, fault: str
) -> None:
    guide = tree.write(block("hello", CODE), output("hello\n"))
    [shown] = guide.blocks
    assert list(checks.prints(guide, shown, "hello\n")) == []
    assert list(checks.prints(guide, shown, printed)) == [f"{tree.guide}:{fault}"]


def test_output_that_is_not_shown_is_reported(tree: SmallTree) -> None:
    guide = tree.write(block("hello", CODE), "Prose.\n")
    [silent] = guide.blocks
    assert list(checks.prints(guide, silent, "")) == []
    assert list(checks.prints(guide, silent, "hello\n")) == [
        f"{tree.guide}:3: it prints, and no output is shown:\nhello\n"
    ]


def test_wrong_output_is_rewritten(tree: SmallTree) -> None:
    tree.write(block("hello", CODE), output("old\n"), "after\n")
    for printed in ("hello\n", "", "a\n\nb\n"):
        guide = read(tree.guide)
        [_, shown] = guide.fences
        tree.guide.write_text(with_output(guide.lines, shown, printed))
        assert read(tree.guide).fences[1].text == printed
        assert tree.guide.read_text().endswith("```\n\nafter\n")


def test_title_without_a_file_is_reported(tree: SmallTree) -> None:
    tree.write(block("gone", CODE))
    update(tree)
    assert copies(tree) == [f"{tree.guide}:3: there is no snippets/library/gone.py"]


def test_snippet_that_would_end_its_fence_is_reported_and_not_copied(tree: SmallTree) -> None:
    tree.snippet("hello", '"""\n```\n"""\n')
    before = tree.guide.read_text()
    update(tree)
    assert tree.guide.read_text() == before
    assert copies(tree) == [
        f"{tree.guide}:3: line 2 of snippets/library/hello.py cannot stand in a fence"
    ]


@pytest.mark.parametrize("code", ["print()\r\n", "print()"])
def test_snippet_that_differs_in_its_line_ends_is_reported(tree: SmallTree, code: str) -> None:
    tree.snippet("hello", "").write_bytes(code.encode())
    tree.write(block("hello", "print()\n"))
    assert "not the text of" in copies(tree)[0]


def test_rewriting_refuses_to_run_in_several_processes() -> None:
    def config(processes: int | None) -> Any:
        options = {"update_examples": True, "numprocesses": processes}
        return SimpleNamespace(getoption=lambda name, default: options[name])

    pytest_configure(config(None))
    with pytest.raises(pytest.UsageError, match="without -n"):
        pytest_configure(config(2))


# Snippets


@pytest.mark.parametrize("name", ["library/orphan.py", "orphan.py", "library/data.json"])
def test_file_that_no_guide_shows_is_reported(tree: SmallTree, name: str) -> None:
    orphan = tree.root / "snippets" / name
    orphan.write_text(CODE)
    fault = f"{orphan}: shown in no guide and linked in none"
    assert list(checks.all_shown(tree.root)) == [fault]


def test_snippet_may_be_linked_among_the_scripts_instead(tree: SmallTree) -> None:
    part = tree.snippet("part", CODE)
    checks.bundle(tree.root)
    for elsewhere in ("part.py", "[part.py](https://example.org/scripts/part.py)"):
        tree.write(block("hello", CODE), output("hello\n"), f"{elsewhere}\n")
        fault = f"{part}: shown in no guide and linked in none"
        assert list(checks.all_shown(tree.root)) == [fault]
    tree.write(block("hello", CODE), output("hello\n"), "[`part.py`](../scripts/part.py)\n")
    assert checks.linked(tree.root) == [part]
    assert [*checks.all_shown(tree.root), *links(tree.root), *checks.form(tree.root)] == []


def test_script_that_is_missing_stale_or_unknown_is_reported(tree: SmallTree) -> None:
    source, copy = tree.root / "snippets/library/hello.py", tree.root / checks.SCRIPTS / "hello.py"
    other = copy.with_name("other.py")
    stale = f"{copy}: not the text of {source}; run make sync"
    assert list(checks.bundled(tree.root)) == [stale]
    checks.bundle(tree.root)
    assert list(checks.bundled(tree.root)) == []
    copy.write_text("print(1)\n")
    other.write_text(CODE)
    unknown = f"{other}: there is no such snippet; run make sync"
    assert list(checks.bundled(tree.root)) == [stale, unknown]
    checks.bundle(tree.root)
    assert list(checks.bundled(tree.root)) == []


def test_two_snippets_of_one_name_are_reported(tree: SmallTree) -> None:
    other = tree.snippet("hello", CODE, folder="trading")
    assert f"{other}: 2 snippets have this name" in checks.plain_names(tree.root)


@pytest.mark.parametrize("name", ["queue", "pytest"])
def test_snippet_that_hides_another_module_is_reported(tree: SmallTree, name: str) -> None:
    path = tree.snippet(name, CODE)
    assert list(checks.plain_names(tree.root)) == [
        f"{path}: hides the module {name!r} that others import"
    ]


# Fences


@pytest.mark.parametrize(
    ("fence", "fault"),
    [
        ("```python\nprint()\n```\n", "a Python block whose title is not a path"),
        ("```py title='snippets/library/hello.py'\n```\n", "a Python block whose title"),
        ('```python title="hello.py"\n```\n', "a Python block whose title"),
        ('```{.python title="snippets/library/hello.py"}\n```\n', "not a kind of fence"),
        ('```python title="snippets/library/hello.py" test="skip"\n```\n', "a Python block whose"),
        ('```Python title="snippets/library/hello.py"\n```\n', "not a kind of fence"),
        ("```pycon\n>>> 1\n```\n", "a Python block whose title"),
        ("```\nx = 1\n```\n", "not a kind of fence that is checked: no language"),
        ("```yaml\na: 1\n```\n", "not a kind of fence"),
        ("```text\na\n```\n", "not a kind of fence"),
        ('```bash title="install"\nls\n```\n', "not a kind of fence"),
        ("~~~bash\nls\n~~~\n", "three backticks"),
        ("````bash\nls\n````\n", "three backticks"),
        ("> ```bash\n> ls\n> ```\n", "three backticks"),
        ("- ```bash\n  ls\n  ```\n", "three backticks"),
        ("```bash\nls\n", "a fence that is not closed"),
        ("```bash", "a fence that is not closed"),
        (output("lonely\n"), "output that follows no Python block"),
    ],
)
def test_fence_of_no_known_kind_is_reported(tree: SmallTree, fence: str, fault: str) -> None:
    tree.write(block("hello", CODE), "Some prose.\n", fence)
    [found] = checks.shape(tree.root)
    assert found.startswith(f"{tree.guide}:9: ")
    assert fault in found


def test_second_output_of_a_block_is_reported(tree: SmallTree) -> None:
    tree.write(block("hello", CODE), output("hello\n"), output("hello\n"))
    assert list(checks.shape(tree.root)) == [
        f"{tree.guide}:11: output that follows no Python block"
    ]


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("    x = 1\n", "indented code"),
        ("<pre>\nx = 1\n</pre>\n", "HTML"),
        ("Call <code>cancel()</code>\n", "HTML is not shown: <code>"),
        ("<!-- for machines -->\n", "HTML"),
        ("Put <key> here\n", "HTML is not shown: <key>"),
    ],
)
def test_code_outside_of_fences_is_reported(tree: SmallTree, code: str, fault: str) -> None:
    tree.write(block("hello", CODE), "Prose.\n", code)
    assert f"{tree.guide}:9: {fault}" in next(checks.shape(tree.root))


def test_block_lost_behind_a_stray_fence_is_reported(tree: SmallTree) -> None:
    tree.write("```\n", block("hello", CODE))
    assert list(checks.shape(tree.root))[:2] == [
        f"{tree.guide}:3: not a kind of fence that is checked: no language",
        f"{tree.guide}:5: a fence inside a fence is lost: "
        '```python title="snippets/library/hello.py"',
    ]


def test_block_lost_behind_a_block_that_is_not_closed_is_reported(tree: SmallTree) -> None:
    tree.write(block("hello", CODE).removesuffix("```\n"), block("hello", CODE))
    [found] = checks.shape(tree.root)
    assert found.startswith(f"{tree.guide}:6: a fence inside a fence is lost")


def test_block_lost_in_a_comment_is_reported(tree: SmallTree) -> None:
    tree.write("<!--\n" + block("hello", CODE) + "-->\n", block("hello", CODE))
    assert f'{tree.guide}:4: a fence that the parser does not see: ```python title="' in " ".join(
        checks.shape(tree.root)
    )


def test_guide_with_foreign_line_ends_is_reported(tree: SmallTree) -> None:
    tree.guide.write_bytes(tree.guide.read_bytes().replace(b"hello\n", b"hello\r\n"))
    assert list(checks.shape(tree.root)) == [f"{tree.guide}:8: ends in CR LF"]


# Plain fences


@pytest.mark.parametrize(
    ("fence", "fault"),
    [
        ("```json\n{a: 1}\n```\n", "not json"),
        ("```toml\na =\n```\n", "not toml"),
        ("```http\nGET /nowhere\n```\n", "no route GET /nowhere"),
        ("```http\nPATCH /order HTTP/1.1\n```\n", "no route PATCH /order"),
        ("```http\nGET https://clob.polymarket.com/v2/trades\n```\n", "no route GET https"),
        ("```http\nGET /ws/market\n```\n", "no route GET /ws/market"),
        ("```http\ncurl /book\n```\n", "not a request line"),
        ("```http\n```\n", "not a request line"),
        ("```bash\nif true\n```\n", "not bash"),
        ("```bash\npip install py-clob-cilent\n```\n", "uv.lock does not have: py-clob-cilent"),
        ("```bash\nuv add other  # why\n```\n", "uv.lock does not have: other"),
        ("```bash\npip install 'py-clob-client<0.30'\n```\n", "ran with py-clob-client 0.34.6"),
        ("```bash\npip install ./here\n```\n", "not the name of a package: ./here"),
    ],
)
def test_plain_fence_that_is_not_what_it_says_is_reported(
    tree: SmallTree, fence: str, fault: str
) -> None:
    tree.write(fence)
    [found] = plain_fences(tree.root, Venue(Options(chain=False)).routes, LOCKED)
    assert found.startswith(f"{tree.guide}:3: ")
    assert fault in found


@pytest.mark.parametrize(
    "fence",
    [
        "```http\nGET /book?token_id=1\n```\n",
        "```http\nPOST /order HTTP/1.1\nHost: clob.polymarket.com\n```\n",
        "```http\nGET https://data-api.polymarket.com/v2/trades\n```\n",
        "```http\nGET /ws/market HTTP/1.1\nUpgrade: websocket\n```\n",
        '```bash\npython -m pip install -U "py_clob_client>=0.34.5"  # the old one\n```\n',
    ],
)
def test_plain_fence_that_is_right_is_let_pass(tree: SmallTree, fence: str) -> None:
    tree.write(fence)
    assert list(plain_fences(tree.root, Venue(Options(chain=False)).routes, LOCKED)) == []


# Links and form


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("[b](b.md)", "no guide behind this link: b.md"),
        ("[b](..)", "no guide behind this link: .."),
        ("[b](../../../README.md)", "no guide behind this link"),
        ("![b](b.png)", "no guide behind this link: b.png"),
        ("![b](b.svg)", "no guide behind this link: b.svg"),
        ("[b][b]\n\n[b]: b.md", "no guide behind this link: b.md"),
        ("[b](#nowhere)", "no heading that GitHub and the site both name so: #nowhere"),
        ("[b](../SKILL.md#end)", "no heading that GitHub and the site both name so"),
        ("[b](http://example.com)", "not an https link to another site"),
        ("[b](https://localhost/)", "not an https link to another site"),
        ("<mailto:a@b.c>", "not an https link to another site"),
    ],
)
def test_link_that_leads_nowhere_is_reported(tree: SmallTree, link: str, fault: str) -> None:
    tree.write(block("hello", CODE), f"Prose,\nsee {link}\n")
    [found] = links(tree.root)
    assert found.startswith(f"{tree.guide}:8: {fault}")


def test_link_that_does_not_parse_is_reported(tree: SmallTree) -> None:
    tree.write(block("hello", CODE), "See\n[b](b c.md) and [this][that].\n")
    [found] = checks.shape(tree.root)
    assert found.startswith(f"{tree.guide}:8: not a link")


@pytest.mark.parametrize("heading", ["Orders & trades", "Orders - trades", "Größe"])
def test_link_that_only_one_of_github_and_the_site_finds_is_reported(
    tree: SmallTree, heading: str
) -> None:
    names = ["orders--trades", "orders-trades", "orders---trades", "größe", "grosse", "groe"]
    tree.write(f"## {heading}\n", *(f"[b](#{name})\n" for name in names))
    assert len(list(links(tree.root))) == len(names)


def test_link_to_a_heading_that_both_name_alike_is_let_pass(tree: SmallTree) -> None:
    tree.write("## 1. `get_order(id)`, *twice*\n", "See [it](#1-get_orderid-twice).\n")
    assert list(links(tree.root)) == []


def test_guide_that_skill_md_does_not_link_is_reported(tree: SmallTree) -> None:
    other = tree.guide.with_name("b.md")
    other.write_text("# B\n")
    tree.write("[B](b.md)\n")
    assert list(routing(tree.root)) == [f"{other}: SKILL.md does not link it"]


def test_picture_is_let_pass_where_a_guide_shows_it(tree: SmallTree) -> None:
    picture = tree.guide.with_name("b.svg")
    picture.write_text("<svg/>")
    assert list(checks.form(tree.root)) == [f"{picture}: only Markdown belongs into the skill"]
    tree.write("![b](b.svg)\n")
    assert [*checks.form(tree.root), *links(tree.root)] == []


def test_stray_files_and_great_sizes_are_reported(tree: SmallTree) -> None:
    stray, readme = tree.guide.with_name(".notes.txt"), tree.entry.with_name("README.md")
    stray.write_text("")
    readme.write_text("# Read me\n")
    tree.entry.write_text(tree.entry.read_text() + "[b](#start) [c](#start)\n" + "\n" * 500)
    tree.guide.write_text("# A\n" + "line\n" * 400)
    assert set(checks.form(tree.root)) == {
        f"{stray}: only Markdown belongs into the skill",
        f"{readme}: a guide belongs into a module's folder",
        f"{tree.entry}:1: over 500 lines or 5,000 tokens",
        f"{tree.guide}:1: over 300 lines and no list of contents",
    }


def test_table_below_a_heading_is_read(tree: SmallTree) -> None:
    guide = tree.write("## Limits\n", "| a | b |\n|---|---|\n| 1 | `x` \\| **y** |\n")
    assert tables(guide, "Limits") == [[["a", "b"], ["1", "`x` | **y**"]]]
    with pytest.raises(ValueError, match="no table below a heading 'Other'"):
        tables(guide, "Other")
