"""Follow an account's orders and trades without missing a fill, whatever the connection does."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from account_state import AccountSnapshot, AccountState
from liveness import Redial
from reconnect_backoff import Backoff
from reconnecting_socket import ENDINGS, Message, ReconnectingSocket, log
from stream_timeouts import DEFAULT_TIMEOUTS, StreamTimeouts
from websockets.asyncio.client import ClientConnection

USER_URL = "wss://ws-subscriptions-clob.polymarket.com/ws/user"
OVERLAP_SECONDS = 60  # trades are read again from before the last known: clocks and pages lag


class CredentialsRejected(Exception):
    """REST answers 401 to these credentials. Derive them anew, and start another stream."""


class UserStream(ReconnectingSocket):
    """`state` is the account as far as it is known, complete while `reconciled` is True.

    `auth` holds the API credentials as the venue names them: apiKey, secret, passphrase.
    The venue replays nothing, and a message can be lost without a trace. So on every connection,
    once the subscription is in force, and then every `read_every` seconds, `read_account(since)`
    reads orders and trades by REST, in a thread, and what is news goes the same way as an event.
    `on_event` gets every piece of news once: "order" and "trade" events, and two of the stream's
    own, "stream_down" (with a reason) and "stream_reconciled".
    """

    def __init__(
        self,
        auth: Mapping[str, str],
        read_account: Callable[[int], AccountSnapshot],
        on_event: Callable[[Message], None] = lambda event: None,
        *,
        since: int | None = None,
        read_every: float = 60.0,
        url: str = USER_URL,
        timeouts: StreamTimeouts = DEFAULT_TIMEOUTS,
        backoff: Backoff | None = None,
    ) -> None:
        """`since`: Unix seconds; trades before it are not read. Now, if it is not given."""
        super().__init__(url, on_event, timeouts, backoff)
        self.state = AccountState()
        self.reconciled = False
        self._auth = dict(auth)
        self._read_account = read_account
        self._since = int(time.time()) if since is None else since
        self._read_every = read_every
        self._subscribed = asyncio.Event()

    async def _subscribe(self, socket: ClientConnection) -> None:
        await socket.send(json.dumps({"type": "user", "auth": self._auth}))
        self._alive.next_ping = 0.0  # at once: its PONG says that the subscription was taken

    def _answered(self) -> None:
        self._subscribed.set()

    async def _session(self, socket: ClientConnection) -> None:
        self._subscribed.clear()
        reading = asyncio.create_task(self._reconcile(socket, self.state.open_orders()))
        again = asyncio.create_task(self._read_again(socket, reading))
        try:
            await super()._session(socket)
        except ENDINGS as error:
            self._down(error)
            # The venue closes on wrong credentials and does not say why. REST does, so read now.
            self._subscribed.set()
            if rejection := await reading:
                raise rejection from None
        finally:
            reading.cancel()
            again.cancel()

    async def _read_again(self, socket: ClientConnection, first: asyncio.Task[Any]) -> None:
        await asyncio.wait({first})
        while True:
            # Of orders that were open for so long already, the list must know.
            known = self.state.open_orders()
            await asyncio.sleep(self._read_every)
            await self._reconcile(socket, known & self.state.open_orders())

    async def _reconcile(
        self, socket: ClientConnection, expected: set[str]
    ) -> CredentialsRejected | None:
        await self._subscribed.wait()
        try:
            account = await asyncio.to_thread(self._read_account, self._since - OVERLAP_SECONDS)
            for event in self.state.merge(account, expected):
                self._tell(event)
            self._since = self.state.read_from(self._since)  # complete up to here
        except Exception as error:
            self.counts["reconcile_failures"] += 1
            log.warning("reading the account failed: %r", error)
            await socket.close()  # and try again, on the next connection
            status = getattr(error, "status_code", None) or getattr(error, "status", None)
            if status == 401:
                return CredentialsRejected("the venue answers 401 to these API credentials")
            return None
        if self.connected and not self.reconciled:
            self.reconciled = True
            self._tell({"event_type": "stream_reconciled"})
        self._moved()
        return None

    def _heard(self, message: Message) -> None:
        kind = message.get("event_type")
        try:
            if kind == "trade":
                is_news = self.state.take_trade(message)
            else:
                is_news = kind != "order" or self.state.take_order(message)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise Redial("resyncs", f"{kind}: {error!r}") from error
        if is_news:
            self._tell(message)

    def _lost(self) -> None:
        self.reconciled = False
