"""Routing: production names reach the venue through every common transport, nothing else does."""

import _socket
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
from decimal import Decimal
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
from polymarket import AsyncPublicClient, PublicClient
from polymarket.streams import MarketSpec
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
from mock_clob.scenario import DOCUMENTED
from mock_clob.server import Server
from mock_clob.venue import Options, Venue

YES = DOCUMENTED.token_ids[0]
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
    routing.install(*server.route)


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
    url = f"wss://{host}/ws/market"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as stream:
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
REFUSED = (OSError, httpx.ConnectError, urllib3.exceptions.HTTPError)
every_loop = pytest.mark.parametrize("loop", [asyncio.SelectorEventLoop, uvloop.new_event_loop])
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
    with pytest.raises(REFUSED) as caught:
        ask(STRANGER)
    assert f"refuses to look up {STRANGER}" in reasons(caught.value)
    assert f"It serves {HOST}, gamma-api.polymarket.com" in reasons(caught.value)


@every_transport
def test_a_literal_address_is_refused(ask: Callable[[str], Any], routed: None) -> None:
    with pytest.raises(REFUSED) as caught:
        ask(ADDRESS)
    assert f"refuses to connect to {ADDRESS}" in reasons(caught.value)


def test_without_a_venue_production_names_are_refused_too(unrouted: None) -> None:
    routing.install()
    with pytest.raises(socket.gaierror, match=f"look up {HOST}: no mocked venue is running"):
        socket.getaddrinfo(HOST, 443)


# The clients of Polymarket and of Polygon


@pytest.fixture(scope="module")
def venue_server() -> Iterator[Server]:
    with Server(Venue(Options(chain=False))) as server:
        yield server


@pytest.fixture
def routed_to_venue(unrouted: None, venue_server: Server) -> None:
    routing.install(*venue_server.route)


def test_py_clob_client_reaches_the_venue_though_imported_before(routed_to_venue: None) -> None:
    assert ClobClientV1(f"https://{HOST}").get_midpoint(YES) == {"mid": "0.5"}


def test_py_clob_client_v2_reaches_the_venue_though_imported_before(routed_to_venue: None) -> None:
    assert ClobClientV2(f"https://{HOST}", chain_id=137).get_midpoint(YES) == {"mid": "0.5"}


def test_py_clob_client_is_refused_another_host(routed: None) -> None:
    with pytest.raises(PolyApiException) as caught:
        ClobClientV1(f"https://{STRANGER}").get_server_time()
    assert f"refuses to look up {STRANGER}" in reasons(caught.value)


def test_polymarket_client_reaches_the_venue(routed_to_venue: None) -> None:
    with PublicClient() as client:
        assert client.get_midpoint(token_id=YES) == Decimal("0.5")


@every_loop
def test_async_polymarket_client_reaches_the_venue_and_its_stream(
    loop: Callable[[], asyncio.AbstractEventLoop], routed_to_venue: None
) -> None:
    async def midpoint_and_first_event() -> tuple[Decimal, str]:
        async with AsyncPublicClient() as client:
            midpoint = await client.get_midpoint(token_id=YES)
            async with await client.subscribe(MarketSpec(asset_ids=[YES])) as stream:
                async for event in stream:
                    return midpoint, type(event).__name__
        raise AssertionError("the stream ended without an event")

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(midpoint_and_first_event()) == (Decimal("0.5"), "MarketBookEvent")


@pytest.mark.parametrize("host", ["polygon-rpc.com", "polygon.drpc.org"])
def test_web3_reads_the_chain_under_its_production_names(host: str, routed: None) -> None:
    assert Web3(HTTPProvider(f"https://{host}")).eth.chain_id == 137


# What is refused and what passes, below the clients


def test_port_80_leads_to_the_plain_port(routed: None) -> None:
    assert requests.get(f"http://{HOST}/ok", timeout=5).json() == {"host": HOST, "scheme": "http"}


def test_another_port_of_a_production_host_is_refused(routed: None) -> None:
    with pytest.raises(ConnectionRefusedError, match="on the ports 443 and 80, not on 8443"):
        socket.create_connection((HOST, 8443))


