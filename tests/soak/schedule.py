"""What happens in a run, and when: a pure function of the seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

REST_FAULTS = (
    "lose_reply", "reset", "error_after_accept", "server_error", "bad_gateway", "rate_limited",
    "engine_restart", "cancel_only", "disabled", "cf_1015", "cf_403",
)  # fmt: skip
CALLS = (("POST", "/order"), ("POST", "/orders"), ("DELETE", "*"), ("GET", "/data/*"))
STREAM_FAULTS = (
    "ws_drop", "ws_freeze", "ws_dead", "ws_no_pong", "ws_noise", "ws_gap", "ws_dup", "ws_reorder",
    "ws_split_match", "ws_refused", "ws_accept_then_close", "ws_half_open",
)  # fmt: skip
NODE_FAULTS = ("rpc_down", "rpc_rate_limited", "rpc_error", "rpc_lag")
REDIS_FAULTS = ("restart", "freeze")
WEIGHTS = {
    "place": 24,
    "batch": 8,
    "burst": 3,
    "cancel": 8,
    "cancel_all": 3,
    "trade": 20,  # somebody else's order, which may fill ours
    "advance": 12,
    "rest_fault": 14,
    "stream_fault": 10,
    "node_fault": 4,
    "redis_fault": 1,
    "die": 5,  # the trader ends without a word, in the middle of an order, and starts again
    "read_moves": 5,
    "restart_engine": 1,
    "check": 4,
}


@dataclass(frozen=True)
class Step:
    number: int
    kind: str
    arguments: tuple[Any, ...]


def steps(seed: int) -> Iterator[Step]:
    """For ever. The same seed gives the same steps, whatever the run makes of them."""
    dice = random.Random(seed)
    number = 0
    while True:
        number += 1
        kind = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        yield Step(number, kind, _arguments(kind, dice))


def _arguments(kind: str, dice: random.Random) -> tuple[Any, ...]:
    def order() -> tuple[str, str, int]:
        return dice.choice(["BUY", "SELL"]), f"0.{dice.randint(40, 60)}", dice.randint(5, 20)

    match kind:
        case "place" | "trade":
            return order()
        case "batch":
            return tuple(order() for _ in range(dice.randint(2, 15)))
        case "burst":
            return tuple(order() for _ in range(40))
        case "cancel":
            return (dice.randint(1, 5),)
        case "advance":
            return (dice.choice([1, 5, 30, 120, 600]),)
        case "rest_fault":
            return dice.choice(REST_FAULTS), dice.choice(CALLS), dice.randint(1, 3)
        case "stream_fault":
            return (dice.choice(STREAM_FAULTS),)
        case "node_fault":
            return dice.choice(NODE_FAULTS), dice.randint(1, 4)
        case "redis_fault":
            return (dice.choice(REDIS_FAULTS),)
        case "die":
            return dice.choice(["before", "after"]), *order()
        case _:
            return ()
