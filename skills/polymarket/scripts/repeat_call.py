"""Repeat a read or a cancel until it answers. Not for orders: those go through `place_once`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from errors import classify
from py_clob_client.client import ClobClient

T = TypeVar("T")


def repeat_call(call: Callable[[], T], *, seconds: float = 30.0) -> T:
    """The answer of `call`. Raises its last exception when it is final or `seconds` are over."""
    deadline = time.monotonic() + seconds
    pause = 0.5
    while True:
        try:
            return call()
        except Exception as error:
            failure = classify(error)
            pause = max(pause, failure.retry_after)
            if not failure.may_repeat or time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, 8.0)


if __name__ == "__main__":
    client = ClobClient("https://clob.polymarket.com")
    print(repeat_call(client.get_ok))
