"""Every block of every guide: a copy of its snippet, and it runs as pasted."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_clob.pytest_plugin import MockClob
from tests.skill import checks
from tests.skill.blocks import BlockRunner, exchange_of
from tests.skill.conftest import BLOCKS_RUN, ROOT
from tests.skill.fences import Fence, guides, read, rewritten, with_output


@pytest.fixture
def updating(request: pytest.FixtureRequest) -> bool:
    if not request.config.getoption("update_examples"):
        return False
    if request.config.getoption("numprocesses", None):
        pytest.exit("--update-examples rewrites files: run it without -n", returncode=2)
    return True


@pytest.mark.parametrize("path", guides(ROOT / checks.SKILL), ids=lambda path: path.name)
def test_blocks_are_their_snippets(path: Path, updating: bool) -> None:
    guide = read(path)
    if updating and not guide.faults:
        path.write_text(rewritten(guide, ROOT))
    assert [fault for fault in checks.copies(ROOT) if fault.startswith(f"{path}:")] == []


def test_block_runs_as_pasted(
    block: Fence,
    mock_clob: MockClob,
    count_block: set[str],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    updating: bool,
) -> None:
    mock_clob.reset(exchange=exchange_of(ROOT, block.title))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", mock_clob.account(0).key)
    monkeypatch.setenv("POLYMARKET_FUNDER", mock_clob.account(0).address)
    for name in ("POLYGON_RPC_URL", "POLYMARKET_SIGNATURE_TYPE"):
        monkeypatch.delenv(name, raising=False)
    count_block.add(block.where)
    BlockRunner(ROOT, tmp_path, request).run_block(block)
    printed = capsys.readouterr().out
    guide = read(block.path)
    shown = next((f for f in guide.fences if f.output_of == block), None)
    if updating and shown:
        block.path.write_text(with_output(guide, shown, printed))
    elif shown is None:
        assert printed == "", f"{block.where}: prints, and no output is shown:\n{printed}"
    else:
        assert printed == shown.text, f"{shown.where}: the output shown is not what it prints"


def test_every_block_ran(request: pytest.FixtureRequest) -> None:
    """Holds when this file ran whole: the parser's count and the run's are the same."""
    run = request.config.stash.get(BLOCKS_RUN, set())
    found = {block.where for guide in checks.everything(ROOT) for block in guide.blocks}
    chosen = request.config.getoption("keyword") or any(
        "::" in argument for argument in request.config.args
    )
    if not chosen:
        assert found
        assert run == found
