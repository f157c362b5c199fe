"""After the site is built: raw Markdown, llms.txt, the skills index, archives, what pages lack.

    python -m scripts.publish SITE_DIRECTORY SITE_URL

Everything is made from the sources and the same every time: archives carry no times and no owners.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import yaml

from scripts.mend_pages import mend_pages, title_and_summary
from scripts.show_scripts import show_scripts

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "skills"
SKILL = DOCS / "polymarket"
INDEX_SCHEMA = "https://schemas.agentskills.io/discovery/0.2.0/schema.json"
FIRST_ZIP_DAY = (1980, 1, 1, 0, 0, 0)


def version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def frontmatter() -> dict[str, str]:
    """Of SKILL.md."""
    _, head, _ = (SKILL / "SKILL.md").read_text().split("---\n", 2)
    return dict(yaml.safe_load(head))


def skill_files() -> list[Path]:
    found = (path for path in SKILL.rglob("*") if path.is_file())
    return sorted(path for path in found if "__pycache__" not in path.parts)


def tar_gz() -> bytes:
    """The skill with SKILL.md at its root."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in skill_files():
            entry = tarfile.TarInfo(path.relative_to(SKILL).as_posix())
            entry.size, entry.mode = path.stat().st_size, 0o644
            with path.open("rb") as content:
                archive.addfile(entry, content)
    packed = io.BytesIO()
    # Not gzip.compress: its header differs between versions of Python.
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as compressed:
        compressed.write(plain.getvalue())
    return packed.getvalue()


def zipped() -> bytes:
    """The skill inside a folder of its name, as an upload wants it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in skill_files():
            entry = zipfile.ZipInfo(path.relative_to(DOCS).as_posix(), FIRST_ZIP_DAY)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return out.getvalue()


def write_archives(folder: Path) -> None:
    """Both archives, and SHA256SUMS of everything in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"polymarket-skills-{version()}"
    (folder / f"{name}.tar.gz").write_bytes(tar_gz())
    (folder / f"{name}.zip").write_bytes(zipped())
    files = sorted(path for path in folder.iterdir() if path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines))


def llms_txt(site_url: str) -> str:
    """As llmstxt.org describes it: a heading, a summary, lists of links to Markdown."""
    lines = ["# Polymarket skills", "", f"> {frontmatter()['description']}", "", "## Guides", ""]
    for path in sorted(SKILL.rglob("*.md"), key=lambda p: (p.name != "SKILL.md", p)):
        title, summary = title_and_summary(path)
        url = site_url + path.relative_to(DOCS).as_posix()
        lines.append(f"- [{title}]({url})" + (f": {summary}" if summary else ""))
    return "\n".join(lines) + "\n"


def skills_index(site_url: str, archive: str, digest: str) -> str:
    """The discovery index, version 0.2.0."""
    skill = {
        "name": frontmatter()["name"],
        "type": "archive",
        "description": frontmatter()["description"],
        "url": f"{site_url}downloads/{archive}",
        "digest": f"sha256:{digest}",
    }
    return json.dumps({"$schema": INDEX_SCHEMA, "skills": [skill]}, indent=2) + "\n"


def publish(site: Path, site_url: str) -> None:
    """Write all of it into a built site. `site_url` ends with a slash."""
    for path in DOCS.rglob("*.md"):
        raw = site / path.relative_to(DOCS)
        raw.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, raw)
    downloads = site / "downloads"
    write_archives(downloads)
    (archive,) = downloads.glob("*.tar.gz")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (site / "llms.txt").write_text(llms_txt(site_url))
    index = site / ".well-known/agent-skills/index.json"
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text(skills_index(site_url, archive.name, digest))
    (site / "robots.txt").write_text(f"User-agent: *\nAllow: /\n\nSitemap: {site_url}sitemap.xml\n")
    show_scripts(site, SKILL / "scripts")
    mend_pages(DOCS, site)
    (site / ".nojekyll").touch()  # or GitHub Pages would leave .well-known out


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(str(__doc__))
    publish(Path(sys.argv[1]), sys.argv[2].rstrip("/") + "/")
