"""Queues between a stream and its consumer: bounded, counted, never stale."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_consumer import ChangedTokens, LatestEvents

from tests.snippets.virtual_loop import run


def book(token: str) -> dict[str, Any]:
    return {"event_type": "book", "asset_id": token}


def change(*tokens: str) -> dict[str, Any]:
    return {"event_type": "price_change", "price_changes": [{"asset_id": t} for t in tokens]}


def test_a_slow_consumer_reads_the_latest_state_and_skips_what_is_between() -> None:
    """5,000 changes in 5 s, 20 ms for each look: what it sees is never older than one look."""

    async def main() -> tuple[int, list[int]]:
        changed, state, ages = ChangedTokens(), {"71": 0}, []

        async def feed() -> None:
            for number in range(5_000):
                state["71"] = number
                changed.put(change("71"))
                await asyncio.sleep(0.001)

        feeding = asyncio.create_task(feed())
        while not feeding.done():
            await changed.get()
            seen = state["71"]
            await asyncio.sleep(0.02)
            ages.append(state["71"] - seen)
        return changed.folded, ages

    folded, ages = run(main())
    assert max(ages) <= 21
    assert folded > 4_500


def test_whoever_waits_wakes_for_the_next_change() -> None:
    async def main() -> list[Any]:
        changed, latest = ChangedTokens(), LatestEvents(3)
        waits = [asyncio.create_task(changed.get()), asyncio.create_task(latest.get())]
        await asyncio.sleep(1)
        changed.put({"event_type": "last_trade_price", "asset_id": "71"})  # changes no book
        await asyncio.sleep(1)
        assert not any(wait.done() for wait in waits)
        for queue in (changed, latest):
            queue.put(book("71"))
        return list(await asyncio.gather(*waits))

    assert run(main()) == ["71", book("71")]


@given(st.lists(st.lists(st.sampled_from("abcde"), min_size=1, max_size=3), max_size=60))
def test_each_changed_token_waits_once_in_the_order_of_its_first_change(
    changes: list[list[str]],
) -> None:
    changed = ChangedTokens()
    for tokens in changes:
        changed.put(change(*tokens))
    expected = list(dict.fromkeys(token for tokens in changes for token in tokens))

    async def main() -> list[str]:
        return [await changed.get() for _ in expected]

    assert run(main()) == expected
    assert changed.folded == sum(len(set(tokens)) for tokens in changes) - len(expected)


@given(st.lists(st.integers(), max_size=30), st.integers(1, 10))
def test_the_latest_events_stay_and_the_rest_is_counted(numbers: list[int], limit: int) -> None:
    latest = LatestEvents(limit)
    for number in numbers:
        latest.put({"event_type": "last_trade_price", "number": number})

    async def main() -> list[int]:
        return [(await latest.get())["number"] for _ in numbers[-limit:]]

    assert run(main()) == numbers[-limit:]
    assert latest.dropped == max(0, len(numbers) - limit)


def test_a_queue_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="limit must be 1 or more, not 0"):
        LatestEvents(0)
