"""Wait before every order and every cancel: for the signer's bucket, then for the IP's windows."""

from __future__ import annotations

from rate_limiter import RateLimiter
from rate_limits import RATE_LIMITS
from signer_bucket import SignerBucket
from signer_tiers import SIGNER_TIERS

JITTER = 0.5  # seconds by which requests may be bunched together on the way
TIER = SIGNER_TIERS["Standard"]  # the strictest


def ip_limiter(endpoint: str) -> RateLimiter:
    """The windows of one trading endpoint, shared by everything behind one IP address."""
    (burst, burst_seconds), *longer = RATE_LIMITS[endpoint].windows
    return RateLimiter(burst, burst_seconds, also=longer, guard=JITTER)


order_limiter = ip_limiter("POST /order")
batch_limiter = ip_limiter("POST /orders")
cancel_limiter = ip_limiter("DELETE /order")
batch_cancel_limiter = ip_limiter("DELETE /orders")

# One pair for each signer. The buckets are apart, so cancels never queue behind orders.
order_bucket = SignerBucket(TIER.order_rate, TIER.order_burst, guard=JITTER)
cancel_bucket = SignerBucket(TIER.cancel_rate, TIER.cancel_burst, guard=JITTER)


def wait_to_order(orders: int = 1) -> float:
    """Wait until POST /order, or POST /orders with that many, may leave. Seconds waited."""
    limiter = order_limiter if orders == 1 else batch_limiter
    return order_bucket.wait_if_needed(orders) + limiter.wait_if_needed()


def wait_to_cancel(ids: int = 1) -> float:
    """Wait until DELETE /order, or DELETE /orders with that many, may leave. Seconds waited."""
    limiter = cancel_limiter if ids == 1 else batch_cancel_limiter
    return cancel_bucket.wait_if_needed(ids) + limiter.wait_if_needed()


if __name__ == "__main__":
    print("largest batch:", f"{order_bucket.capacity:g} orders, {cancel_bucket.capacity:g} ids")
    waited = [wait_to_order(orders=15) for _ in range(4)]
    print("batches of 15 that left at once:", waited.index(max(waited)))