def test_loopback_stays_as_it_is(routed: None, server: Server) -> None:
    for host in ("127.0.0.1", "localhost"):
        assert requests.get(f"http://{host}:{server.port}/ok", timeout=5).json()["host"] == host


def test_unix_sockets_pass(routed: None, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        client.connect(str(tmp_path / "s"))


@pytest.mark.parametrize("address", ["2001:db8::7", "::ffff:203.0.113.7"])
def test_ipv6_addresses_are_refused(address: str, routed: None) -> None:
    with (
        socket.socket(socket.AF_INET6) as sock,
        pytest.raises(ConnectionRefusedError, match="refuses to connect"),
    ):
        sock.connect((address, 443))


def test_loopback_in_ipv6_spelling_stays_as_it_is(routed: None, server: Server) -> None:
    with socket.socket(socket.AF_INET6) as sock:
        sock.connect(("::ffff:127.0.0.1", server.port))


def test_a_connection_past_the_routed_class_is_refused(routed: None) -> None:
    with pytest.raises(ConnectionRefusedError, match=f"refuses to connect to {ADDRESS}"):
        _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM).connect((ADDRESS, 443))


def test_datagrams_are_refused(routed: None) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock,
        pytest.raises(ConnectionRefusedError, match=f"refuses to connect to {ADDRESS}"),
    ):
        sock.sendto(b"?", (ADDRESS, 53))


def test_an_open_datagram_endpoint_of_uvloop_is_refused(routed: None) -> None:
    async def open_endpoint() -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("0.0.0.0", 0))

    with pytest.raises(ConnectionRefusedError, match="datagram endpoint of uvloop"):
        uvloop.run(open_endpoint())


def test_a_look_up_past_the_routed_function_is_refused(routed: None) -> None:
    for look_up in (_socket.getaddrinfo, _socket.gethostbyname_ex):
        with pytest.raises(socket.gaierror, match=f"refuses to look up {STRANGER} other than by"):
            look_up(STRANGER, *([443] if look_up is _socket.getaddrinfo else []))


def test_a_numeric_look_up_tells_a_name_from_an_address(routed: None) -> None:
    with pytest.raises(socket.gaierror) as caught:
        socket.getaddrinfo(HOST, 443, flags=socket.AI_NUMERICHOST)
    assert caught.value.errno == socket.EAI_NONAME
    assert socket.getaddrinfo(ADDRESS, 443, flags=socket.AI_NUMERICHOST)


@pytest.mark.parametrize("spelling", [HOST.upper(), f"{HOST}.", HOST.encode()])
def test_a_production_name_is_known_in_every_spelling(spelling: Any, routed: None) -> None:
    assert socket.getaddrinfo(spelling, 443) == socket.getaddrinfo(HOST, 443)
    assert socket.gethostbyname(spelling) == socket.gethostbyname(HOST)


