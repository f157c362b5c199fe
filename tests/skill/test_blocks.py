"""Every block of every guide: a copy of its snippet that runs as pasted and prints what it says.

`pytest --update-examples` copies the snippets into the guides and into the skill's scripts, and
what they print into the output fences that are there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mock_clob.pytest_plugin import MockClob
from tests.skill import checks
from tests.skill.blocks import BlockRunner, as_block, exchange_of
from tests.skill.conftest import ROOT, blocks_found
from tests.skill.fences import Fence, rewritten, with_output
from tests.skill.guide import markdown_files, read


@pytest.fixture
def updating(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("update_examples"))


@pytest.fixture
def readers_machine(mock_clob: MockClob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, and the variables that a reader sets."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", mock_clob.account(0).key)
    monkeypatch.setenv("POLYMARKET_FUNDER", mock_clob.account(0).address)
    for optional in ("POLYGON_RPC_URL", "POLYMARKET_SIGNATURE_TYPE"):
        monkeypatch.delenv(optional, raising=False)
    return tmp_path


@pytest.mark.parametrize(
    "path",
    markdown_files(ROOT / checks.SKILL),
    ids=lambda path: str(path.relative_to(ROOT / checks.SKILL)),
)
def test_blocks_are_their_snippets(path: Path, updating: bool) -> None:
    guide = read(path)
    checks.expect_none(guide.faults)
    if updating:
        path.write_bytes(rewritten(guide.lines, guide.blocks, ROOT).encode())
    checks.expect_none(checks.copies(ROOT, read(path)))


def test_skill_carries_every_snippet(updating: bool) -> None:
    if updating:
        checks.bundle(ROOT)
    checks.expect_none(checks.bundled(ROOT))


@pytest.fixture
def run_as_pasted(
    mock_clob: MockClob,
    readers_machine: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[Fence], str]:
    """Runs a block in an empty folder on the exchange it is for; gives what it prints."""

    def run(block: Fence) -> str:
        mock_clob.reset(exchange=exchange_of(ROOT, block.title))
        if "REDIS_URL" in block.text:
            monkeypatch.setenv("REDIS_URL", request.getfixturevalue("redis_server").url)
        BlockRunner(ROOT, readers_machine, request).run_block(block)
        return capsys.readouterr().out

    return run


def test_block_runs_as_pasted(
    block: Fence, run_as_pasted: Callable[[Fence], str], blocks_run: set[str], updating: bool
) -> None:
    blocks_run.add(block.where)
    printed = run_as_pasted(block)
    guide = read(block.path)
    shown = guide.output(block)
    if shown and updating:
        block.path.write_bytes(with_output(guide.lines, shown, printed).encode())
    checks.expect_none(checks.prints(read(block.path), block, printed))


@pytest.mark.parametrize("source", checks.linked(ROOT), ids=lambda path: path.name)
def test_linked_script_runs_as_copied(source: Path, run_as_pasted: Callable[[Fence], str]) -> None:
    run_as_pasted(as_block(ROOT / checks.SCRIPTS / source.name, source))


def test_every_block_has_its_test(request: pytest.FixtureRequest) -> None:
    """The raw text, the parser and the tests of a whole run agree on how many blocks there are."""
    parsed = sum(len(guide.blocks) for guide in checks.everything(ROOT))
    assert blocks_found() == parsed > 0
    runs = [item for item in request.session.items if "block" in getattr(item, "fixturenames", ())]
    assert len(runs) == parsed or request.config.getoption("keyword") or _one_is_chosen(request)


def _one_is_chosen(request: pytest.FixtureRequest) -> bool:
    return any("::" in argument for argument in request.config.args)
