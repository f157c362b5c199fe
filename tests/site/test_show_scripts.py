"""A page of the site ends with the files that it links."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from scripts.show_scripts import linked_scripts, with_scripts
from tests.skill.conftest import ROOT

SOURCE = 'if 1 < 2:\n    print("a & b")\n'


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    (tmp_path / "part.py").write_text(SOURCE)
    return tmp_path


def page(*links: str) -> str:
    return "<article>" + "".join(f'<a href="{link}">x</a>' for link in links) + "</article></html>"


def test_page_ends_with_the_text_of_each_linked_file_once(scripts: Path) -> None:
    linked = page("../../scripts/part.py", "../scripts/part.py", "../other/", "https://a/part.py")
    assert linked_scripts(linked) == ["part.py"]
    shown = with_scripts(linked, scripts)
    assert shown.endswith("</article></html>")
    [code] = re.findall(r"<code>(.*?)</code>", shown, re.DOTALL)
    assert html.unescape(re.sub(r"<[^>]+>", "", code)) == SOURCE


def test_page_without_links_to_files_stays(scripts: Path) -> None:
    assert with_scripts(page("../other/"), scripts) == page("../other/")


def test_link_to_no_file_and_page_without_an_end_are_errors(scripts: Path) -> None:
    with pytest.raises(FileNotFoundError):
        with_scripts(page("../scripts/gone.py"), scripts)
    with pytest.raises(ValueError, match="one </article>, not 0"):
        with_scripts('<a href="../scripts/part.py">', scripts)


def test_site_shows_every_linked_file_on_its_page(site: Path) -> None:
    page = (site / "polymarket/real-time/market-channel/index.html").read_text()
    assert linked_scripts(page) == ["live_book.py"]
    shown = html.unescape(re.sub(r"<[^>]+>", "", page[page.index('id="file-live_book"') :]))
    source = (ROOT / "snippets/real-time/live_book.py").read_text()
    assert source in shown
