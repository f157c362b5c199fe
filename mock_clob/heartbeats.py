"""The dead man's switch: once an API key has sent a heartbeat, it must go on, or its orders go.

A missing beat cancels every order of the key. The venue allows 10 s and up to 5 s more; the
mock takes the 10 s.
"""

from __future__ import annotations

import uuid

from mock_clob.rules import HEARTBEAT_SECONDS


class Heartbeats:
    def __init__(self) -> None:
        self._last: dict[str, tuple[str, int]] = {}  # api key -> (id, deadline in ms)
        self._count = 0

    def beat(self, api_key: str, given: str, now_ms: int) -> tuple[bool, str]:
        """(accepted, id): the next id to send, or the one that was expected."""
        expected = self._last[api_key][0] if api_key in self._last else ""
        if given != expected:
            return False, expected
        self._count += 1
        following = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{api_key} {self._count}"))
        self._last[api_key] = (following, now_ms + HEARTBEAT_SECONDS * 1000)
        return True, following

    def missed(self, now_ms: int) -> list[str]:
        """The API keys whose beat is overdue; they have stopped beating now."""
        late = [key for key, (_, deadline) in self._last.items() if deadline < now_ms]
        for key in late:
            del self._last[key]
        return late
