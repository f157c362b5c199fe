"""A Polygon node that passes calls on to another, and lies or fails when it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

Tamper = Callable[[str, Any], Any]  # (method, result) -> the result it tells instead


class Node:
    """Set `tamper` to lie, `status` to fail."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.tamper: Tamper = lambda method, result: result
        self.status = 200
        self.methods: list[str] = []
        self.url = ""

    def answer(self, body: bytes) -> bytes:
        call = json.loads(body)
        self.methods.append(call["method"])
        reply = requests.post(self.behind, data=body, timeout=10).json()
        if "result" in reply:
            reply["result"] = self.tamper(call["method"], reply["result"])
        return json.dumps(reply).encode()


@contextmanager
def node(behind: str) -> Iterator[Node]:
    """Serve one on loopback."""
    made = Node(behind)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = made.answer(body) if made.status == 200 else b""
            self.send_response(made.status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/key-s3cret"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
