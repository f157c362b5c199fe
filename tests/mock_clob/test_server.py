"""The server: two ports over one venue, its thread, and a quick and complete end."""

import asyncio
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from mock_clob.gate import TRANSPORT
from mock_clob.routing import PRODUCTION_HOSTS
from mock_clob.server import CannotListen, PortTaken, Server

FILES = Path("/dev/fd")  # what this process has open


class Venue:
    """As little of a venue as a server needs: an application with a few kinds of reply."""

    def __init__(self) -> None:
        self.asleep = threading.Event()
        self.app = Starlette(
            routes=[
                Route("/scheme", self.scheme),
                Route("/cut", self.cut),
                Route("/sleep", self.sleep),
                WebSocketRoute("/ws/echo", self.echo),
                WebSocketRoute("/ws/cut", self.cut_stream),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    async def scheme(self, request: Request) -> Response:
        return JSONResponse(request.url.scheme)

    async def cut(self, request: Request) -> Any:
        request.scope["extensions"][TRANSPORT].abort()
        return _no_reply

    async def sleep(self, request: Request) -> Response:
        self.asleep.set()
        await asyncio.sleep(3600)
        return Response()

    async def echo(self, stream: WebSocket) -> None:
        await stream.accept()
        async for text in stream.iter_text():
            await stream.send_text(text)

    async def cut_stream(self, stream: WebSocket) -> None:
        await stream.accept()
        stream.scope["extensions"][TRANSPORT].abort()


async def _no_reply(scope: Scope, receive: Receive, send: Send) -> None:
    pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Venue()) as server:  # type: ignore[arg-type]
        yield server


@pytest.fixture
def context(server: Server) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(server.ca_pem))


def test_one_venue_answers_on_both_ports(server: Server, context: ssl.SSLContext) -> None:
    assert httpx.get(f"{server.url}/scheme").json() == "http"
    tls = f"https://localhost:{server.tls_port}/scheme"
    assert httpx.get(tls, verify=context).json() == "https"


def test_both_ports_carry_websockets(server: Server, context: ssl.SSLContext) -> None:
    for url, tls in ((server.ws_url, None), (f"wss://localhost:{server.tls_port}", context)):
        with connect(f"{url}/ws/echo", ssl=tls) as stream:
            stream.send("PING")
            assert stream.recv() == "PING"
            assert stream.protocol.extensions == []  # no permessage-deflate


