"""Routing: production names reach the venue through every common transport, nothing else does."""

import asyncio
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import certifi
import httpx
import pytest
import requests
import urllib3
import uvloop
import websockets
import websockets.sync.client
from py_clob_client.client import ClobClient as ClobClientV1
from py_clob_client.exceptions import PolyApiException
from py_clob_client_v2 import ClobClient as ClobClientV2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from web3 import HTTPProvider, Web3

from mock_clob import routing
from mock_clob.server import Server

HOST = "clob.polymarket.com"
STRANGER = "example.com"
ADDRESS = "203.0.113.7"  # for documentation: nobody's


async def answer(request: Request) -> JSONResponse:
    """Tells which host was asked for, in words that each client's own method accepts."""
    body: dict[str, Any] = {"host": request.url.hostname, "scheme": request.url.scheme}
    if request.method == "POST":
        body |= {"jsonrpc": "2.0", "id": (await request.json())["id"], "result": "0x89"}
    return JSONResponse(body)


async def answer_stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(json.dumps({"host": socket.url.hostname, "scheme": socket.url.scheme}))
    await socket.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    app = Starlette(
        routes=[
            WebSocketRoute("/ws/market", answer_stream),
            Route("/{path:path}", answer, methods=["GET", "POST"]),
        ]
    )
    with Server(app) as server:  # type: ignore[arg-type]
        yield server


@pytest.fixture
def unrouted() -> Iterator[None]:
    """No route, even where the whole session has one."""
    before = routing.active()
    routing.uninstall()
    yield
    routing.install(*before) if before else routing.uninstall()


@pytest.fixture
def routed(unrouted: None, server: Server) -> None:
    routing.install(server.tls_port, server.port, str(server.ca_pem))


# One function a transport: it asks a host and gives back what the venue said


def by_urllib(host: str) -> Any:
    with urllib.request.urlopen(f"https://{host}/ok", timeout=5) as response:
        return json.load(response)


def by_http_client(host: str) -> Any:
    connection = http.client.HTTPSConnection(host, timeout=5)
    connection.request("GET", "/ok")
    return json.load(connection.getresponse())


def by_urllib3(host: str) -> Any:
    with urllib3.PoolManager(retries=False, timeout=5) as pool:
        return pool.request("GET", f"https://{host}/ok").json()


def by_requests(host: str) -> Any:
    return requests.get(f"https://{host}/ok", timeout=5).json()


def by_httpx(host: str) -> Any:
    return httpx.get(f"https://{host}/ok").json()


def by_httpx_with_certifi(host: str) -> Any:
    context = ssl.create_default_context(cafile=certifi.where())
    with httpx.Client(http2=True, verify=context, trust_env=False) as client:
        return client.get(f"https://{host}/ok").json()


def by_websockets(host: str) -> Any:
    with websockets.sync.client.connect(f"wss://{host}/ws/market", open_timeout=5) as stream:
        return json.loads(stream.recv())


def by_raw_socket(host: str) -> Any:
    with socket.socket() as plain:
        plain.settimeout(5)
        plain.connect((host, 443))
        with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure:
            secure.sendall(f"GET /ok HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            return json.loads(b"".join(iter(lambda: secure.recv(4096), b"")).split(b"\r\n\r\n")[1])


async def by_httpx_async(host: str) -> Any:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"https://{host}/ok")).json()


async def by_aiohttp(host: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(f"https://{host}/ok") as response:
        return await response.json()


async def by_aiohttp_stream(host: str) -> Any:
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"wss://{host}/ws/market") as stream:
            return await stream.receive_json()


async def by_websockets_async(host: str) -> Any:
    async with websockets.connect(f"wss://{host}/ws/market", open_timeout=5) as stream:
        return json.loads(await stream.recv())


async def by_asyncio_streams(host: str) -> Any:
    reader, writer = await asyncio.open_connection(host, 443, ssl=True)
    writer.write(f"GET /ok HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
    head_and_body = await reader.read()
    writer.close()
    return json.loads(head_and_body.split(b"\r\n\r\n")[1])


SYNCHRONOUS = [
    by_urllib,
    by_http_client,
    by_urllib3,
    by_requests,
    by_httpx,
    by_httpx_with_certifi,
    by_websockets,
    by_raw_socket,
]
ASYNCHRONOUS = [
    by_httpx_async,
    by_aiohttp,
    by_aiohttp_stream,
    by_websockets_async,
    by_asyncio_streams,
]


def on(loop: Callable[[], asyncio.AbstractEventLoop], ask: Callable[[str], Awaitable[Any]]) -> Any:
    def run(host: str) -> Any:
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(ask(host))  # type: ignore[arg-type]

    return pytest.param(run, id=f"{ask.__name__}-{loop.__module__}")


TRANSPORTS = [
    *SYNCHRONOUS,
    *(on(asyncio.SelectorEventLoop, ask) for ask in ASYNCHRONOUS),
    *(on(uvloop.new_event_loop, ask) for ask in ASYNCHRONOUS),
]
every_transport = pytest.mark.parametrize("ask", TRANSPORTS)


def reasons(error: BaseException | None) -> str:
    """All that an exception and those behind it say."""
    texts = []
    while error is not None:
        texts.append(str(error))
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


@every_transport
def test_a_production_name_leads_to_the_venue(ask: Callable[[str], Any], routed: None) -> None:
    said = ask(HOST)
    assert said["host"] == HOST
    assert said["scheme"] in ("https", "wss")


@every_transport
def test_another_name_is_refused_by_name(ask: Callable[[str], Any], routed: None) -> None:
    with pytest.raises(Exception) as caught:
        ask(STRANGER)
    assert f"refuses to look up {STRANGER}" in reasons(caught.value)
    assert f"It serves {HOST}, gamma-api.polymarket.com" in reasons(caught.value)


@every_transport
def test_a_literal_address_is_refused(ask: Callable[[str], Any], routed: None) -> None:
    with pytest.raises(Exception) as caught:
        ask(ADDRESS)
    assert f"refuses to connect to {ADDRESS}" in reasons(caught.value)
