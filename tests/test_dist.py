"""`make dist`: the same bytes from two checkouts, nothing stray, and what it makes works alone."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from scripts.publish import version
from tests.skill.conftest import ROOT
from tests.skill.guide import read

FOLDERS = ("mock_clob", "scripts", "skills")
FILES = ("pyproject.toml", "uv.lock", "README.md", "CHANGELOG.md", "LICENSE", ".gitignore")
UV = shutil.which("uv") or str(ROOT / ".tools/uv/bin/uv")
ARCHIVE, PACKAGE = f"polymarket-skills-{version()}", f"polymarket_skills-{version()}"
WHEEL = f"{PACKAGE}-py3-none-any.whl"


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What it prints. Fails the test with what it says when it fails."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def make_dist(checkout: Path, mode: int, mtime: int) -> Path:
    """What `make dist` makes of a copy whose files all have this mode and this time."""
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, checkout / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, checkout)
    for path in checkout.rglob("*"):
        if path.is_file():
            path.chmod(mode)
            os.utime(path, (mtime, mtime))
    (checkout / ".venv").mkdir()
    (checkout / ".venv/ready").write_text("the last file: nothing has to be installed")
    tools = f"RUN={Path(sys.executable).parent}/"
    run("make", "-f", ROOT / "Makefile", "dist", tools, f"UV={UV}", cwd=checkout)
    return checkout / "dist"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dist(tmp_path_factory.mktemp("one"), 0o644, 1_700_000_000)


def test_two_checkouts_make_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    other = make_dist(tmp_path / "another", 0o600, 1_600_000_000)
    assert [path.name for path in sorted(other.iterdir())] == [
        "SHA256SUMS",
        f"{ARCHIVE}.tar.gz",
        f"{ARCHIVE}.zip",
        WHEEL,
        f"{PACKAGE}.tar.gz",
    ]
    for path in other.iterdir():
        assert path.read_bytes() == (dist / path.name).read_bytes(), path.name


def test_archive_says_nothing_of_who_packed_it(dist: Path) -> None:
    """Deflated, no name, no time, best compression, unknown system: any Python writes this."""
    header = (dist / f"{ARCHIVE}.tar.gz").read_bytes()[:10]
    assert header == bytes.fromhex("1f8b 08 00 00000000 02 ff")


def test_checksums_are_those_of_every_other_file(dist: Path) -> None:
    files = sorted(path for path in dist.iterdir() if path.name != "SHA256SUMS")
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    expected = [f"{digest}  {path.name}" for digest, path in zip(digests, files, strict=True)]
    assert (dist / "SHA256SUMS").read_text().splitlines() == expected


def stray(names: list[str]) -> list[str]:
    """What a wheel of the mocked venue has no use for."""
    wanted = {".py", ".json", ".vy", ".vyi", ".typed"}
    ours = [name for name in names if ".dist-info/" not in name]
    return [
        name
        for name in ours
        if not name.startswith("mock_clob/") or PurePosixPath("x" + name).suffix not in wanted
    ]


def test_wheel_holds_the_whole_venue_and_nothing_else(dist: Path) -> None:
    with zipfile.ZipFile(dist / WHEEL) as wheel:
        names = wheel.namelist()
    assert stray(names) == []
    sources = [path for path in (ROOT / "mock_clob").rglob("*") if path.is_file()]
    kept = {path.relative_to(ROOT).as_posix() for path in sources if path.suffix != ".pyc"}
    assert {name for name in names if ".dist-info/" not in name} == kept
    assert {"mock_clob/py.typed", "mock_clob/chain/contracts/Exchange.json"} <= kept


def test_stray_files_are_noticed() -> None:
    loose = ["tests/test_a.py", "mock_clob/notes.txt", "mock_clob/.env"]
    assert stray(["mock_clob/a.py", *loose]) == loose


def test_sdist_makes_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(dist / f"{PACKAGE}.tar.gz", tmp_path)
    source = tmp_path / PACKAGE
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist", cwd=source)
    assert (source / "dist" / WHEEL).read_bytes() == (dist / WHEEL).read_bytes()


def test_installed_wheel_runs_a_block_of_the_archive_as_pasted(dist: Path, tmp_path: Path) -> None:
    """In an environment of the locked packages that has never seen the repository."""
    environment, skill, empty = tmp_path / "venv", tmp_path / "skill", tmp_path / "empty"
    for folder in (skill, empty):
        folder.mkdir()
    run(
        *(UV, "sync", "--frozen", "--no-install-project", "--no-default-groups"),
        *("--group", "clients", "--python", sys.executable),
        cwd=ROOT,
        UV_PROJECT_ENVIRONMENT=str(environment),
    )
    python = environment / "bin/python"
    run(UV, "pip", "install", "--no-deps", "--python", python, dist / WHEEL, cwd=empty)
    run(UV, "pip", "check", "--python", python, cwd=empty)

    shutil.unpack_archive(dist / f"{ARCHIVE}.tar.gz", skill)
    guide = read(skill / "trading/placing-orders.md")
    block = guide.blocks[0]
    shown = guide.output(block)
    assert shown is not None
    (empty / "pasted.py").write_text(block.text)
    for neighbour in ("secure_client.py", "account_settings.py"):  # as the guide says
        shutil.copy(skill / "scripts" / neighbour, empty)

    mock_clob = environment / "bin/mock-clob"
    assert run(mock_clob, "--version", cwd=empty) == f"mock-clob {version()}\n"
    assert run(mock_clob, "run", "pasted.py", cwd=empty) == shown.text
