"""The delays between connections, and what they do to a fleet of clients."""

from __future__ import annotations

import random
import statistics

import pytest
from reconnect_backoff import STABLE_SECONDS, Backoff


class Ceiling(random.Random):
    """Always draws the highest value, and remembers the lowest it might have drawn."""

    lowest: float

    def uniform(self, a: float, b: float) -> float:
        self.lowest = a
        return b


def delays(backoff: Backoff, count: int) -> list[float]:
    return [backoff.next_delay() for _ in range(count)]


def test_ceiling_doubles_from_one_second_to_sixty() -> None:
    assert delays(Backoff(rng=Ceiling()), 8) == [1, 2, 4, 8, 16, 32, 60, 60]


def test_every_delay_may_fall_anywhere_from_the_minimum_to_its_ceiling() -> None:
    rng = Ceiling()
    backoff = Backoff(minimum_seconds=0.25, rng=rng)
    for _ in range(8):
        backoff.next_delay()
        assert rng.lowest == 0.25
    drawn = delays(Backoff(rng=random.Random(1)), 5_000)[6:]
    assert min(drawn) < 1
    assert max(drawn) > 59
    assert statistics.fmean(drawn) == pytest.approx(30.25, rel=0.05)


def test_no_delay_is_shorter_than_the_minimum() -> None:
    firsts = [Backoff(rng=random.Random(seed)).next_delay() for seed in range(2_000)]
    assert 0.5 <= min(firsts) < 0.51
    assert 0.99 < max(firsts) <= 1


def test_short_connections_do_not_reset_the_ceiling() -> None:
    backoff = Backoff(rng=Ceiling())
    for expected in (1, 2, 4, 8):
        assert not backoff.connection_was_stable(STABLE_SECONDS - 0.001)
        assert backoff.next_delay() == expected


def test_a_stable_connection_resets_the_ceiling() -> None:
    backoff = Backoff(rng=Ceiling())
    delays(backoff, 7)
    assert backoff.connection_was_stable(STABLE_SECONDS)
    assert delays(backoff, 2) == [1, 2]


def test_a_cap_of_ten_seconds_is_kept() -> None:
    assert delays(Backoff(cap_seconds=10, rng=Ceiling()), 6) == [1, 2, 4, 8, 10, 10]


def test_days_of_failures_do_not_overflow() -> None:
    assert delays(Backoff(rng=Ceiling()), 5_000)[-1] == 60


def test_two_clients_do_not_wait_alike() -> None:
    assert delays(Backoff(), 5) != delays(Backoff(), 5)


@pytest.mark.parametrize(
    ("first", "cap", "minimum"), [(1, 60, 0), (1, 60, 2), (1, 0.5, 0.5), (-1, 60, -2)]
)
def test_figures_that_make_no_sense_are_refused(first: float, cap: float, minimum: float) -> None:
    with pytest.raises(ValueError, match="minimum <= first <= cap"):
        Backoff(first, cap, minimum_seconds=minimum)


def fleet(cap: float, clients: int = 1_000, outage: float = 60.0) -> tuple[float, float, int]:
    """A thousand clients whose venue is away for a minute. After its return: the seconds until
    half of them and until 95 % of them are back, and the dials of the busiest second."""
    back = []
    for seed in range(clients):
        backoff, now = Backoff(cap_seconds=cap, rng=random.Random(seed)), 0.0
        while now < outage:
            now += backoff.next_delay()
        back.append(now - outage)
    busiest = max(sum(start <= each < start + 1 for each in back) for start in back)
    return round(statistics.median(back)), round(statistics.quantiles(back, n=20)[-1]), busiest


def test_the_guides_figures_for_both_caps_hold() -> None:
    assert fleet(cap=60) == (19, 46, 39)
    assert fleet(cap=10) == (3, 8, 198)
