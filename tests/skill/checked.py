"""What the pages say of themselves: which blocks ran, with which client and exchange, and when."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from tests.skill.blocks import exchange_of
from tests.skill.checks import SKILL, everything, linked
from tests.skill.neighbours import imports, with_neighbours
from tests.skill.plain_fences import locked_versions

PAGE = Path("testing") / "checked.md"
START = Path("skills") / "index.md"
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


def start_page(root: Path) -> str:
    """The site's, with the figures of this run. Made anew by `make sync`, as the other page."""
    blocks, files = sum(len(guide.blocks) for guide in everything(root)), len(linked(root))
    versions = locked_versions(root / "uv.lock")
    clients = ", ".join(f"{name} {versions[name]}" for name in CLIENTS.values() if name in versions)
    run = (
        f"**Run:** {blocks} blocks and {files} linked files, all of them, none skipped: {clients}; "
    )
    text = (root / START).read_text()
    return re.sub(r"^\*\*Run:\*\*.*$", f"{run}facts as of {_day(root)}.", text, flags=re.MULTILINE)


def _day(root: Path) -> str:
    """When the facts were looked at, as SKILL.md says."""
    day = re.search(r"Checked on (\d{4}-\d\d-\d\d)", (root / SKILL / "SKILL.md").read_text())
    if day is None:
        raise ValueError("SKILL.md does not say when it was checked")
    return day[1]


def page(root: Path) -> str:
    day = _day(root)
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
    return "\n".join([HEAD.format(day), *rows, ""])


def _name(guide: Path) -> str:
    return f"{guide.parent.name}/{guide.stem}"
