"""Bytes that no client sends: the venue neither crashes nor changes, and goes on answering.

HTTP, JSON, WebSocket frames and JSON-RPC from raw sockets. After each, a digest of all that
trading changes is the same as before, and no request ended in an error of the mock's own.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mock_clob import snapshot
from mock_clob.pytest_plugin import MockClob

FUZZED = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "150")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ROUTES: tuple[str, ...] = (
    "/order",
    "/orders",
    "/rpc",
    "/book?token_id=1",
    "/gamma/markets",
    "/relayer/submit",
)
ROUTES += ("/auth/api-key", "/__mock/state", "/ws/market", "/cancel-all", "/data-api/positions")


@pytest.fixture
def venue(mock_clob: MockClob) -> Iterator[MockClob]:
    """A venue that must be what it was when the test is over."""
    mock_clob.reset(throttle=False)
    mock_clob.freeze()
    mock_clob.allow_unknown_routes()
    before = digest(mock_clob)
    yield mock_clob
    assert digest(mock_clob) == before
    assert httpx.get(f"{mock_clob.url}/ok").json() == "OK"
    assert [entry.path for entry in mock_clob.journal if entry.error] == []


def digest(venue: MockClob) -> str:
    return venue.call(lambda: snapshot.digest(venue.venue))


def heard(peer: socket.socket, *ends: bytes) -> bytes:
    """What comes until it holds one of these, nothing comes any more, or the venue has closed."""
    received = b""
    with suppress(ConnectionError, TimeoutError):
        while not any(end in received for end in ends) and (piece := peer.recv(65536)):
            received += piece
    return received


def send(venue: MockClob, *pieces: bytes) -> bytes:
    """What comes back for these bytes; a venue that waits for more is left after a moment."""
    with socket.create_connection(("127.0.0.1", venue.server.port), timeout=5) as peer:
        with suppress(ConnectionError):  # it may hang up before it has read everything
            for piece in pieces:
                peer.sendall(piece)
        peer.settimeout(0.1)
        return heard(peer, b"\r\n\r\n")


def fine(answer: bytes) -> bool:
    """Nothing, or a reply that is no 5xx. (503 is a refused connection.)"""
    return not answer or (answer.startswith(b"HTTP/1.1 ") and answer[9:10] != b"5")


# HTTP

METHODS = st.sampled_from([b"GET", b"POST", b"DELETE", b"PUT", b"HEAD", b"OPTIONS", b"BREW", b""])
PATHS = st.sampled_from([route.encode() for route in ROUTES]) | st.binary(max_size=30)
HEADERS = st.sampled_from(
    [
        b"Content-Length: 5",
        b"Content-Length: -1",
        b"Content-Length: 99999999999999999999",
        b"Content-Length: 0x5",
        b"Content-Length: 1_0",
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: chunked, gzip",
        b"Transfer-Encoding: identity",
        b"Expect: 100-continue",
        b"Connection: close",
        b"Connection: upgrade",
        b"Upgrade: websocket",
        b"Upgrade: h2c",
        b"Host: clob.polymarket.com",
        b"Host: [::1",
        b"Host: \xff\xfe",
        b"Host:",
        b"POLY_ADDRESS: 0x",
        b"POLY_TIMESTAMP: nan",
        b": no name",
        b"no colon",
        b" folded: x",
    ]
) | st.binary(max_size=30)
BODIES = st.binary(max_size=60) | st.sampled_from(
    [
        b"5\r\nhello\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"-1\r\n",
        b"5;ext=1\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
        b"{}",
        b"GET /ok HTTP/1.1\r\n\r\n" * 3,
    ]
)


@FUZZED
@given(method=METHODS, path=PATHS, headers=st.lists(HEADERS, max_size=4), body=BODIES)
def test_malformed_http(
    method: bytes, path: bytes, headers: list[bytes], body: bytes, venue: MockClob
) -> None:
    head = b"%s %s HTTP/1.1\r\nHost: x\r\n" % (method, path)
    answer = send(venue, head + b"".join(line + b"\r\n" for line in headers) + b"\r\n" + body)
    assert fine(answer), answer[:300]


@FUZZED
@given(noise=st.binary(max_size=200))
@example(noise=b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")  # a TLS hello on the plain port
@example(noise=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
@example(noise=b"\x00" * 200)
def test_bytes_that_are_no_http(noise: bytes, venue: MockClob) -> None:
    assert fine(send(venue, noise))


def test_noise_on_the_tls_port(venue: MockClob) -> None:
    for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" + b"\xff" * 50, b"\x00"):
        with socket.create_connection(("127.0.0.1", venue.server.tls_port), timeout=5) as peer:
            peer.sendall(noise)
            peer.shutdown(socket.SHUT_WR)
            with suppress(ConnectionError):
                peer.recv(1000)


# JSON

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["0x", "0x" + "0" * 40, "9" * 400, "GTC", "BUY", "latest"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
)
RAW = st.sampled_from(
    [
        b"",
        b"nul",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe",
        b'"\\ud800"',
        b"1e999999",
        b"-",
        b"NaN",
        b"9" * 10_000,
        b'{"a":1,"a":2}',
        b"\xef\xbb\xbf{}",
        b"[" + b"0," * 100_000 + b"0]",
    ]
)


@FUZZED
@given(
    method=st.sampled_from(["POST", "DELETE", "PUT"]),
    path=st.sampled_from([route for route in ROUTES if route != "/__mock/state"]),
    body=JSON.map(lambda value: json.dumps(value).encode()) | RAW | st.binary(max_size=50),
)
def test_malformed_bodies(method: str, path: str, body: bytes, venue: MockClob) -> None:
    answer = httpx.request(method, f"{venue.url}{path}", content=body)
    assert answer.status_code < 500, (method, path, body[:100], answer.text)


# JSON-RPC

CALLS = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.just("2.0") | JSON,
        "id": JSON,
        "method": st.sampled_from(
            [
                "eth_call",
                "eth_getBalance",
                "eth_getBlockByNumber",
                "eth_getLogs",
                "eth_sendRawTransaction",
                "eth_estimateGas",
                "eth_feeHistory",
                "eth_getStorageAt",
                "eth_getTransactionByHash",
                "debug_traceCall",
            ]
        )
        | JSON,
        "params": JSON,
    },
)


@FUZZED
@given(call=CALLS | st.lists(CALLS, max_size=3))
def test_malformed_calls_of_the_chain(call: object, venue: MockClob) -> None:
    answer = httpx.post(f"{venue.rpc_url}", content=json.dumps(call))
    assert answer.status_code < 500, (call, answer.text)


# WebSocket frames

HANDSHAKE = (
    b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
STREAMS = (b"/ws/market", b"/ws/user", b"/live-data", b"/realtime/ws", b"/sports/ws")


def frame(payload: bytes, opcode: int = 1, flags: int = 0x80, masked: bool = True) -> bytes:
    head = bytes([flags | opcode])
    mask = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([mask | len(payload)])
    else:
        head += bytes([mask | 126]) + struct.pack(">H", len(payload))
    return head + (bytes(4) if masked else b"") + payload


FRAMES = st.one_of(
    st.binary(max_size=40),
    st.builds(
        frame,
        st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()[:60_000]),
        st.integers(0, 15),
        st.sampled_from([0, 0x80, 0xC0, 0xF0]),
        st.booleans(),
    ),
    st.sampled_from(
        [
            frame(b'{"type":"market","assets_ids":["' + b"1" * 50_000 + b'"]}'),
            frame(b'{"type":"market","assets_ids":[[]]}'),
            frame(b'{"type":"user","auth":{"apiKey":[]},"markets":[]}'),
            frame(b"\xff\xfe\xfd"),
            frame(b"x" * 200, opcode=9),
            frame(b"\x03", opcode=8),
            frame(b"\xff\xff", opcode=8),
            b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff",  # eight exabytes to come
            frame(b"part", flags=0) * 50,
        ]
    ),
)


@FUZZED
@given(path=st.sampled_from(STREAMS), frames=st.lists(FRAMES, max_size=5))
def test_malformed_websocket_frames(path: bytes, frames: list[bytes], venue: MockClob) -> None:
    last = frame(b"the end", opcode=9)  # a ping: its pong says that all before it was read
    with socket.create_connection(("127.0.0.1", venue.server.port), timeout=5) as peer:
        peer.sendall(HANDSHAKE % path)
        assert heard(peer, b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")
        with suppress(ConnectionError):
            peer.sendall(b"".join(frames) + last)
        peer.settimeout(0.1)
        heard(peer, b"the end", b"\x88")  # or a close frame


@pytest.mark.parametrize(
    "spoiled",
    [
        HANDSHAKE.replace(b"AAAAAAAAAAAAAAAAAAAAAA==", b"x"),
        HANDSHAKE.replace(b"Version: 13", b"Version: 99"),
        HANDSHAKE.replace(b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n", b""),
        HANDSHAKE.replace(b"GET", b"POST"),
    ],
)
def test_malformed_handshakes_are_refused(spoiled: bytes, venue: MockClob) -> None:
    answer = send(venue, spoiled % b"/ws/market")
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:100]
    assert venue.venue.hub.open == 0


# Size and number


def test_a_long_body_is_refused_however_it_is_sent(venue: MockClob) -> None:
    long = b"x" * 1_000_001
    refusal = {"error": "Payload exceeds the limit"}
    told = httpx.post(f"{venue.url}/order", content=long)
    assert (told.status_code, told.json()) == (400, refusal)
    chunked = httpx.post(f"{venue.url}/auth/api-key", content=iter([long[:600_000]] * 2))
    assert chunked.status_code in (400, 401)
    calls = httpx.post(venue.rpc_url, content=iter([long[:600_000]] * 2))
    assert (calls.status_code, calls.json()) == (400, refusal)
    assert [entry.verdict for entry in venue.journal if entry.path == "/rpc"] == ["payload_limit"]


def test_a_body_without_an_end_is_not_read_to_the_end(venue: MockClob) -> None:
    head = b"POST /rpc HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    answer = send(venue, head, *[chunk] * 40)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    with socket.create_connection(("127.0.0.1", venue.server.port), timeout=5) as peer:
        peer.sendall(head)
        sent = 0
        with suppress(ConnectionError):  # a reset or a broken pipe
            while sent < 100_000_000:
                peer.sendall(chunk)
                sent += len(chunk)
        assert sent < 20_000_000


def test_a_head_without_an_end_is_refused(venue: MockClob) -> None:
    for line in (b"X-Long: " + b"y" * 1000 + b"\r\n", b"z" * 1000):
        start = b"GET /ok HTTP/1.1\r\n" if line.startswith(b"X") else b"GET /"
        answer = send(venue, start, *[line] * 200)
        assert answer == b"" or answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))


def test_trailers_without_an_end_take_no_memory(venue: MockClob) -> None:
    head = b"POST /rpc HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    trailer = b"X-Trailer: " + b"y" * 1000 + b"\r\n"
    answer = send(venue, head, *[trailer] * 300, b"\r\n")
    assert fine(answer)


# Secrets


def test_no_secret_is_kept_in_the_journal(venue: MockClob) -> None:
    secret = "s3cr3t-0123456789abcdef"
    names = ("ADDRESS", "SIGNATURE", "API_KEY", "PASSPHRASE", "TIMESTAMP", "NONCE")
    headers = {f"POLY_{name}": secret for name in names} | {"Authorization": secret}
    for path in ROUTES:
        httpx.post(f"{venue.url}{path}", headers=headers, json={"key": secret, "auth": secret})
    for name in ("key", "secret", "passphrase", "signature", "api_key", "apiKey"):
        httpx.get(f"{venue.url}/auth/validate-readonly-api-key", params={name: secret})
    kept = json.dumps(venue.call(lambda: venue.controls.requests()))
    assert len(venue.journal) > 10
    assert secret not in kept
    assert secret not in httpx.get(f"{venue.url}/__mock/journal/admin").text
