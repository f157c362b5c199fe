"""Runs the text of a block as a reader would: as __main__, with its neighbours beside it."""

from __future__ import annotations

import ast
import asyncio
import importlib
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch

import pytest
from pytest_examples import CodeExample, EvalExample, run_code

from mock_clob.run import ON_EXCHANGE
from tests.skill.fences import Fence
from tests.skill.neighbours import imports, with_neighbours

# Under Python 3.11, pytest-examples 0.0.18 ends the whole session when a block fails: it makes a
# traceback with co_lnotab where co_linetable is wanted. The Markdown line is in a note instead.
vars(run_code)["create_example_traceback"] = lambda *_: None

THREAD_SECONDS = 2.0  # for a thread that is about to end


class _FenceLoader(SourceFileLoader):
    """Compiles the text of a fence under the path of its snippet, so that coverage counts it."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__("__main__", str(path))
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = self.source_to_code(self._text.encode(), self.path)
        return code


class BlockRunner(EvalExample):
    """pytest-examples' EvalExample with the loader above."""

    def __init__(self, root: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
        super().__init__(tmp_path=tmp_path, pytest_request=request)
        self.root = root

    def run_block(self, block: Fence) -> None:
        """Run it. Raises what the block raises, with the Markdown line in a note.

        Fails when the block leaves a thread or an asyncio task behind.
        """
        self._block = block
        example = CodeExample.create(
            block.text, path=block.path, start_line=block.line, prefix=block.info
        )
        threads = set(threading.enumerate())
        with _neighbours(self.root), _tasks_left_behind() as tasks:
            try:
                self.run(example, rewrite_assertions=False)
            except SystemExit as end:
                if end.code not in (None, 0):
                    pytest.fail(f"{block.where}: the block exits with {end.code!r}")
            except BaseException as error:
                error.add_note(f"in the block of {block.where}, at {self._at(error)}")
                raise
        if tasks:
            pytest.fail(f"{block.where}: tasks still run at the end: {tasks}", pytrace=False)
        if left := _still_alive(threads):
            pytest.fail(f"{block.where}: threads still run at the end: {left}", pytrace=False)

    def _run(
        self,
        example: CodeExample,
        insert_print_statements: object,
        module_globals: dict[str, Any] | None,
        rewrite_assertions: bool,
        call: str | None,
    ) -> Any:
        path = self.root / self._block.title
        return run_code.run_code(
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

    def _at(self, error: BaseException) -> str:
        """The line of the guide where an error left the block."""
        block, line = self._block, self._block.line
        name = str(self.root / block.title)
        trace = error.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename == name:
                line = block.line + trace.tb_lineno
            trace = trace.tb_next
        if isinstance(error, SyntaxError) and error.filename == name:
            line = block.line + (error.lineno or 0)
        return f"{block.path}:{line}"


def as_block(script: Path, source: Path) -> Fence:
    """A script of the skill as the block that a reader who copies the file runs."""
    title = f"{source.parent.parent.name}/{source.parent.name}/{source.name}"
    info = f'python title="{title}"'
    return Fence(script, 0, 0, "", info, script.read_bytes().decode())


def exchange_of(root: Path, title: str) -> int:
    """The exchange a block runs on: the one that its first docstring names as "on exchange N".

    Otherwise 1 where it or a neighbour it imports is py_clob_client's, and else 2.
    """
    docstring = ast.get_docstring(ast.parse((root / title).read_text())) or ""
    if named := ON_EXCHANGE.search(docstring):
        return int(named[1])
    used = with_neighbours(root, [root / title])
    return 1 if any("py_clob_client" in imports(path) for path in used) else 2


@contextmanager
def _neighbours(root: Path) -> Iterator[None]:
    """Snippets importable by plain name, each anew. Afterwards the interpreter is as before."""
    snippets = list((root / "snippets").glob("*/*.py"))
    names = {path.stem for path in snippets}
    main, path = sys.modules["__main__"], list(sys.path)
    kept = {name: sys.modules.pop(name) for name in names & sys.modules.keys()}
    sys.path[:0] = sorted({str(path.parent) for path in snippets})
    importlib.invalidate_caches()
    try:
        with patch.dict(os.environ):
            yield
    finally:
        for name in names & sys.modules.keys():
            del sys.modules[name]
        sys.modules.update(kept)
        sys.modules["__main__"], sys.path[:] = main, path


@contextmanager
def _tasks_left_behind() -> Iterator[list[str]]:
    """The names of tasks that asyncio.run had to cancel because the block did not wait for them."""
    names: list[str] = []
    close = asyncio.Runner.close

    def noting_close(runner: asyncio.Runner) -> None:
        names.extend(str(task.get_coro()) for task in asyncio.all_tasks(runner.get_loop()))
        close(runner)

    with patch.object(asyncio.Runner, "close", noting_close):
        yield names


def _still_alive(before: set[threading.Thread]) -> list[str]:
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(THREAD_SECONDS)
    return [thread.name for thread in left if thread.is_alive()]
