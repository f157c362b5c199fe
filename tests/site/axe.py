"""axe-core on the page that is open: WCAG 2.0 and 2.1, levels A and AA, and its best practices."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
STRUCTURE = {"runOnly": TAGS, "rules": {rule: {"enabled": False} for rule in COLOURS}}
RUN = """async ([options, elements]) => {
    const {violations} = await axe.run(elements ? {include: elements} : document,
        {...options, resultTypes: ["violations"], preload: false});
    return violations.flatMap(({id, nodes}) =>
        nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}"""
# A page has thousands of coloured words in some twenty looks, and axe is slow: one of each look.
LOOKS = """() => {
    const hasText = (element) =>
        [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const background = (element) => {
        const colour = element && getComputedStyle(element).backgroundColor;
        return colour === "rgba(0, 0, 0, 0)" ? background(element.parentElement) : colour;
    };
    const look = (element) => {
        const [style, link] = [getComputedStyle(element), element.closest("a")];
        const around = link && getComputedStyle(link.parentElement).color;
        return [style.color, background(element), style.fontSize, style.fontWeight,
            link && getComputedStyle(link).textDecoration, around].join("|");
    };
    const found = new Map();
    for (const element of document.body.querySelectorAll("*"))
        if (hasText(element) && element.checkVisibility()) found.set(look(element), element);
    return [...found.values()];
}"""

PLAIN_CODE = """() => {
    for (const code of document.querySelectorAll("pre code")) code.textContent = code.textContent;
}"""


def colours(page: Page) -> list[str]:
    """Text and links that cannot be told from what is around them, one line each."""
    return _run(page, {"runOnly": COLOURS}, page.evaluate_handle(LOOKS))


def structure(page: Page) -> list[str]:
    """Whatever else axe finds. Afterwards code has no colours: they have no structure to judge."""
    page.evaluate(PLAIN_CODE)
    return _run(page, STRUCTURE, None)


def _run(page: Page, options: dict[str, Any], elements: object) -> list[str]:
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_source())
    found: list[str] = page.evaluate(RUN, [options, elements])
    return found


@functools.cache
def _source() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
