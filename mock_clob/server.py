"""Serves a venue: one thread with one event loop behind a plain port and a TLS port.

The venue belongs to that thread. Other threads reach it through `Server.call`.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import trustme
import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState

from mock_clob.gate import TRANSPORT
from mock_clob.routing import PRODUCTION_HOSTS, Route
from mock_clob.rules import MAX_CONNECTIONS

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from mock_clob.venue import Venue

OPEN_WARNING = """\
mock-clob: WARNING: listening on {host}: other computers can reach this venue.
mock-clob: Whoever reaches it can trade in it: its test keys are public. Without --host it listens
mock-clob: on 127.0.0.1, for this computer only."""

T = TypeVar("T")
_Sockets = list[tuple[socket.socket, ssl.SSLContext | None]]

LOOPBACK = "127.0.0.1"
KEEP_ALIVE_SECONDS = 120  # longer than clients keep idle connections, so that they close first
CLOSING_SECONDS = 1.0
MAX_HEAD_BYTES = 65_536  # of a request's line and headers


class CannotListen(OSError):
    """The host or the port that was asked for cannot be bound. `strerror` says why."""


class PortTaken(CannotListen):
    """Another process listens on the port that was asked for."""


class Server:
    """A venue on the network, as a context manager.

    `host` other than loopback lets other computers in; the TLS port stays on loopback always.
    `port` 0 takes any free one. Entering raises PortTaken or CannotListen. `url`, `port` and the
    rest are set once it was entered.
    """

    url: str
    ws_url: str
    rpc_url: str
    port: int
    tls_port: int
    ca_pem: Path

    def __init__(
        self,
        venue: Venue,
        host: str = LOOPBACK,
        port: int = 0,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        self.venue = venue
        self._max_connections = max_connections
        self._host = host
        self._asked_port = port
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as opened:
            plain = opened.enter_context(_listen(self._host, self._asked_port))
            tls = opened.enter_context(_listen(LOOPBACK, 0))
            directory = opened.enter_context(TemporaryDirectory(prefix="mock-clob-"))
            if not _is_loopback(self._host):
                print(OPEN_WARNING.format(host=self._host), file=sys.stderr, flush=True)
            self.port, self.tls_port = plain.getsockname()[1], tls.getsockname()[1]
            authority = f"{_url_host(self._host)}:{self.port}"
            self.url, self.ws_url = f"http://{authority}", f"ws://{authority}"
            self.rpc_url = f"{self.url}/rpc"
            self.ca_pem = Path(directory) / "ca.pem"
            sockets = [(plain, None), (tls, _tls_context(self.ca_pem))]

            self._stopping = False
            started: Future[None] = Future()
            self._thread = threading.Thread(
                target=self._serve, args=(sockets, started), name="mock-clob", daemon=True
            )
            self._thread.start()
            started.result()
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close every connection, end every request and wait for the thread."""
        with self._opened:
            self.call(self._stop.set)
            self._thread.join()

    @property
    def route(self) -> Route:
        """What `routing.install` takes to lead production names here."""
        return Route(self.tls_port, self.port, str(self.ca_pem))

    def call(self, fn: Callable[[], T]) -> T:
        """Run `fn` on the server's thread; give its result or raise its exception.

        Raises RuntimeError when the server does not run.
        """
        if threading.current_thread() is getattr(self, "_thread", None):
            return fn()
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(fn())
            except BaseException as error:
                future.set_exception(error)

        with self._lock:
            if self._loop is None:
                raise RuntimeError("the mocked venue's server is not running")
            self._loop.call_soon_threadsafe(run)
        return future.result()

    def wait(self, fn: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """As `call`, for a coroutine function: wait until it has run."""
        started: asyncio.Task[T] | None = None
        ended: Future[T] = Future()

        def start() -> None:
            nonlocal started
            started = asyncio.get_running_loop().create_task(fn())
            started.add_done_callback(end)

        def end(task: asyncio.Task[T]) -> None:
            if task.cancelled():
                ended.set_exception(RuntimeError("the mocked venue's server has stopped"))
            elif error := task.exception():
                ended.set_exception(error)
            else:
                ended.set_result(task.result())

        self.call(start)
        return ended.result()

    # On the server's thread

    def _serve(self, sockets: _Sockets, started: Future[None]) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            try:
                runner.run(self._run(sockets, started))
            except BaseException as error:
                if started.done():
                    raise
                started.set_exception(error)
            with self._lock:
                self._loop = None  # no call comes in any more; closing the runner answers the last

    async def _run(self, sockets: _Sockets, started: Future[None]) -> None:
        loop = asyncio.get_running_loop()
        state = ServerState()
        config = self._config()

        def protocol() -> _HttpProtocol:
            return _HttpProtocol(self._max_connections, config, state, {}, loop)

        listeners = [
            await loop.create_server(protocol, sock=sock, ssl=context) for sock, context in sockets
        ]
        self._stop = asyncio.Event()
        with self._lock:
            self._loop = loop
        started.set_result(None)

        await self._stop.wait()
        self._stopping = True
        for listener in listeners:
            listener.close()
        for connection in list(state.connections):
            connection.shutdown()  # a WebSocket says 1012, service restart
            connection.transport.abort()
        for task in list(state.tasks):
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await asyncio.gather(*state.tasks, return_exceptions=True)

    def _config(self) -> uvicorn.Config:
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            http=_HttpProtocol,
            ws=_WebSocketProtocol,
            ws_per_message_deflate=False,
            ws_ping_interval=None,
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            workers=1,
        )
        config.load()
        return config

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The venue, which may abort a connection and return without a reply."""
        try:
            await self.venue(scope, receive, send)
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        if scope["type"] == "http" and scope["extensions"][TRANSPORT].is_closing():
            # uvicorn takes a missing reply for an error until it has seen the connection end.
            while (await receive())["type"] != "http.disconnect":
                pass


class _HttpProtocol(HttpToolsProtocol):
    """Puts the transport into the scope, so that a fault can cut the connection; keeps limits."""

    def __init__(self, max_connections: int, *args: Any) -> None:
        super().__init__(*args)
        self.access_log = False  # here, because uvicorn's own switch is for the whole process
        self._max_connections = max_connections
        self._in_head = False
        self._head = 0  # bytes of a head that is not complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._max_connections:
            self._refuse(b"503 Service Unavailable")

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head = self._head + len(data) if self._in_head else 0
        if self._head > MAX_HEAD_BYTES:
            self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # not the trailers of a chunked body, of which there may be any number
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def _refuse(self, status: bytes) -> None:
        if not self.transport.is_closing():
            head = b"HTTP/1.1 %s\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            self.transport.write(head % status)
            self.transport.close()


class _WebSocketProtocol(WebSocketsSansIOProtocol):
    def shutdown(self) -> None:
        with contextlib.suppress(InvalidState):  # the client is closing already
            super().shutdown()

    async def run_asgi(self) -> None:
        self.scope["extensions"][TRANSPORT] = self.transport  # type: ignore[assignment]
        await super().run_asgi()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                error.errno, f"port {port} on {host} is taken; give another one, or 0 for any"
            ) from error
        raise CannotListen(
            error.errno, f"cannot listen on {host} port {port}: {error.strerror}"
        ) from error


def _tls_context(ca_pem: Path) -> ssl.SSLContext:
    """A certificate for every production host from an authority that lives only in this process."""
    authority = trustme.CA(organization_name="mock-clob")
    authority.cert_pem.write_to_path(ca_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    # No session tickets: when one came in while a client read and wrote in two threads, as
    # websockets.sync does, 1 request in 100 was lost (CPython 3.11 does not lock SSL objects).
    context.num_tickets = 0
    authority.issue_cert(*PRODUCTION_HOSTS, "localhost", LOOPBACK).configure_cert(context)
    return context


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _url_host(host: str) -> str:
    """What to write into a URL to reach a server that listens on `host`."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return LOOPBACK if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"
