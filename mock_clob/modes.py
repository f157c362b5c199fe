"""The venue's modes: restart, post-only, cancel-only, disabled, geoblock, closed-only, banned.

State that lasts until it is changed or the clock has passed it. A fault of the same name spoils
single calls instead; both answer with the same rows of rules.ERRORS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from mock_clob.addresses import checksum
from mock_clob.model import Side
from mock_clob.rules import POST_ONLY_SECONDS, RESTART_SECONDS, Rejected

Trading = Literal["open", "cancel_only", "disabled"]


@dataclass
class Modes:
    """Addresses are taken in any case."""

    trading: Trading = "open"
    geoblocked: bool = False
    _restarted_ms: int | None = None
    _closed_only: set[str] = field(default_factory=set)
    _banned: set[str] = field(default_factory=set)

    def restart(self, now_ms: int) -> None:
        """The matching engine restarts now: 425 for 90 s, then two minutes of post-only."""
        self._restarted_ms = now_ms

    def close_only(self, address: str, on: bool = True) -> None:
        """The address may only sell what it has."""
        (self._closed_only.add if on else self._closed_only.discard)(address.lower())

    def ban(self, address: str, on: bool = True) -> None:
        """The address places no orders at all."""
        (self._banned.add if on else self._banned.discard)(address.lower())

    def closed_only(self, address: str) -> bool:
        """What GET /auth/ban-status/closed-only tells."""
        return address.lower() in self._closed_only

    def banned(self, address: str) -> bool:
        return address.lower() in self._banned

    def check_trading(self, now_ms: int) -> None:
        """Raises Rejected while neither orders nor cancels are taken."""
        if self.trading == "disabled":
            raise Rejected("disabled")
        if self._since_restart(now_ms) < RESTART_SECONDS:
            raise Rejected("restarting")

    def check_region(self) -> None:
        """Raises Rejected where the sender's address is in a blocked region."""
        if self.geoblocked:
            raise Rejected("geoblock")

    def check_placing(self) -> None:
        """Raises Rejected while no new orders are taken."""
        if self.trading == "cancel_only":
            raise Rejected("cancel_only")

    def check_order(self, post_only: bool, now_ms: int) -> None:
        """Raises Rejected for an order that would take, in the two minutes after a restart."""
        left = RESTART_SECONDS + POST_ONLY_SECONDS - self._since_restart(now_ms)
        if left > 0 and not post_only:
            seconds = ceil(left)
            raise Rejected(
                "post_only_mode",
                extra={"code": "post_only_mode", "retry_after_seconds": seconds},
                headers={"Retry-After": str(seconds)},
            )

    def check_address(self, address: str, side: Side) -> None:
        """Raises Rejected for an address that may not place this order."""
        if self.banned(address):
            raise Rejected("banned", address=checksum(address))
        # That a SELL is what closes a position is the plain reading; whether the venue counts
        # a BUY of the other outcome as one is not established, so it is refused.
        if side is Side.BUY and self.closed_only(address):
            raise Rejected("closed_only", address=checksum(address))

    def _since_restart(self, now_ms: int) -> float:
        """Seconds; for ever when there was no restart."""
        if self._restarted_ms is None:
            return float("inf")
        return (now_ms - self._restarted_ms) / 1000
