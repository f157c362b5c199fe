"""Four ways in which a venue may count calls, and what each refuses of ours on a bad line."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from random import Random

from paced_limiter import paced_limiter
from sliding_windows import SlidingWindows

Admits = Callable[[float], bool]
LIMITS = [(350, 10.0), (3_600, 600.0)]  # 3,500 and 36,000, a tenth of each
LATE = 0.5  # seconds


def sliding_log(calls: int, seconds: float, phase: float) -> Admits:
    log: deque[float] = deque()

    def admits(now: float) -> bool:
        while log and log[0] + seconds <= now:
            log.popleft()
        fits = len(log) < calls
        if fits:
            log.append(now)
        return fits

    return admits


def window_counter(calls: int, seconds: float, phase: float, share: float = 1.0) -> Admits:
    """Estimates: the calls of this window, and of the last one as much as still overlaps."""
    counts: Counter[int] = Counter()

    def admits(now: float) -> bool:
        number, past = divmod((now + phase) / seconds, 1.0)
        window = int(number)
        fits = counts[window] + counts[window - 1] * (1 - past) * share + 1 <= calls
        counts[window] += fits
        return fits

    return admits


def fixed_window(calls: int, seconds: float, phase: float) -> Admits:
    return window_counter(calls, seconds, phase, share=0.0)


def token_bucket(calls: int, seconds: float, phase: float) -> Admits:
    tokens, then = float(calls), 0.0

    def admits(now: float) -> bool:
        nonlocal tokens, then
        tokens, then = min(calls, tokens + (now - then) * calls / seconds), now
        fits = tokens > 1 - 1e-6  # more than floats lose
        tokens -= fits
        return fits

    return admits


VENUES = [sliding_log, fixed_window, token_bucket, window_counter]


def departures(take: Callable[[float], float], seconds: float) -> list[float]:
    """When calls leave if there is nearly always one more to send."""
    random, now, sent = Random(1), 0.0, []
    while now < seconds:
        if delay := take(now):
            now += delay
        else:
            sent.append(now)
            now += random.choice([0.0] * 999 + [5.0])
    return sent


def refused(make: Callable[[int, float, float], Admits], arrivals: list[float]) -> int:
    """The most that a venue refuses, of a million calls, over several begins of its windows."""
    counts = []
    for phase in range(0, 600, 97):
        windows = [make(calls, seconds, phase) for calls, seconds in LIMITS]
        counts.append(sum(not all(admits(at) for admits in windows) for at in arrivals))
    return round(max(counts) * 1e6 / len(arrivals))


if __name__ == "__main__":
    paced = paced_limiter(LIMITS, burst=35, guard=LATE)
    clients: dict[str, Callable[[float], float]] = {
        "windows": SlidingWindows(LIMITS).take,
        "windows, guard": SlidingWindows(LIMITS, guard=LATE).take,
        "paced": lambda now: paced.take(now, 1),
    }
    random = Random(2)
    lines: dict[str, Callable[[float], float]] = {
        "": lambda at: 0.0,
        ", jitter": lambda at: random.uniform(0, LATE),
        ", stalls": lambda at: max(0.0, LATE - at % 9.7),
    }
    print("refused of 1,000,000   ", *(f"{make.__name__:>15}" for make in VENUES))
    for name, take in clients.items():
        sent = departures(take, 1_200)
        for line, late in lines.items():
            arrivals = sorted(at + late(at) for at in sent)
            cells = [f"{refused(make, arrivals):>15,}" for make in VENUES]
            print(f"{name + line:<23}", *cells)
