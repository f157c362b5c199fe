"""Every request the venue saw: who, what, when, how long it was delayed and how it ended.

Never a body, a signature, a secret or an authorization header: what is not kept cannot leak.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl, urlencode

# Query parameters that carry a credential (validate-readonly-api-key sends `key`).
SECRET_PARAMETERS = frozenset({"key", "apikey", "api_key", "secret", "passphrase", "signature"})
LONGEST = 2_000  # characters that are kept of what a stranger wrote
_ADDRESS = re.compile(r"0x[0-9a-f]{40}")


@dataclass(slots=True)
class Entry:
    """One request. `verdict` says what decided the reply: a rule's key, a fault's name, or ""."""

    sequence: int  # from 1, in order of arrival
    method: str
    path: str
    query: str
    host: str
    ip: str
    signer: str  # address, "" when none was given
    arrived_ms: int  # venue time
    delay_ms: int = 0  # held back by the throttle
    status: int = 0  # 0: no reply was sent (yet)
    verdict: str = ""
    unknown_route: bool = False
    error: str = ""


class Journal:
    """The last `limit` entries, oldest first; `total` counts them all."""

    def __init__(self, limit: int = 100_000) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self.total = 0

    def arrive(
        self,
        *,
        method: str,
        path: str,
        arrived_ms: int,
        query: str = "",
        host: str = "",
        ip: str = "",
        signer: str = "",
    ) -> Entry:
        """Note a request. The rest of the entry is filled in as the request moves on."""
        self.total += 1
        entry = Entry(
            sequence=self.total,
            method=method,
            path=path[:LONGEST],
            query=_without_secrets(query)[:LONGEST],
            host=host[:LONGEST],
            ip=ip,
            # The header may hold anything, a secret in the wrong place too.
            signer=signer if _ADDRESS.fullmatch(signer) else "",
            arrived_ms=arrived_ms,
        )
        self._entries.append(entry)
        return entry

    def requests(self, method: str | None = None, path: str | None = None) -> list[Entry]:
        """Entries of one method and one path (a shell pattern: `*` stands for any text)."""
        return [
            entry
            for entry in self._entries
            if (method is None or entry.method == method)
            and (path is None or fnmatchcase(entry.path, path))
        ]

    def delayed(self) -> list[Entry]:
        """Requests that the throttle held back."""
        return [entry for entry in self._entries if entry.delay_ms > 0]

    def unknown_routes(self) -> list[Entry]:
        """Requests for routes that the mock does not have."""
        return [entry for entry in self._entries if entry.unknown_route]

    def clear(self) -> None:
        self._entries.clear()
        self.total = 0

    def summary(self) -> str:
        """One line: `5 requests (4 x 200, 1 x 429), 2 delayed (longest 40 ms), ...`."""
        statuses = Counter(entry.status for entry in self._entries)
        counts = ", ".join(
            f"{count} x {status or 'no reply'}" for status, count in sorted(statuses.items())
        )
        delayed = self.delayed()
        longest = max((entry.delay_ms for entry in delayed), default=0)
        parts = [
            f"{self.total} requests" + (f" ({counts})" if counts else ""),
            f"{len(delayed)} delayed" + (f" (longest {longest} ms)" if delayed else ""),
            f"{len(self.unknown_routes())} unknown routes",
        ]
        if lost := self.total - len(self._entries):
            parts.append(f"the oldest {lost} no longer kept")
        return ", ".join(parts)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)


def _without_secrets(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(name.lower() in SECRET_PARAMETERS for name, _ in pairs):
        return query
    return urlencode(
        [(name, "..." if name.lower() in SECRET_PARAMETERS else value) for name, value in pairs]
    )
