"""The built site in a real Chromium, served from this computer."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from playwright.sync_api import Browser, Page, Request, Response, ViewportSize, sync_playwright

from tests.site.make_site import SITE_URL
from tests.skill.conftest import ROOT

TOOLS = ROOT / ".tools"
# No name resolves, not even for what the browser itself would ask.
NO_OTHER_HOST = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
INDEX = "search/search_index.json"  # what a page fetches last
NEXT_FRAME = "() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str:
    """The program. Raises RuntimeError when there is none."""
    path = os.pathsep.join([str(TOOLS), os.environ.get("PATH", "")])
    for name in NAMES:
        if program := shutil.which(name, path=path):
            return program
    raise RuntimeError("no Chromium: install one, or run `make .tools/chromium` as root on Debian")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(site: Path, host: Path) -> Iterator[str]:
    """The address at which the site is, with a slash at its end; `host` is an empty folder.

    It lies below a path, as a project's page does: a link to the root of the host fails.
    """
    path = urlsplit(SITE_URL).path.strip("/")
    (host / path).symlink_to(site)
    handler = partial(_Quiet, directory=str(host))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/{path}/"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # As root it has no sandbox; what it opens is the site of this tree and nothing else.
        options = ["--no-sandbox", NO_OTHER_HOST]
        browser = playwright.chromium.launch(executable_path=find(), args=options)
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page and all that went wrong in it: console errors, failed or foreign requests."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.faults: list[str] = []
        self.bytes = 0
        page.on("console", lambda m: self._fault(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda error: self._fault(str(error)))
        page.on("requestfailed", lambda request: self._fault(f"failed: {request.url}"))
        page.on("request", lambda request: self._foreign(request.url))
        page.on("response", self._answered)
        page.on("requestfinished", lambda request: self._weigh(request))

    def open(self, path: str) -> None:
        """Until it has all that it fetches: nothing is weighed, or cut off, with the next page."""
        self.bytes = 0
        index = self.address + INDEX
        with self.page.expect_event("requestfinished", lambda request: request.url == index):
            self.page.goto(self.address + path)

    def resize(self, size: ViewportSize) -> None:
        """Until the page's own answer to it is on the screen."""
        self.page.set_viewport_size(size)
        self.page.evaluate(NEXT_FRAME)

    def _fault(self, text: str) -> None:
        self.faults.append(f"{self.page.url.removeprefix(self.address) or '/'}: {text}")

    def _answered(self, reply: Response) -> None:
        if reply.status >= 400:
            self._fault(f"{reply.status}: {reply.url}")

    def _foreign(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self._fault(f"asks another host: {url}")

    def _weigh(self, request: Request) -> None:
        self.bytes += request.sizes()["responseBodySize"]


def paths(site: Path) -> list[str]:
    """Every page of the sitemap, as a path of the site; "" is the start page."""
    tree = ElementTree.parse(site / "sitemap.xml")
    found = [element.text or "" for element in tree.iter() if element.tag.endswith("loc")]
    return sorted(url.removeprefix(SITE_URL) for url in found)