def test_the_authority_is_trusted_for_production_names_only(routed: None, server: Server) -> None:
    context = ssl.create_default_context(cafile=certifi.where())
    with (
        httpx.Client(verify=context) as client,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.get(f"https://localhost:{server.tls_port}/ok")


def test_a_library_with_a_network_stack_of_its_own_is_refused_on_import(
    routed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pycares.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match="refuses to import pycares: it connects in native code"):
        import pycares  # noqa: F401


def test_a_local_proxy_that_a_client_found_before_is_refused(
    unrouted: None, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with httpx.Client() as client:
            routing.install(*server.route)
            with pytest.raises(httpx.ConnectError) as caught:
                client.get(f"https://{HOST}/ok")
            routing.uninstall()  # while the proxy is still the environment's own
    assert "the environment names it as a proxy" in reasons(caught.value)


def test_the_environment_is_routed_and_comes_back(
    unrouted: None, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example.com:3128")
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    before = dict(os.environ)

    routing.install(*server.route)
    assert "https_proxy" not in os.environ
    assert os.environ["NO_PROXY"] == "*"
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        assert os.environ[name] == str(server.ca_pem)
    assert os.environ["PYTHONPATH"] == f"{routing.ROUTE_DIRECTORY}{os.pathsep}/somewhere"

    routing.install()
    assert os.environ["SSL_CERT_FILE"] == certifi.where()

    routing.uninstall()
    assert dict(os.environ) == before


def test_uninstall_leaves_nothing_behind(unrouted: None, server: Server) -> None:
    owners = (socket, socket.socket, ssl.SSLContext, uvloop.Loop)
    before = [dict(vars(owner)) for owner in owners]
    routing.install(*server.route)
    assert [dict(vars(owner)) for owner in owners] != before
    routing.uninstall()
    assert [dict(vars(owner)) for owner in owners] == before
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((ADDRESS, 53))  # sends nothing


def test_code_that_kept_the_routed_look_up_is_free_again(unrouted: None, server: Server) -> None:
    routing.install(*server.route)
    kept = socket.getaddrinfo
    routing.uninstall()
    with pytest.raises(socket.gaierror) as caught:
        kept("nobody.invalid", 443)
    assert "mock-clob" not in str(caught.value)


def test_uninstall_spares_what_somebody_patched_since(
    unrouted: None, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", socket.getaddrinfo)  # comes back in the end
    routing.install(*server.route)
    monkeypatch.setattr(socket, "getaddrinfo", theirs := lambda *_: [])
    routing.uninstall()
    assert socket.getaddrinfo is theirs


# Other processes

CHILD = """
import json, sys, urllib.request
print(json.load(urllib.request.urlopen("https://clob.polymarket.com/ok"))["host"])
"""
GRANDCHILD = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {CHILD!r}], check=True)
"""


@pytest.fixture
def child_environment(server: Server) -> dict[str, str]:
    return routing.environment(server.route, os.environ)


def python(
    code: str, environment: dict[str, str], executable: str = sys.executable
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [executable, "-c", code],
        check=False,
        env=environment,
        cwd="/",  # where there is no mock_clob to import
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize("code", [CHILD, GRANDCHILD], ids=["child", "grandchild"])
def test_a_child_process_is_routed(code: str, child_environment: dict[str, str]) -> None:
    done = python(code, child_environment)
    assert (done.stdout.strip(), done.stderr) == (HOST, "")


def test_a_routed_environment_is_not_routed_twice(
    child_environment: dict[str, str], server: Server
) -> None:
    assert routing.environment(server.route, child_environment) == child_environment


def test_a_child_of_a_routed_process_is_routed(routed: None) -> None:
    assert python(CHILD, dict(os.environ)).stdout.strip() == HOST


def test_a_child_under_an_interpreter_without_mock_clob_is_routed(
    child_environment: dict[str, str],
) -> None:
    bare = sys._base_executable  # type: ignore[attr-defined]
    missing = python("import mock_clob", child_environment, bare)
    assert "No module named 'mock_clob'" in missing.stderr
    assert python(CHILD, child_environment, bare).stdout.strip() == HOST


def test_a_child_says_once_what_it_was_refused(child_environment: dict[str, str]) -> None:
    code = f"""
import socket
for _ in range(2):
    try:
        socket.create_connection(({STRANGER!r}, 443))
    except OSError:
        pass
"""
    assert python(code, child_environment).stderr.count(f"refuses to look up {STRANGER}") == 1


def test_the_hidden_sitecustomize_still_runs(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('theirs')")
    child_environment["PYTHONPATH"] += os.pathsep + str(tmp_path)
    assert python(CHILD, child_environment).stdout.split() == ["theirs", HOST]


def test_a_child_that_cannot_be_routed_ends_before_its_first_line(
    child_environment: dict[str, str],
) -> None:
    done = python("print('ran')", child_environment | {"MOCK_CLOB_TLS_PORT": "no number"})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("mock-clob: cannot route this process: ValueError")


def test_routing_needs_nothing_but_the_standard_library() -> None:
    repository = Path(routing.__file__).parents[1]
    code = f"import sys; sys.path.insert(0, {str(repository)!r}); import mock_clob.routing"
    done = subprocess.run([sys.executable, "-S", "-c", code], check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")  # -S: there are no installed packages
