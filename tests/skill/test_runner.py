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
from tests.skill.blocks import BlockRunner, exchange_of
from tests.skill.conftest import ROOT
from tests.skill.small_tree import SmallTree, block

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


# A session of its own, with the two fences of a guide

SESSION = """
from pathlib import Path

import pytest

from tests.skill.blocks import BlockRunner
from tests.skill.guide import read

ROOT = Path(__file__).parent
BLOCKS = read(ROOT / "skills/polymarket/library/a.md").blocks


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.title)
def test_block(block, request, tmp_path):
    BlockRunner(ROOT, tmp_path, request).run_block(block)
"""


def session(tree: SmallTree, *options: str) -> subprocess.CompletedProcess[str]:
    (tree.root / "test_session.py").write_text(SESSION)
    (tree.root / "pytest.ini").write_text("[pytest]\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options],
        cwd=tree.root,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_failing_block_does_not_end_the_session(tree: SmallTree) -> None:
    """The pitfall of pytest-examples under Python 3.11: all after it would not run."""
    tree.write(block("hello", "a = 0\n1 / a\n"), block("hello", "pass\n"))
    ended = session(tree)
    assert "1 failed, 1 passed" in ended.stdout
    assert f"at {tree.guide}:5" in ended.stdout


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
