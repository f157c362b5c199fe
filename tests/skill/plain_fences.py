"""bash, http, json and toml fences: they are what they say, and what they name exists."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from mock_clob.hosts import Hosts
from tests.skill.checks import everything
from tests.skill.fences import Fence

INSTALL = re.compile(r"\b(?:pip3? install|uv add|pipx install|uvx)\s+(.+)")
REQUEST_LINE = re.compile(r"([A-Z]+) (\S+)(?: HTTP/1\.1)?")
HOST = re.compile(r"^Host:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
UPGRADE = re.compile(r"^Upgrade:\s*websocket", re.IGNORECASE | re.MULTILINE)


def plain_fences(root: Path, routes: Hosts, locked: Mapping[str, str]) -> Iterator[str]:
    """The faults of these fences. `routes`: the venue's, `locked`: the versions of uv.lock."""
    for guide in everything(root):
        for fence in guide.fences:
            yield from (f"{fence.where}: {fault}" for fault in _faults(fence, routes, locked))


def locked_versions(lock: Path) -> dict[str, str]:
    return {p["name"]: p.get("version", "") for p in tomllib.loads(lock.read_text())["package"]}


def _faults(fence: Fence, routes: Hosts, locked: Mapping[str, str]) -> Iterator[str]:
    try:
        if fence.info.startswith("json"):
            json.loads(fence.text)
        elif fence.info == "toml":
            tomllib.loads(fence.text)
    except ValueError as error:
        yield f"not {fence.info.split()[0]}: {error}"
    if fence.info == "http":
        yield from _http_faults(fence.text, routes)
    if fence.info == "bash":
        yield from _bash_faults(fence.text, locked)


def _http_faults(text: str, routes: Hosts) -> Iterator[str]:
    line = text.split("\n", 1)[0]
    request = REQUEST_LINE.fullmatch(line)
    if request is None:
        yield f"not a request line: {line!r}"
        return
    url, host = urlsplit(request[2]), HOST.search(text)
    scope = {
        "type": "websocket" if UPGRADE.search(text) else "http",
        "method": request[1],
        "path": url.path,
        "headers": [(b"host", (url.netloc or (host[1] if host else "127.0.0.1")).encode())],
    }
    if not routes.has_route(scope):
        yield f"the mocked venue has no route {request[1]} {request[2]}"


def _bash_faults(text: str, locked: Mapping[str, str]) -> Iterator[str]:
    parsed = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)
    if parsed.returncode:
        yield f"not bash: {parsed.stderr.strip()}"
        return
    for arguments in INSTALL.findall(text):
        for word in shlex.split(arguments, comments=True):
            if not word.startswith("-"):
                yield from _requirement_faults(word, locked)


def _requirement_faults(word: str, locked: Mapping[str, str]) -> Iterator[str]:
    try:
        requirement = Requirement(word)
    except InvalidRequirement:
        yield f"not the name of a package: {word}"
        return
    version = locked.get(canonicalize_name(requirement.name))
    if version is None:
        yield f"a package that uv.lock does not have: {requirement.name}"
    elif not requirement.specifier.contains(version, prereleases=True):
        yield f"the blocks ran with {requirement.name} {version}, not {requirement}"
