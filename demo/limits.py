"""Orders and cancels under the limiter: the plan's one window first, then all windows.

The venue's windows run 150 times shorter here, so that ten minutes pass in four seconds. Their
rates are the real ones of the plan's days: 350 orders a second for a burst, 60 sustained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from py_clob_client.clob_types import OrderArgs
from py_clob_client.order_builder.constants import BUY

from demo.stage import Stage
from mock_clob.ip_limits import groups
from mock_clob.scenario import DOCUMENTED

if TYPE_CHECKING:
    from rate_limiter import RateLimiter

TIME_SCALE = 150
PLANS_EDITION = "2026-02"
ORDERS = 260
GUARD_SECONDS = 0.25  # longer than any request should take from the limiter to the venue


def run(stage: Stage) -> None:
    from rate_limiter import RateLimiter

    stage.title("Rate limiting: two windows, and a venue that delays what exceeds them")
    windows = {
        group.name: [(window.count, window.seconds) for window in group.windows]
        for group in groups(PLANS_EDITION, TIME_SCALE)
    }
    (burst, burst_seconds), sustained = windows["POST /order"]
    (cancel_burst, cancel_seconds), cancel_sustained = windows["DELETE /order"]
    stage.say(
        f"POST /order here: {burst} in {burst_seconds * 1000:.0f} ms and {sustained[0]} in "
        f"{sustained[1]:g} s (3,500 in 10 s and 36,000 in 600 s, {TIME_SCALE} times shorter)"
    )

    stage.say(f"placing {ORDERS} orders under one window ...")
    one_window = RateLimiter(max_calls=burst, window_seconds=burst_seconds, guard=0.02)
    delays = _place(stage, one_window)
    longest = max(delays, default=0) / 1000
    stage.check(
        "one window alone overruns the other",
        longest > 0,
        f"{ORDERS} orders, {len(delays)} delayed by the venue, up to {longest:.1f} s; at full size "
        f"that is {longest * TIME_SCALE / 60:.0f} minutes, and py-clob-client gives up after 5 s",
    )

    both = RateLimiter(burst, burst_seconds, also=[sustained], guard=GUARD_SECONDS)
    cancels = RateLimiter(
        cancel_burst, cancel_seconds, also=[cancel_sustained], guard=GUARD_SECONDS
    )
    stage.say(f"placing and cancelling {ORDERS} orders under both windows ...")
    delays = _place(stage, both, cancels)
    stage.check(
        "both windows together are never delayed",
        not delays,
        f"{ORDERS} orders and {ORDERS} cancels, {len(delays)} delayed by the venue",
    )
    left = stage.server.call(
        lambda: [o for o in stage.venue.engine.open.values() if o.owner != "house"]
    )
    stage.check("every order was cancelled", not left, f"{len(left)} left in the book")


def _place(stage: Stage, orders: RateLimiter, cancels: RateLimiter | None = None) -> list[int]:
    """Place orders and, with a limiter for them, cancel them: the venue's delays in ms."""
    from trading_client import trading_client

    stage.reset(exchange=1, chain=False, edition=PLANS_EDITION, time_scale=TIME_SCALE)
    client = trading_client()
    signed = [
        client.create_order(
            OrderArgs(token_id=DOCUMENTED.token_ids[0], price=0.10, size=5 + n / 100, side=BUY)
        )
        for n in range(ORDERS)
    ]
    # Signing asked for the tick size and the like; only trading is counted.
    stage.server.call(stage.venue.journal.clear)
    placed = []
    for order in signed:
        orders.wait_if_needed()
        placed.append(client.post_order(order)["orderID"])
    if cancels:
        for order_id in placed:
            cancels.wait_if_needed()
            client.cancel(order_id)
    return [entry.delay_ms for entry in stage.server.call(stage.venue.journal.delayed)]
