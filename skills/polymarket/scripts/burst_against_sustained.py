"""Why a limiter on the burst alone breaks the sustained limit, computed on a virtual clock."""

from __future__ import annotations

from bisect import bisect_left

from rate_limiter import RateLimiter
from sliding_windows import SlidingWindows

# Keeps 3,500 and 3,000 calls in 10 s, and knows nothing of the 600 s behind them.
order_limiter = RateLimiter(max_calls=350, window_seconds=1)
cancel_limiter = RateLimiter(max_calls=300, window_seconds=1)

# The same, composed with the sustained limits that those figures came with ...
composed_order_limiter = RateLimiter(max_calls=350, window_seconds=1, also=[(36_000, 600)])
composed_cancel_limiter = RateLimiter(max_calls=300, window_seconds=1, also=[(30_000, 600)])
# ... and with the one that holds for both since 2026-06-01.
current_order_limiter = RateLimiter(max_calls=350, window_seconds=1, also=[(120_000, 600)])


def send_greedily(windows: SlidingWindows, seconds: float) -> list[float]:
    """When calls leave in the first `seconds` if there is always one more to send."""
    now, sent = 0.0, []
    while now < seconds:
        delay = windows.take(now)
        if delay:
            now += delay
        else:
            sent.append(now)
    return sent


def most_in(seconds: float, sent: list[float]) -> int:
    """The most calls in any window of `seconds` that includes its start but not its end."""
    return max(bisect_left(sent, start + seconds) - i for i, start in enumerate(sent))


def report(name: str, limiter: RateLimiter, *limits: int) -> None:
    sent = send_greedily(limiter.windows, 1_200)
    worst = most_in(600, sent)
    ratios = ", ".join(f"{worst / limit:.2f} x {limit:,}" for limit in limits)
    print(f"{name:<15} {len(sent):>7,} calls in 20 min, at most {worst:>7,} in 10 min: {ratios}")


if __name__ == "__main__":
    report("orders, alone", order_limiter, 36_000, 120_000)
    report("cancels, alone", cancel_limiter, 30_000, 120_000)
    report("orders, both", composed_order_limiter, 36_000)
    report("cancels, both", composed_cancel_limiter, 30_000)
    report("orders, today", current_order_limiter, 120_000)
