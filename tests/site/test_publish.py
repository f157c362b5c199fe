"""What machines read: raw Markdown, llms.txt, the skills index, archives. Every digest and link."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from scripts import publish
from tests.site.make_site import DOCS, SITE_URL

SKILL = DOCS / "polymarket"


def behind(url: str, site: Path) -> Path:
    """The file that this address of the site serves."""
    assert url.startswith(SITE_URL), url
    path = site / unquote(url.removeprefix(SITE_URL))
    return path / "index.html" if url.endswith("/") else path


def skill_by_path() -> dict[str, bytes]:
    files = [path for path in SKILL.rglob("*") if path.is_file()]
    assert files
    return {path.relative_to(SKILL).as_posix(): path.read_bytes() for path in files}


def test_every_guide_is_served_raw_byte_for_byte(site: Path) -> None:
    guides = list(DOCS.rglob("*.md"))
    assert len(guides) > 5
    for guide in guides:
        assert (site / guide.relative_to(DOCS)).read_bytes() == guide.read_bytes()


def test_llms_txt_lists_every_guide_of_the_skill_once_and_each_link_is_served(site: Path) -> None:
    text = (site / "llms.txt").read_text()
    assert text.startswith("# Polymarket skills\n\n> Build on Polymarket")
    links = re.findall(r"^- \[[^\]]+\]\((\S+)\)", text, re.MULTILINE)
    assert len(links) == len(set(links)) == len(list(SKILL.rglob("*.md")))
    assert all(behind(link, site).is_file() for link in links)
    assert links[0].endswith("polymarket/SKILL.md")


def test_the_index_names_an_archive_that_has_its_digest(site: Path) -> None:
    index = json.loads((site / ".well-known/agent-skills/index.json").read_text())
    assert index["$schema"] == "https://schemas.agentskills.io/discovery/0.2.0/schema.json"
    (skill,) = index["skills"]
    assert (skill["name"], skill["type"]) == ("polymarket", "archive")
    content = behind(skill["url"], site).read_bytes()
    assert skill["digest"] == "sha256:" + hashlib.sha256(content).hexdigest()


def test_archives_hold_the_skill_and_nothing_else(site: Path) -> None:
    name = f"polymarket-skills-{publish.version()}"
    with tarfile.open(site / f"downloads/{name}.tar.gz") as archive:
        entries = {m.name: archive.extractfile(m) for m in archive.getmembers()}
        unpacked = {path: content.read() for path, content in entries.items() if content}
    assert unpacked == skill_by_path()
    with zipfile.ZipFile(site / f"downloads/{name}.zip") as archive_zip:
        unzipped = {path: archive_zip.read(path) for path in archive_zip.namelist()}
    assert unzipped == {f"polymarket/{path}": body for path, body in skill_by_path().items()}


def test_checksums_are_those_of_the_archives(site: Path) -> None:
    lines = (site / "downloads/SHA256SUMS").read_text().splitlines()
    assert len(lines) == 2
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((site / "downloads" / name).read_bytes()).hexdigest() == digest


def test_archives_are_the_same_every_time() -> None:
    assert publish.tar_gz() == publish.tar_gz()
    assert publish.zipped() == publish.zipped()
    with tarfile.open(fileobj=io.BytesIO(publish.tar_gz())) as archive:
        assert {(m.mtime, m.uid, m.gid, m.uname) for m in archive.getmembers()} == {(0, 0, 0, "")}


def test_the_sitemap_lists_pages_that_are_served(site: Path) -> None:
    tree = ElementTree.parse(site / "sitemap.xml")
    pages = [
        loc.text or "" for loc in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    ]
    assert len(pages) == len(list(DOCS.rglob("*.md")))
    assert all(behind(page, site).is_file() for page in pages)


def test_robots_txt_allows_all_and_names_the_sitemap(site: Path) -> None:
    robots = (site / "robots.txt").read_text()
    assert robots == f"User-agent: *\nAllow: /\n\nSitemap: {SITE_URL}sitemap.xml\n"


def test_the_version_is_the_same_everywhere() -> None:
    marketplace = json.loads((publish.ROOT / ".claude-plugin/marketplace.json").read_text())
    named = {publish.version(), str(publish.frontmatter()["metadata"]["version"])}  # type: ignore[index]
    named |= {plugin["version"] for plugin in marketplace["plugins"]}
    assert len(named) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\n\nFirst,\nand more.\n\nSecond.\n", ("A", "First, and more.")),
        ("---\nname: x\n---\n\n# B\n\n| a |\n", ("B", "")),
    ],
)
def test_a_summary_is_the_first_paragraph_if_there_is_one(
    text: str, expected: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "page.md").write_text(text)
    assert publish.title_and_summary(tmp_path / "page.md") == expected
