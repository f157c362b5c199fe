"""The page that says with which client, on which exchange and when each guide's blocks ran."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from tests.skill.blocks import exchange_of
from tests.skill.checks import SKILL, everything
from tests.skill.neighbours import imports, with_neighbours
from tests.skill.plain_fences import locked_versions

PAGE = Path("testing") / "checked.md"
CLIENTS = {
    "polymarket": "polymarket-client",
    "py_clob_client": "py-clob-client",
    "py_clob_client_v2": "py-clob-client-v2",
}
HEAD = """\
# What was run

Every block of these pages ran as it stands against the mocked venue, and printed what stands below
it. Versions as locked, facts as of {}.

| With | Exchange | Pages |
|---|---|---|"""
OTHERS = {"web3": "web3", "websockets": "websockets", "redis": "redis"}


def page(root: Path) -> str:
    """Made anew by `make sync`. The day is that of SKILL.md: when the facts were looked at."""
    day = re.search(r"Checked on (\d{4}-\d\d-\d\d)", (root / SKILL / "SKILL.md").read_text())
    if day is None:
        raise ValueError("SKILL.md does not say when it was checked")
    versions = locked_versions(root / "uv.lock")
    ran: defaultdict[tuple[str, str], set[Path]] = defaultdict(set)
    for guide in everything(root):
        for block in guide.blocks:
            names = set().union(*map(imports, with_neighbours(root, [root / block.title])))
            for name in sorted(names & (CLIENTS.keys() | OTHERS.keys())):
                package = {**CLIENTS, **OTHERS}[name]
                exchange = str(exchange_of(root, block.title)) if name in CLIENTS else ""
                ran[f"{package} {versions[package]}", exchange].add(guide.path)
    rows = [
        f"| {package} | {exchange} | {', '.join(map(_name, sorted(paths)))} |"
        for (package, exchange), paths in sorted(ran.items())
    ]
    return "\n".join([HEAD.format(day[1]), *rows, ""])


def _name(guide: Path) -> str:
    return f"{guide.parent.name}/{guide.stem}"