@pytest.mark.parametrize("name", [*PRODUCTION_HOSTS, "localhost", "127.0.0.1"])
def test_the_certificate_is_good_for(name: str, server: Server, context: ssl.SSLContext) -> None:
    with (
        socket.create_connection(("127.0.0.1", server.tls_port)) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        assert secure.getpeercert()


def test_no_session_ticket_comes_in_beside_a_reply(server: Server, context: ssl.SSLContext) -> None:
    with (
        socket.create_connection(("127.0.0.1", server.tls_port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        secure.sendall(b"GET /scheme HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert secure.recv(65536).startswith(b"HTTP/1.1 200")
        assert secure.session is not None
        assert not secure.session.has_ticket


def test_it_listens_on_loopback_without_saying_so(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert capsys.readouterr().err == ""


def test_it_says_so_when_other_computers_can_reach_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Server(Venue(), host="0.0.0.0") as server:  # type: ignore[arg-type]
        assert httpx.get(f"{server.url}/scheme").json() == "http"
    told = capsys.readouterr().err
    assert told.startswith("mock-clob: WARNING: listening on 0.0.0.0: other computers can reach")
    assert "test keys are public" in told


def test_it_serves_loopback_of_ipv6(capsys: pytest.CaptureFixture[str]) -> None:
    with Server(Venue(), host="::1") as server:  # type: ignore[arg-type]
        assert server.url == f"http://[::1]:{server.port}"
        assert httpx.get(f"{server.url}/scheme").json() == "http"
    assert capsys.readouterr().err == ""


def test_a_taken_port_is_named(server: Server) -> None:
    with pytest.raises(PortTaken, match=f"port {server.port} on 127.0.0.1 is taken"):
        Server(Venue(), port=server.port).__enter__()  # type: ignore[arg-type]


def test_a_host_that_is_not_ours_is_named() -> None:
    with pytest.raises(CannotListen, match=r"cannot listen on 203\.0\.113\.7 port 0"):
        Server(Venue(), host="203.0.113.7").__enter__()  # type: ignore[arg-type]


def test_a_failure_on_the_servers_thread_reaches_the_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Server, "_config", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Server(Venue()).__enter__()  # type: ignore[arg-type]


# Faults: a connection cut through its transport


@pytest.mark.parametrize("tls", [False, True])
def test_a_cut_connection_gives_no_reply_and_no_noise(
    tls: bool, server: Server, context: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"https://localhost:{server.tls_port}" if tls else server.url
    with httpx.Client(verify=context) as client:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            client.get(f"{url}/cut")
        assert client.get(f"{url}/scheme").status_code == 200
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_cut_stream_ends_without_a_close_frame(server: Server) -> None:
    with (
        connect(f"{server.ws_url}/ws/cut") as stream,
        pytest.raises(websockets.ConnectionClosedError, match="no close frame received"),
    ):
        stream.recv()


def test_requests_are_not_logged(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    httpx.get(f"{server.url}/scheme")
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


# The thread


def test_call_runs_on_the_server_thread_and_gives_the_result(server: Server) -> None:
    assert server.call(threading.current_thread).name == "mock-clob"


def test_call_raises_what_the_function_raised(server: Server) -> None:
    with pytest.raises(ZeroDivisionError):
        server.call(lambda: 1 / 0)


def test_call_within_a_call_does_not_wait_for_itself(server: Server) -> None:
    assert server.call(lambda: server.call(lambda: 7)) == 7


def test_call_needs_a_running_server() -> None:
    server = Server(Venue())  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="not running"):
        server.call(lambda: None)
    with server:
        pass
    with pytest.raises(RuntimeError, match="not running"):
        server.call(lambda: None)


def test_calls_from_many_threads_are_all_answered_or_refused_at_the_end() -> None:
    def count(server: Server) -> int:
        answered = 0
        while True:
            try:
                answered += server.call(lambda: 1)
            except RuntimeError:
                return answered

    with ThreadPoolExecutor(4) as pool:
        with Server(Venue()) as server:  # type: ignore[arg-type]
            counts = [pool.submit(count, server) for _ in range(4)]
            assert server.call(lambda: True)
        assert all(each.result(timeout=5) >= 0 for each in counts)


def test_a_call_that_comes_in_at_the_very_end_is_answered() -> None:
    answered = threading.Event()

    def answer_late(task: "asyncio.Task[None]") -> None:
        task.get_loop().call_soon(answered.set)

    with Server(Venue()) as server:  # type: ignore[arg-type]
        tasks = server.call(lambda: asyncio.all_tasks(asyncio.get_running_loop()))
        assert len(tasks) == 1  # the one whose end ends the loop
        server.call(lambda: tasks.pop().add_done_callback(answer_late))
    assert answered.is_set()


# The end


def test_stopping_ends_requests_and_streams_and_leaves_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    threads, files = threading.active_count(), len(list(FILES.iterdir()))
    venue = Venue()
    with ThreadPoolExecutor(1) as pool:
        with Server(venue) as server:  # type: ignore[arg-type]
            sleeping = pool.submit(httpx.get, f"{server.url}/sleep", timeout=60)
            stream = connect(f"{server.ws_url}/ws/echo")
            assert venue.asleep.wait(5)
            began = time.monotonic()
        took = time.monotonic() - began
        assert isinstance(sleeping.exception(5), httpx.RemoteProtocolError)
    with pytest.raises(websockets.ConnectionClosedError) as closed:
        stream.recv()
    stream.close()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert took < 0.5
    assert not server.ca_pem.parent.exists()
    assert (threading.active_count(), len(list(FILES.iterdir()))) == (threads, files)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_stopping_while_a_stream_closes_is_no_error() -> None:
    for _ in range(30):  # over TLS a connection takes a moment to end
        with Server(Venue()) as server:  # type: ignore[arg-type]
            url = f"wss://localhost:{server.tls_port}/ws/echo"
            connect(url, ssl=ssl.create_default_context(cafile=str(server.ca_pem))).close()


def test_a_port_is_free_again_at_once() -> None:
    with Server(Venue()) as first:  # type: ignore[arg-type]
        httpx.get(f"{first.url}/scheme")
    with Server(Venue(), port=first.port) as second:  # type: ignore[arg-type]
        assert httpx.get(f"{second.url}/scheme").status_code == 200


def test_a_server_starts_and_stops_again() -> None:
    server = Server(Venue())  # type: ignore[arg-type]
    for _ in range(3):
        with server:
            assert httpx.get(f"{server.url}/scheme").status_code == 200


def test_wait_gives_what_a_coroutine_gives_or_raises(server: Server) -> None:
    async def where() -> str:
        await asyncio.sleep(0)
        return threading.current_thread().name

    async def fail() -> None:
        raise LookupError("not here")

    assert server.wait(where) == "mock-clob"
    with pytest.raises(LookupError, match="not here"):
        server.wait(fail)


def test_a_wait_that_the_end_of_the_server_cuts_short_says_so() -> None:
    with Server(Venue()) as server, ThreadPoolExecutor(1) as pool:  # type: ignore[arg-type]
        begun = threading.Event()

        async def for_ever() -> None:
            begun.set()
            await asyncio.sleep(3600)

        waiting = pool.submit(server.wait, for_ever)
        assert begun.wait(5)
        server.__exit__(None, None, None)
        with pytest.raises(RuntimeError, match="has stopped"):
            waiting.result(5)
        server.__enter__()


def test_one_connection_too_many_is_refused_and_the_others_stay() -> None:
    with Server(Venue(), max_connections=2) as server:  # type: ignore[arg-type]
        address = ("127.0.0.1", server.port)
        with socket.create_connection(address) as first, socket.create_connection(address):
            with socket.create_connection(address, timeout=5) as third:
                assert third.recv(100).startswith(b"HTTP/1.1 503 ")
            first.settimeout(5)
            first.sendall(b"GET /scheme HTTP/1.1\r\nHost: x\r\n\r\n")
            assert first.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_a_head_without_an_end_is_refused(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as peer:
        peer.sendall(b"GET /scheme HTTP/1.1\r\nX: " + b"y" * 70_000)
        assert peer.recv(100).startswith(b"HTTP/1.1 431 ")
