"""Book calls into sliding windows that several processes share, in one atomic Redis script."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

# KEYS: a list of booked instants for each window. ARGV: the first instant that may be booked,
# then for each window its calls and its length. All in microseconds of the server's clock.
BOOK = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local slot = math.max(now, ARGV[1])
for i, key in ipairs(KEYS) do
  local oldest = redis.call('LINDEX', key, -ARGV[2 * i])
  if oldest then slot = math.max(slot, oldest + ARGV[2 * i + 1]) end
end
for i, key in ipairs(KEYS) do
  redis.call('RPUSH', key, string.format('%.0f', slot))
  redis.call('LTRIM', key, -ARGV[2 * i], -1)
  redis.call('PEXPIRE', key, math.ceil((slot - now + ARGV[2 * i + 1]) / 1000))
end
return slot - now
"""
SOCKET_TIMEOUT = 1.0  # seconds


@dataclass(frozen=True)
class Slot:
    """When it was asked for, and the first and last instant to use it, on our monotonic clock."""

    asked: float
    first: float
    last: float


class SharedWindows:
    """One connection to one Redis process: what it booked is worth nothing after a restart.

    Any error of the connection is final: make another one.
    """

    def __init__(
        self, redis_url: str, name: str, limits: Sequence[tuple[int, float]], lateness: float
    ) -> None:
        """`lateness` seconds lengthen every window: a slot may be used so much too late.

        Raises redis.ConnectionError or redis.TimeoutError when Redis does not answer.
        """
        self._redis = redis.Redis.from_url(
            redis_url,
            single_connection_client=True,
            retry=Retry(NoBackoff(), 0),  # a call that is sent twice books twice
            socket_timeout=SOCKET_TIMEOUT,
            socket_connect_timeout=SOCKET_TIMEOUT,
        )
        uptime = self._redis.info("server")["uptime_in_seconds"]
        seconds, microseconds = self._redis.time()
        # It counts whole seconds between whole seconds: this is the latest it can have begun.
        started = min((seconds - uptime + 1) * 1_000_000, seconds * 1_000_000 + microseconds)
        lengths = [round((length + lateness) * 1e6) for _, length in limits]
        # A Redis that began a moment ago does not know what was sent before: what it has saved
        # to disk may lack the last calls.
        self._arguments = [started + max(lengths) + round(lateness * 1e6)]
        for (max_calls, _), length in zip(limits, lengths, strict=True):
            self._arguments += [max_calls, length]
        self._keys = [f"{{{name}}}:{i}" for i in range(len(limits))]
        self._lateness = lateness
        self._sha = self._redis.script_load(BOOK)

    def book(self) -> Slot:
        """Book the first slot that all windows have room for."""
        asked = time.monotonic()
        microseconds = cast(
            int, self._redis.evalsha(self._sha, len(self._keys), *self._keys, *self._arguments)
        )
        wait = microseconds / 1e6
        # The server booked it after we asked and before we knew.
        return Slot(asked, time.monotonic() + wait, asked + wait + self._lateness)

    def check(self) -> None:
        """Raises redis.ConnectionError or redis.TimeoutError unless that Redis still runs."""
        self._redis.ping()
