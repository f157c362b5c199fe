"""Place orders so that their outcome is always known: written first, looked up, placed once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from failure import Failure, Kind
from order_journal import Entry, OrderJournal, Written
from outcome import Outcome, State

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0


class Gateway(Protocol):
    """What a client must be able to do. See secure_gateway.py and clob_gateway.py."""

    def order_id(self, signed: Any) -> str: ...
    def dump(self, signed: Any) -> str: ...
    def load(self, text: str) -> Any: ...
    def rests(self, signed: Any) -> bool: ...
    def send(self, signed: Any) -> Failure | None: ...
    def send_all(self, signed: Sequence[Any]) -> list[Failure | None]: ...
    def look_up(self, order_id: str, *, since: float) -> Outcome: ...


class JournaledOrders:
    """Any number of threads may place. `Entry.state` of what comes back is never an open question,
    unless time was up: then the order may or may not be at the venue, and `settle` asks again.
    """

    def __init__(
        self,
        gateway: Gateway,
        journal: OrderJournal,
        *,
        seconds: float = 30.0,
        patience: float = 3.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds` to get an outcome; `patience` until an order that does not show counts as not
        there: look-ups may lag behind. What is sent again is refused if it was there after all.
        """
        self._gateway, self._journal = gateway, journal
        self._seconds, self._patience = seconds, patience
        self._sleep, self._clock = sleep, clock

    def place(self, signed: Any) -> Entry:
        """Write, send, resolve. The same signed order may be placed again: it rests once."""
        order_id = self._gateway.order_id(signed)
        is_new = self._journal.write(order_id, self._gateway.dump(signed))
        entry = self._journal.entry(order_id)
        if entry.state is not Written.OPEN:
            return entry
        return self._resolve(entry, signed, in_doubt=not is_new, send_again=True)

    def place_batch(self, batch: Sequence[Any]) -> list[Entry]:
        """Write all, send once, at most 15; each leg that is not answered is resolved by itself."""
        new = []
        for signed in batch:
            order_id = self._gateway.order_id(signed)
            if self._journal.write(order_id, self._gateway.dump(signed)):
                new.append((order_id, signed))
        answers = self._gateway.send_all([signed for _, signed in new]) if new else []
        if len(answers) != len(new):
            answers = []  # whose answer is whose? nothing is answered
        for (order_id, _), answer in zip(new, answers, strict=False):
            if answer is None:
                self._journal.close_question(order_id, Written.PLACED)
            elif not answer.in_doubt and not answer.may_repeat:
                self._journal.close_question(order_id, Written.REFUSED, answer.text)
        self._sleep(max((answer.retry_after for answer in answers if answer), default=0.0))
        return [self.place(signed) for signed in batch]

    def settle(self, *, resend: bool = True) -> list[Entry]:
        """At every start, before anything is placed: resolve what a crash or a timeout left open.

        An order that would rest and is not there is sent again, as it was signed, unless `resend`
        is False. A FOK or FAK is never: its moment has passed.
        """
        found = []
        for entry in self._journal.open_questions():
            signed = self._gateway.load(entry.signed)
            again = resend and self._gateway.rests(signed)
            found.append(self._resolve(entry, signed, in_doubt=True, send_again=again))
        return found

    def _resolve(self, entry: Entry, signed: Any, *, in_doubt: bool, send_again: bool) -> Entry:
        deadline, pause = self._clock() + self._seconds, FIRST_PAUSE
        failure = Failure(Kind.UNKNOWN, "no answer was written down")
        may_send = not in_doubt
        while True:
            if may_send:
                answer = self._gateway.send(signed)
                if answer is None or answer.kind is Kind.DUPLICATE:
                    return self._close(entry, Written.PLACED)
                failure = answer
                in_doubt = in_doubt or failure.in_doubt
                if not in_doubt and not failure.may_repeat:
                    return self._close(entry, Written.REFUSED, failure.text)
            if in_doubt:
                state = self._state(entry)
                if state in (State.OPEN, State.CLOSED):
                    return self._close(entry, Written.PLACED)
                may_send = state is State.ABSENT
                if may_send and not failure.may_repeat:
                    return self._close(entry, Written.REFUSED, failure.text)
                if may_send and not send_again:
                    return self._close(entry, Written.DROPPED, failure.text)
            pause = max(pause, failure.retry_after)
            if self._clock() + pause > deadline:
                return entry
            self._sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _state(self, entry: Entry) -> State | None:
        """None: the look-up failed, so nothing may be sent. ABSENT only after the patience."""
        deadline = self._clock() + self._patience
        while True:
            try:
                state = self._gateway.look_up(entry.order_id, since=entry.written).state
            except Exception:
                return None
            if state is not State.ABSENT or self._clock() >= deadline:
                return state
            self._sleep(FIRST_PAUSE)

    def _close(self, entry: Entry, state: Written, detail: str = "") -> Entry:
        self._journal.close_question(entry.order_id, state, detail)
        return self._journal.entry(entry.order_id)
