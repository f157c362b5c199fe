"""A dead man's switch: when the bot dies, so does the beat, and the venue cancels its orders."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable

from cancel_orders import cancel_for_sure
from polymarket import SecureClient
from polymarket.errors import OrderHeartbeatMismatchError
from secure_client import secure_client
from secure_gateway import YES, SecureGateway

# docs.polymarket.com, Orders overview (2026-05): beat every 5 s; after 10 s without, and up to 5 s
# of grace, every order of the API key is canceled.
EVERY_SECONDS, LIMIT_SECONDS = 5.0, 10.0


class Heartbeat:
    """`with Heartbeat(client) as heart:` beats in a thread of its own, begun before it is entered.

    Once begun it must go on: after the end the venue cancels what is still open.
    """

    def __init__(
        self,
        client: SecureClient,
        *,
        every: float = EVERY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._every, self._clock = client, every, clock
        self._id, self._lapses_at = "", -math.inf
        self.lapses = -1  # how often it began anew: each time, every order may be gone
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="heartbeat", daemon=True)

    @property
    def lapsed(self) -> bool:
        """Whether the last beat that was answered is too long ago: do not quote."""
        return self._clock() >= self._lapses_at

    def beat(self) -> None:
        """Once. Raises what the client raises; the venue's deadline is then still the old one."""
        began = self._clock()  # the venue counts from some time after it
        anew = self.lapsed
        try:
            answer = self._client.send_order_heartbeat(heartbeat_id=self._id)
        except OrderHeartbeatMismatchError as error:
            self._id = error.heartbeat_id  # "": the venue let it lapse; else an answer was lost
            anew = anew or not self._id
            answer = self._client.send_order_heartbeat(heartbeat_id=self._id)
        self._id, self._lapses_at = answer.heartbeat_id, began + LIMIT_SECONDS
        self.lapses += anew

    def __enter__(self) -> Heartbeat:
        self.beat()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _beat_on(self) -> None:
        while not self._end.wait(self._every):
            try:
                self.beat()
            except Exception:
                logging.getLogger(__name__).exception("no heartbeat")


if __name__ == "__main__":
    with secure_client() as client, Heartbeat(client, every=0.05) as heart:
        client.place_limit_order(token_id=YES, side="BUY", price="0.10", size=10)
        print("lapsed:", heart.lapsed)
        cancel_for_sure(SecureGateway(client))  # before the heart stops
