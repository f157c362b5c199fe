"""What every part of the demo stands on: the venue, the snippets of the guides, the screen."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mock_clob import routing
from mock_clob.accounts import ACCOUNTS
from mock_clob.server import Server
from mock_clob.venue import Options, Venue

SNIPPETS = Path(__file__).parent.parent / "snippets"


@dataclass
class Stage:
    """A running venue whose production host names are routed, and the results so far."""

    server: Server
    results: list[tuple[str, bool, str]] = field(default_factory=list)

    @property
    def venue(self) -> Venue:
        return self.server.venue

    def reset(self, **options: Any) -> None:
        self.server.call(lambda: self.venue.reset(Options(**options)))

    def title(self, text: str) -> None:
        print(f"\n== {text}", flush=True)

    def say(self, text: str) -> None:
        print(f"   {text}", flush=True)

    def check(self, name: str, holds: bool, figures: str) -> None:
        """Note whether a claim of the guides held, with what was measured."""
        self.results.append((name, holds, figures))
        self.say(f"{'ok  ' if holds else 'FAIL'} {name}: {figures}")


@contextmanager
def raised() -> Iterator[Stage]:
    """Serve the venue, route production hosts to it, and make the snippets importable."""
    for folder in sorted(SNIPPETS.iterdir()):
        if folder.is_dir():
            sys.path.insert(0, str(folder))
    os.environ["POLYMARKET_PRIVATE_KEY"] = ACCOUNTS[0].key
    os.environ["POLYMARKET_FUNDER"] = ACCOUNTS[0].address
    logging.basicConfig(format="        log: %(message)s", level="WARNING", stream=sys.stdout)
    with Server(Venue(Options(exchange=1))) as server:
        routing.install(server.tls_port, server.port, str(server.ca_pem))
        try:
            yield Stage(server)
        finally:
            routing.uninstall()
