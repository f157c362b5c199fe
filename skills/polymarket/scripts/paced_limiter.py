"""Spread calls so that no way of counting them finds one too many."""

from __future__ import annotations

from collections.abc import Iterable

from signer_bucket import SignerBucket
from sliding_windows import checked_limits


def paced_limiter(
    limits: Iterable[tuple[int, float]], burst: int, guard: float = 0.0
) -> SignerBucket:
    """A bucket of `burst`, refilled so that burst + rate x (seconds + guard) <= calls.

    Raises ValueError for a senseless limit, or a burst that leaves nothing to refill.
    """
    checked = checked_limits(limits, guard)
    rate = min((calls - burst) / (seconds + guard) for calls, seconds in checked)
    return SignerBucket(rate, burst)
