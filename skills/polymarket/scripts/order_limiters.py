"""Wait before every order and every cancel: for the IP's windows, then for the signer's bucket."""

from __future__ import annotations

import time

from rate_limiter import RateLimiter
from rate_limits import RATE_LIMITS
from signer_limits import SignerLimits

JITTER = 0.5  # seconds by which requests may be bunched together on the way


def ip_limiter(endpoint: str) -> RateLimiter:
    """The windows of one trading endpoint, shared by everything behind one IP address."""
    (burst, burst_seconds), *longer = RATE_LIMITS[endpoint].windows
    return RateLimiter(burst, burst_seconds, also=longer, guard=JITTER)


order_limiter = ip_limiter("POST /order")
batch_limiter = ip_limiter("POST /orders")
cancel_limiter = ip_limiter("DELETE /order")
batch_cancel_limiter = ip_limiter("DELETE /orders")
signer = SignerLimits("Standard", guard=JITTER)  # the strictest tier, until a reply names another


def wait_to_order(orders: int = 1) -> float:
    """Wait until POST /order, or POST /orders with that many, may leave. Seconds waited."""
    limiter = order_limiter if orders == 1 else batch_limiter
    return limiter.wait_if_needed() + signer.wait_to_order(orders)


def wait_to_cancel(ids: int = 1) -> float:
    """Wait until DELETE /order, or DELETE /orders with that many, may leave. Seconds waited."""
    limiter = cancel_limiter if ids == 1 else batch_cancel_limiter
    return limiter.wait_if_needed() + signer.wait_to_cancel(ids)


if __name__ == "__main__":
    start = time.monotonic()
    for _ in range(4):
        wait_to_order(orders=15)
    elapsed = time.monotonic() - start
    print(f"a batch may cost {signer.orders.capacity:g} orders or {signer.cancels.capacity:g} ids")
    print(f"60 orders, 40 of them at once, took at least 0.5 s: {elapsed >= 0.5}")
