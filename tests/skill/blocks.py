"""Runs the text of a block as a reader would: as __main__, with its neighbours beside it."""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest
import pytest_examples.run_code
from pytest_examples import CodeExample, EvalExample
from pytest_examples.run_code import run_code

from tests.skill.fences import Fence

# pytest-examples 0.0.18 ends the whole session on a failing block under Python 3.11 (it hands
# co_lnotab to a code object that wants co_linetable). We name the Markdown line ourselves.
pytest_examples.run_code.create_example_traceback = lambda *_: None  # type: ignore[assignment]


class _FenceLoader(SourceFileLoader):
    """Compiles the text of a fence under the name of its snippet, so that coverage counts it."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__("__main__", str(path))
        self._text = text

    def get_data(self, path: str | bytes) -> bytes:
        return self._text.encode()

    def get_code(self, fullname: str) -> Any:
        return self.source_to_code(self._text, self.path)  # never a cached .pyc


class BlockRunner(EvalExample):
    """pytest-examples' EvalExample with the loader above."""

    def __init__(self, root: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
        super().__init__(tmp_path=tmp_path, pytest_request=request)
        self.root = root

    def run_block(self, block: Fence) -> None:
        """Run it. Raises what the block raises, with the Markdown line in a note."""
        self._block = block
        example = CodeExample.create(
            block.text, path=block.path, start_line=block.line, prefix=block.info
        )
        before = set(threading.enumerate())
        with _neighbours(self.root):
            try:
                self.run(example, rewrite_assertions=False)
            except BaseException as error:
                error.add_note(f"in the block of {block.where}, at {self._at(error, block)}")
                raise
        left = [t.name for t in threading.enumerate() if t not in before and not t.daemon]
        if left:
            pytest.fail(f"{block.where}: the block leaves threads running: {left}", pytrace=False)

    def _run(  # type: ignore[no-untyped-def]
        self, example, insert_print_statements, module_globals, rewrite_assertions, call
    ):
        path = self.root / self._block.title
        return run_code(
            example=example,
            python_file=path,
            loader=_FenceLoader(path, example.source),
            config=self.config,
            enable_print_mock=False,
            print_callback=None,
            include_print=None,
            module_globals=module_globals,
            call=call,
        )

    def _at(self, error: BaseException, block: Fence) -> str:
        lines = [block.line]
        trace = error.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename == str(self.root / block.title):
                lines.append(block.line + trace.tb_lineno)
            trace = trace.tb_next
        if isinstance(error, SyntaxError) and error.lineno:
            lines.append(block.line + error.lineno)
        return f"{block.path}:{lines[-1]}"


def exchange_of(root: Path, title: str) -> int:
    """The exchange a block runs on: 1 where it or a neighbour it imports is py_clob_client's."""
    seen: set[str] = set()
    waiting = [root / title]
    while waiting:
        names = _imports(waiting.pop())
        if "py_clob_client" in names:
            return 1
        for name in names - seen:
            waiting += list((root / "snippets").glob(f"*/{name}.py"))
        seen |= names
    return 2


@contextmanager
def _neighbours(root: Path) -> Iterator[None]:
    """Snippets importable by plain name, each anew; __main__ and sys.path as before afterwards."""
    folders = [str(folder) for folder in sorted((root / "snippets").iterdir())]
    names = {path.stem for path in (root / "snippets").glob("*/*.py")}
    main, path = sys.modules["__main__"], list(sys.path)
    sys.path[:0] = folders
    kept = {name: sys.modules.pop(name) for name in names & sys.modules.keys()}
    try:
        yield
    finally:
        for name in names & sys.modules.keys():
            del sys.modules[name]
        sys.modules.update(kept)
        sys.modules["__main__"], sys.path[:] = main, path


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names
