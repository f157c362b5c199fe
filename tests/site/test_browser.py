"""What a reader meets: pages that load, search that finds, buttons that copy, on any device."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.site import axe
from tests.site.browser import Watched, chromium, paths, served
from tests.skill import checks
from tests.skill.conftest import ROOT
from tests.skill.guide import read

SCRIPTS = ROOT / checks.SKILL / "scripts"
LONGEST = "polymarket/library/production-patterns/"
DARK = "__palette_1"
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
TELEPHONE: ViewportSize = {"width": 390, "height": 844}
MOST_BYTES = 1_000_000  # of a page with its styles and scripts, not packed


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def address(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(site, tmp_path_factory.mktemp("host")) as url:
        yield url


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[Watched]:
    """A page of a desktop; afterwards nothing may have gone wrong in it."""
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        watched = Watched(context.new_page(), address)
        yield watched
        checks.expect_none(watched.faults)


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


# Every page


@dataclass
class Visit:
    """What one page looked like: on a desktop, light and dark, and on a telephone."""

    path: str
    html: Path
    headings: int
    title: str
    language: str | None
    raw: bytes
    weight: int
    telephone_width: int
    violations: list[str]


@pytest.fixture(scope="module")
def visits(browser: Browser, address: str, site: Path) -> list[Visit]:
    with browser.new_context() as context:
        watched = Watched(context.new_page(), address)
        made = [visit(watched, path, site) for path in paths(site)]
        checks.expect_none(watched.faults)
    return made


def visit(watched: Watched, path: str, site: Path) -> Visit:
    page = watched.page
    watched.resize(DESKTOP)
    watched.open(path)
    weight = watched.bytes
    link = page.get_by_role("link", name="This page as Markdown")
    href = link.get_attribute("href") or ""
    page.add_style_tag(content="* { transition: none !important }")  # colours change at once
    violations = [f"{path}: {each}" for each in axe.colours(page)]
    page.evaluate("document.body.setAttribute('data-md-color-scheme', 'slate')")
    violations += [f"{path}, dark: {each}" for each in [*axe.colours(page), *axe.structure(page)]]
    watched.resize(TELEPHONE)
    violations += [f"{path}, telephone: {each}" for each in axe.structure(page)]
    return Visit(
        path,
        site / path / "index.html",
        page.locator("h1").count(),
        page.title(),
        page.locator("html").get_attribute("lang"),
        page.request.get(urljoin(page.url, href)).body(),
        weight,
        page.evaluate("document.documentElement.scrollWidth"),
        violations,
    )


def test_every_page_loads_with_all_that_belongs_to_it(visits: list[Visit]) -> None:
    """The fixture has seen no error in a console, no failed request and none to another host."""
    assert len(visits) > 40
    for visit in visits:
        assert visit.headings == 1, visit.path
        assert visit.title, visit.path
        assert visit.language == "en", visit.path


def test_every_page_describes_itself(visits: list[Visit]) -> None:
    found = []
    for visit in visits:
        text = visit.html.read_text()
        described = re.findall(r'<meta name="description" content="([^"]*)"', text)
        assert len(described) == 1, visit.path
        assert 20 <= len(html.unescape(described[0])) <= 160, visit.path
        assert 'rel="canonical"' in text, visit.path
        found += described
    assert len(set(found)) == len(found)


def test_every_page_leads_to_its_own_markdown(visits: list[Visit]) -> None:
    for visit in visits:
        source = ROOT / "skills" / (visit.path.rstrip("/") or "index")
        known = [source.with_suffix(".md"), source / "README.md"]
        assert visit.raw in [each.read_bytes() for each in known if each.exists()], visit.path


def test_every_page_can_be_read_by_everybody(visits: list[Visit]) -> None:
    checks.expect_none(fault for visit in visits for fault in visit.violations)


def test_no_page_is_wider_than_a_telephone(visits: list[Visit]) -> None:
    wide = {v.path: v.telephone_width for v in visits if v.telephone_width > TELEPHONE["width"]}
    assert wide == {}


def test_pages_are_light(visits: list[Visit], capsys: pytest.CaptureFixture[str]) -> None:
    """Styles and scripts count with the first page only: later ones have them."""
    heaviest = sorted(visits, key=lambda visit: -visit.weight)[:5]
    with capsys.disabled():
        for visit in heaviest:
            print(f"\n{visit.weight / 1000:>8,.0f} kB  {visit.path or 'start page'}", end="")
    assert heaviest[0].weight < MOST_BYTES


def test_what_goes_wrong_in_a_page_is_noticed(browser: Browser, address: str) -> None:
    broken = """<!doctype html><meta charset=utf-8><div style="width: 900px">wide</div>
        <p style="color: #ccc; background: #fff">pale <a style="color: #bbb">x</a></p>
        <img src="gone.png"><script src="https://unpkg.com/mermaid"></script>
        <script>console.warn("old"); throw new Error("thrown")</script>
        <script>fetch("search/search_index.json")</script>"""
    with browser.new_context(viewport=TELEPHONE) as context:
        watched = Watched(context.new_page(), address)
        watched.page.route(
            address, lambda route: route.fulfill(body=broken, content_type="text/html")
        )
        watched.open("")
        found = " ".join(watched.faults)
        assert watched.page.evaluate("document.documentElement.scrollWidth") > TELEPHONE["width"]
        pale, unnamed = axe.colours(watched.page), axe.structure(watched.page)
    for fault in ("404: ", "gone.png", "asks another host: https://unpkg", "old", "thrown"):
        assert fault in found
    assert "color-contrast" in " ".join(pale)
    assert {each.split(":")[0] for each in unnamed} >= {"image-alt", "html-has-lang"}


# What a reader does


@pytest.mark.parametrize("word", ["RateLimiter", "order_version_mismatch", "BalanceTracker"])
def test_search_finds(watched: Watched, page: Page, word: str) -> None:
    watched.open("")
    page.keyboard.press("/")
    page.locator("input.md-search__input").type(word)
    first = page.locator(".md-search-result__item a").first
    first.wait_for()
    assert word in page.locator(".md-search-result__list").inner_text()
    first.click()
    page.wait_for_url(re.compile(r"/polymarket/"))
    assert word in page.locator("article").inner_text()


def test_the_keyboard_is_enough(watched: Watched, page: Page) -> None:
    watched.open("polymarket/library/rate-limiting/")
    page.keyboard.press("Tab")
    expect(page.locator("a.md-skip")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("input.md-search__input")).to_be_focused()
    expect(page.locator("#__search")).to_be_checked()  # it opens a moment after it has the focus
    page.keyboard.press("Escape")
    expect(page.locator("#__search")).not_to_be_checked()


def test_light_and_dark_can_be_chosen(watched: Watched, page: Page) -> None:
    watched.open("")
    assert page.locator("body").get_attribute("data-md-color-scheme") == "default"
    page.locator(f"label[for={DARK}]").click()
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
    watched.open(LONGEST)
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"


def copied(page: Page, button: int) -> str:
    page.evaluate("navigator.clipboard.writeText('nothing')")
    page.locator("article .md-code__button[data-md-type=copy]").nth(button).click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text !== 'nothing')")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_copy_copies_each_file_whole(watched: Watched, page: Page, site: Path) -> None:
    """What a guide shows, and what it links and the site shows folded."""
    blocks = scripts = 0
    for path in paths(site):
        source = ROOT / "skills" / ((path.rstrip("/") or "index") + ".md")
        if not source.exists():
            continue  # the README of a module shows no code
        wanted = [f.text for f in read(source).fences]
        watched.open(path)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        names = page.locator("details summary").all_inner_texts()
        folded = [(SCRIPTS / name).read_text() for name in names]
        buttons = page.locator("article .md-code__button[data-md-type=copy]").count()
        assert buttons == len(wanted) + len(folded), path
        for number, text in enumerate([*wanted, *folded]):
            assert copied(page, number) == text, f"{path}: block {number}"
        blocks += len(wanted)
        scripts += len(folded)
    assert blocks > 80
    assert scripts > 50
