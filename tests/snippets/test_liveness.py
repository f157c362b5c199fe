"""When a PING is due, and when a socket is given up. Times are numbers: nothing here waits."""

from __future__ import annotations

import pytest
from liveness import LEAST_PATIENCE_SECONDS, Liveness, Redial
from stream_timeouts import StreamTimeouts


@pytest.fixture
def alive() -> Liveness:
    return Liveness(StreamTimeouts(heartbeat_seconds=5, data_timeout_seconds=300), opened=1000.0)


def test_a_ping_is_due_every_heartbeat(alive: Liveness) -> None:
    assert not alive.ping_due(1004.9)
    assert alive.ping_due(1005)
    alive.heard_pong(1005.1)
    assert not alive.ping_due(1009.9)
    assert alive.ping_due(1010)


def test_two_pings_without_pong_end_the_connection_when_the_third_is_due(alive: Liveness) -> None:
    assert alive.ping_due(1005)
    assert alive.ping_due(1010)
    alive.heard_data(1014)  # data is no answer
    with pytest.raises(Redial, match="2 PINGs in a row without PONG") as raised:
        alive.ping_due(1015)
    assert raised.value.kind == "pong_timeouts"


def test_a_late_pong_is_enough(alive: Liveness) -> None:
    assert alive.ping_due(1005)
    assert alive.ping_due(1010)
    alive.heard_pong(1014.9)
    assert alive.ping_due(1015)


def test_pong_without_data_ends_the_connection_after_the_data_timeout(alive: Liveness) -> None:
    alive.heard_data(1001)
    for now in range(1005, 1301, 5):
        assert alive.ping_due(now)
        alive.heard_pong(now)
        alive.heard_nothing(now)
    with pytest.raises(Redial, match="no data for 300 s") as raised:
        alive.heard_nothing(1301)
    assert raised.value.kind == "data_timeouts"


def test_a_connection_that_never_brings_data_is_timed_from_its_opening(alive: Liveness) -> None:
    alive.heard_nothing(1299.9)
    with pytest.raises(Redial):
        alive.heard_nothing(1300)


def test_patience_lasts_to_the_next_ping_or_to_the_data_timeout(alive: Liveness) -> None:
    assert alive.patience(1000) == 5
    assert alive.patience(1003) == 2
    alive.next_ping = 1400.0
    assert alive.patience(1298) == 2


def test_a_program_that_was_busy_reads_before_it_judges(alive: Liveness) -> None:
    assert alive.ping_due(1005)
    late = 1500.0  # nothing ran for eight minutes; PONG and data wait in the socket
    assert alive.ping_due(late)
    assert alive.patience(late) == LEAST_PATIENCE_SECONDS
    alive.heard_pong(late)
    alive.heard_data(late)
    assert not alive.ping_due(late + 4)
    alive.heard_nothing(late + 5)


def test_a_connection_lasted_from_its_opening_to_its_last_frame(alive: Liveness) -> None:
    assert alive.lasted == 0
    alive.heard_data(1001)
    alive.heard_pong(1031)
    assert alive.ping_due(1040)
    assert alive.lasted == 31
