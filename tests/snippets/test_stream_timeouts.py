"""The figures of the guide's table, and figures that the venue would not accept."""

from __future__ import annotations

import pytest
from stream_timeouts import DEFAULT_TIMEOUTS, TIMEOUTS, StreamTimeouts


def test_the_table_by_use() -> None:
    table = {
        use: (each.heartbeat_seconds, each.data_timeout_seconds) for use, each in TIMEOUTS.items()
    }
    assert table == {
        "high-frequency": (5, 60),
        "dashboard": (5, 300),
        "low-activity": (5, 900),
    }


def test_five_minutes_without_data_are_the_default() -> None:
    assert StreamTimeouts() == DEFAULT_TIMEOUTS == StreamTimeouts(5, 300)


@pytest.mark.parametrize("seconds", [0, -1, 10.5])
def test_a_heartbeat_slower_than_the_venues_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="at most 10 s"):
        StreamTimeouts(heartbeat_seconds=seconds)


def test_the_venues_own_heartbeat_is_accepted() -> None:
    assert StreamTimeouts(heartbeat_seconds=10).heartbeat_seconds == 10


def test_a_data_timeout_shorter_than_a_heartbeat_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter than the heartbeat"):
        StreamTimeouts(5, 4)
