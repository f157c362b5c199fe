"""One process of a test: calls a SharedRateLimiter for a while, prints when each call left.

    python shared_limiter_process.py URL NAME LIMITS LATENESS SECONDS CLOCK_OFFSET

LIMITS is JSON, [[calls, seconds], ...]. The wall clock of this process is CLOCK_OFFSET seconds off.
It says "ready", waits for a line, and prints monotonic instants (one clock for a host) as JSON.
"""

from __future__ import annotations

import json
import sys
import time

url, name, limits, lateness, seconds, clock_offset = sys.argv[1:]
right = time.time  # everything imported below sees the wrong clock
time.time = lambda: right() + float(clock_offset)

from shared_rate_limiter import SharedRateLimiter  # noqa: E402

(max_calls, window), *also = json.loads(limits)
limiter = SharedRateLimiter(url, name, max_calls, window, also=also, lateness=float(lateness))
limiter.wait_if_needed()
print("ready", flush=True)
sys.stdin.readline()
left, ends = [], time.monotonic() + float(seconds)
while True:
    limiter.wait_if_needed()
    left.append(time.monotonic())
    if left[-1] > ends:
        break
print(json.dumps(left))
