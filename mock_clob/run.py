"""`mock-clob run`: a script in a routed child process, and what is said about it on stderr."""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mock_clob import routing

if TYPE_CHECKING:
    from mock_clob.journal import Journal
    from mock_clob.server import Server

CLIENT_V1 = "py_clob_client"
CURRENT_CLIENTS = ("py_clob_client_v2", "polymarket")
ON_EXCHANGE = re.compile(r"\bon exchange ([123])\b")
POLL_SECONDS = 0.02


def run_script(script: str, arguments: Sequence[str], server: Server) -> int:
    """Run a Python script against a venue; signals go on to it. Gives its exit code.

    A script that a signal ended gives 128 and the signal's number, as in a shell.
    """
    command = [sys.executable, script, *arguments]
    with subprocess.Popen(command, env=_environment(server)) as child:

        def forward(number: int) -> None:
            if number != signal.SIGINT or not _terminal_interrupts_both():
                child.send_signal(number)

        with on_signals((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), forward):
            # Not child.wait(): a signal that comes just before it blocks would lie there until the
            # script ends.
            while (code := child.poll()) is None:
                time.sleep(POLL_SECONDS)
    return code if code >= 0 else 128 - code


def report(journal: Journal) -> None:
    """Say in one line how the venue saw the script, and name every unknown route."""
    unknown = journal.unknown_routes()
    refused = sum(entry.status >= 400 and not entry.unknown_route for entry in journal)
    say(
        f"{journal.total} requests, {len(journal.delayed())} delayed, {refused} refused, "
        f"{len(unknown)} for unknown routes"
    )
    routes = Counter(f"{entry.method} {entry.host}{entry.path}" for entry in unknown)
    for route, count in routes.items():
        say(f"unknown route: {route} ({count} x)")


def say(text: str) -> None:
    print(f"mock-clob: {text}", file=sys.stderr, flush=True)


@contextmanager
def on_signals(numbers: Iterable[int], act: Callable[[int], None]) -> Iterator[None]:
    """Within it, these signals call `act`; afterwards they do what they did before."""
    before = {number: signal.signal(number, lambda got, _: act(got)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _environment(server: Server) -> dict[str, str]:
    """The script's environment: routed, and with test account 0 instead of the user's own."""
    from mock_clob.scenario import USERS

    account = {
        "POLYMARKET_PRIVATE_KEY": USERS[0].key,
        "POLYMARKET_FUNDER": USERS[0].address,
        "POLYGON_RPC_URL": "https://polygon-rpc.com",
    }
    for name, value in account.items():
        if os.environ.get(name, value) != value:
            say(f"your {name} is not passed on: the script gets test account 0 and its chain")
    return routing.environment(server.route, os.environ) | account


def _terminal_interrupts_both() -> bool:
    """Ctrl-C in a terminal reaches every process of the foreground group, the script included."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return False


# Which exchange a script trades on


def exchange_for(script: Path) -> tuple[int, str]:
    """The exchange whose orders the script's client signs, and what to tell the user about it.

    A docstring that says "on exchange N" decides, as in the guides.
    """
    if named := _named_exchange(script):
        return named, f"{script.name} says that it is for exchange {named}; choose with --exchange"
    clients = _imported_clients(script)
    if CLIENT_V1 not in clients:
        return 2, ""
    others = [client for client in CURRENT_CLIENTS if client in clients]
    if others:
        return 2, (
            f"{script.name} imports {CLIENT_V1} and {' and '.join(others)}: using exchange 2, "
            f"which refuses the orders of {CLIENT_V1}; choose with --exchange"
        )
    return 1, (
        f"{script.name} imports {CLIENT_V1}: using exchange 1, the only one that takes its orders "
        "(the real venue has refused them since 2026-04-28); choose with --exchange"
    )


def _named_exchange(script: Path) -> int:
    """The exchange that a script's docstring names, 0 when none."""
    try:
        docstring = ast.get_docstring(ast.parse(script.read_bytes())) or ""
    except (OSError, SyntaxError, ValueError):
        return 0
    found = ON_EXCHANGE.search(docstring)
    return int(found[1]) if found else 0


def _imported_clients(script: Path) -> set[str]:
    """The Polymarket clients that a script imports, and the modules beside it or on PYTHONPATH."""
    folders = [script.parent, *map(Path, filter(None, _python_path()))]
    found: set[str] = set()
    seen: set[Path] = set()
    waiting = [script / "__main__.py" if script.is_dir() else script]
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        try:
            tree = ast.parse(file.read_bytes())
        except (OSError, SyntaxError, ValueError):
            continue  # it will say so itself when it runs
        for name in _imports(tree):
            if name in (CLIENT_V1, *CURRENT_CLIENTS):
                found.add(name)
                continue
            for folder in folders:
                package, module = folder / name, folder / f"{name}.py"
                waiting += package.rglob("*.py") if package.is_dir() else [module]
    return found


def _python_path() -> list[str]:
    return os.environ.get("PYTHONPATH", "").split(os.pathsep)


def _imports(tree: ast.Module) -> set[str]:
    """First parts of the names that a module imports; its own package's modules aside."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names
