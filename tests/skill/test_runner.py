"""What running a block means, and that a block that does not hold is named at its line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_clob.pytest_plugin import MockClob
from tests.skill import checks
from tests.skill.blocks import BlockRunner, exchange_of
from tests.skill.conftest import ROOT
from tests.skill.guide import read
from tests.skill.small_tree import CODE, SmallTree, block, output

Run = Callable[[str], None]


@pytest.fixture
def tree(tmp_path: Path) -> SmallTree:
    return SmallTree(tmp_path)


@pytest.fixture
def run(
    tree: SmallTree, mock_clob: MockClob, tmp_path: Path, request: pytest.FixtureRequest
) -> Run:
    """Run code as the block of the small guide. It begins in line 4."""

    def run_code(code: str) -> None:
        tree.snippet("hello", "raise AssertionError('the file ran, not the fence')\n")
        [found] = tree.write(block("hello", code)).blocks
        BlockRunner(tree.root, tmp_path, request).run_block(found)

    return run_code


def note(failed: pytest.ExceptionInfo[BaseException]) -> str:
    return " ".join(failed.value.__notes__)


def test_block_runs_as_main_from_the_text_of_the_fence(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    main, path = sys.modules["__main__"], list(sys.path)
    run('if __name__ == "__main__":\n    print("ran")\n')
    assert capsys.readouterr().out == "ran\n"
    assert sys.modules["__main__"] is main
    assert sys.path == path


def test_every_block_gets_its_neighbours_anew(
    run: Run, tree: SmallTree, capsys: pytest.CaptureFixture[str]
) -> None:
    tree.snippet("counter", "calls = []\n", folder="trading")
    for _ in range(2):
        run("from counter import calls\n\ncalls.append(1)\nprint(len(calls))\n")
    assert capsys.readouterr().out == "1\n1\n"
    assert "counter" not in sys.modules


def test_what_a_block_does_to_the_environment_ends_with_it(run: Run) -> None:
    run("import os\n\nos.environ['LEFT_BY_A_BLOCK'] = '1'\n")
    assert "LEFT_BY_A_BLOCK" not in os.environ


def test_failing_block_is_named_at_its_markdown_line(run: Run, tree: SmallTree) -> None:
    with pytest.raises(ZeroDivisionError) as failed:
        run("def ratio(a):\n    return 1 / a\n\n\nratio(0)\n")
    assert note(failed) == f"in the block of {tree.guide}:3, at {tree.guide}:5"


def test_block_that_does_not_parse_is_named_at_its_markdown_line(run: Run, tree: SmallTree) -> None:
    with pytest.raises(SyntaxError) as failed:
        run("a = 1\nb = (\n")
    assert note(failed) == f"in the block of {tree.guide}:3, at {tree.guide}:5"


def test_block_that_calls_an_unknown_host_is_named_at_its_markdown_line(
    run: Run, tree: SmallTree
) -> None:
    with pytest.raises(OSError, match=r"example\.com") as failed:
        run("import urllib.request\n\nurllib.request.urlopen('https://example.com')\n")
    assert note(failed) == f"in the block of {tree.guide}:3, at {tree.guide}:6"


def test_block_that_gives_up_is_named(run: Run, tree: SmallTree) -> None:
    run("raise SystemExit\n")
    run("raise SystemExit(0)\n")
    with pytest.raises(pytest.fail.Exception, match="no key") as failed:
        run("raise SystemExit('no key')\n")
    assert f"{tree.guide}:3" in str(failed.value)


@pytest.mark.parametrize("daemon", [True, False])
def test_block_that_leaves_a_thread_is_named(run: Run, tree: SmallTree, daemon: bool) -> None:
    code = (
        "import threading\n\nstop = threading.main_thread().stop_left\n"
        f"threading.Thread(target=stop.wait, name='left', daemon={daemon}).start()\n"
    )
    stop = threading.Event()
    threading.main_thread().stop_left = stop  # type: ignore[attr-defined]
    try:
        with pytest.raises(
            pytest.fail.Exception, match=r"threads still run .*\['left'\]"
        ) as failed:
            run(code)
        assert f"{tree.guide}:3" in str(failed.value)
    finally:
        stop.set()


def test_block_that_leaves_a_task_is_named(run: Run, tree: SmallTree) -> None:
    code = (
        "import asyncio\n\n\nasync def forever():\n    await asyncio.Event().wait()\n\n\n"
        "async def main():\n    global left\n    left = asyncio.create_task(forever())\n"
        "    await asyncio.sleep(0)\n\n\nasyncio.run(main())\n"
    )
    with pytest.raises(pytest.fail.Exception, match=r"tasks still run .*forever") as failed:
        run(code)
    assert f"{tree.guide}:3" in str(failed.value)


def test_exchange_follows_from_what_a_block_and_its_neighbours_import(tree: SmallTree) -> None:
    tree.snippet("old", "import py_clob_client\n", folder="auth")
    tree.snippet("hello", "from old import client\n")
    tree.snippet("new", "import polymarket\n")
    assert exchange_of(tree.root, "snippets/library/hello.py") == 1
    assert exchange_of(tree.root, "snippets/library/new.py") == 2


def test_a_docstring_decides_on_which_exchange_a_block_runs(tree: SmallTree) -> None:
    tree.snippet("old", '"""Refused on exchange 2."""\nimport py_clob_client\n')
    tree.snippet("ids", '"""Position ids, on exchange 3."""\nimport polymarket\n')
    assert exchange_of(tree.root, "snippets/library/old.py") == 2
    assert exchange_of(tree.root, "snippets/library/ids.py") == 3


# The tests of the guides themselves, in a session of their own over a small tree

NEEDED = (
    "__init__.py",
    "conftest.py",
    *(f"skill/{name}.py" for name in ("__init__", "conftest", "test_blocks")),
    *(f"skill/{name}.py" for name in ("blocks", "checks", "fences", "guide", "neighbours")),
)


def session(tree: SmallTree, *options: str) -> subprocess.CompletedProcess[str]:
    for name in NEEDED:
        copy = tree.root / "tests" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text((ROOT / "tests" / name).read_text())
    if "--update-examples" not in options:
        checks.bundle(tree.root)
    (tree.root / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--import-mode=importlib", "tests/skill", *options],
        cwd=tree.root,
        capture_output=True,
        text=True,
        check=False,
    )


def test_session_names_every_fault_and_goes_on_after_a_failing_block(tree: SmallTree) -> None:
    """pytest-examples under Python 3.11 would end the session at the first of them."""
    tree.snippet("fails", "a = 0\n1 / a\n")
    tree.write(
        block("fails", "a = 0\n1 / a\n"),
        block("hello", 'print("stale")\n'),
        output("stale\n"),
        block("hello", CODE),
        output("other\n"),
    )
    ended = session(tree)
    assert f"in the block of {tree.guide}:3, at {tree.guide}:5" in ended.stdout
    assert f"{tree.guide}:8: not the text of snippets/library/hello.py" in ended.stdout
    assert f"{tree.guide}:21: shown is 'other\\n', printed is 'hello\\n'" in ended.stdout
    assert "blocks: 3 found, 3 run, 0 skipped" in ended.stdout
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED


def test_session_counts_a_block_that_only_a_reader_sees(tree: SmallTree) -> None:
    tree.write("<!--\n" + block("hello", CODE) + "-->\n", block("hello", CODE), output("hello\n"))
    ended = session(tree)
    assert "FAILED tests/skill/test_blocks.py::test_every_block_has_its_test" in ended.stdout
    assert "blocks: 2 found, 1 run, 1 skipped" in ended.stdout


def test_session_that_updates_makes_the_guide_true(tree: SmallTree) -> None:
    tree.snippet("two", "for n in range(9):\n    print(n)\n")
    tree.write(block("two", ""), output(""), block("hello", "old\n"), output("old\n"), "End.\n")
    updated = session(tree, "--update-examples")
    assert updated.returncode == 0, updated.stdout
    shown = [fence.text for fence in read(tree.guide).fences]
    assert shown[0] == "for n in range(9):\n    print(n)\n"
    assert shown[1] == "0\n1\n2\n3\n4\n5\n6\n7\n8\n"
    assert shown[2:] == [CODE, "hello\n"]
    assert tree.guide.read_text().endswith("```\n\nEnd.\n")
    assert list(checks.bundled(tree.root)) == []


def test_session_runs_a_script_that_is_only_linked(tree: SmallTree) -> None:
    part = tree.snippet("part", "1 / 0\n")
    tree.write(block("hello", CODE), output("hello\n"), "[`part.py`](../scripts/part.py)\n")
    ended = session(tree)
    assert "ZeroDivisionError" in ended.stdout
    assert "FAILED tests/skill/test_blocks.py::test_linked_script_runs_as_copied" in ended.stdout
    part.write_text("print(1)\n")
    assert session(tree).returncode == 0


def test_what_a_fence_runs_counts_as_coverage_of_its_snippet(tree: SmallTree) -> None:
    code = "import sys\n\nif len(sys.argv) < 0:\n    print(1)\n"
    tree.snippet("hello", code)
    tree.write(block("hello", code))
    report = tree.root / "coverage.json"
    ended = session(tree, "--cov=snippets", "--cov-branch", f"--cov-report=json:{report}")
    assert ended.returncode == 0, ended.stdout
    [(name, file)] = json.loads(report.read_text())["files"].items()
    assert name == "snippets/library/hello.py"
    assert file["executed_lines"] == [1, 3]
    assert file["missing_lines"] == [4]
    assert file["missing_branches"] == [[3, 4]]
