"""The guide to the mocked venue: its tests pass, here and in a project of somebody else's."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import httpx
import pytest
from test_tiny_bot import (  # noqa: F401 - collected here, where they are counted
    client,
    test_a_bid_that_would_take_is_refused,
    test_a_lost_reply_makes_no_second_order,
    test_a_purchase_settles_on_the_chain,
    test_both_ways_from_one_moment,
    test_one_bid_is_kept,
    test_the_bid_is_back_after_a_restart,
)

from mock_clob.pytest_plugin import MockClob

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "skills" / "polymarket" / "testing" / "mock-venue.md"
SNIPPETS = ROOT / "snippets" / "testing"


def test_the_tests_run_in_another_project(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in SNIPPETS.glob("*.py"):
        shutil.copy(file, pytester.path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(pytester.path)]))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    result = pytester.runpytest_subprocess("-p", "mock_clob.pytest_plugin", "test_tiny_bot.py")
    result.assert_outcomes(passed=6)


@pytest.mark.parametrize("change", ["size=Decimal(size), post_only=True", 'order.side == "BUY"'])
def test_the_tests_notice_a_broken_bot(
    change: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(SNIPPETS / "test_tiny_bot.py", pytester.path)
    broken = {"size=Decimal(size), post_only=True": "size=Decimal(size)"}.get(change, "False")
    bot = (SNIPPETS / "tiny_bot.py").read_text()
    assert bot.count(change) == 1
    (pytester.path / "tiny_bot.py").write_text(bot.replace(change, broken))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(pytester.path)]))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    result = pytester.runpytest_subprocess("-p", "mock_clob.pytest_plugin", "test_tiny_bot.py")
    assert result.parseoutcomes()["failed"] >= 1


def test_every_control_that_the_guide_names_is_there(mock_clob: MockClob) -> None:
    page = httpx.get(f"{mock_clob.url}/__mock/").text
    named = {word.strip("`'\"|,") for word in GUIDE.read_text().split() if "/__mock/" in word}
    paths = {word[word.index("/__mock/") :] for word in named}
    assert len(paths) >= 8
    for path in paths:
        assert f" {path}" in page, path
