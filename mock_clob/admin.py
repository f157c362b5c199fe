"""`/__mock/`: the controls of the venue over HTTP, for tests in any language.

On the plain loopback port only: not on the TLS port, not under a production host name, not for
other computers, and not for a page in a browser, which says where it comes from. Whoever else asks
meets a path that does not exist. Requests are noted in a journal apart.
"""

from __future__ import annotations

import inspect
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from mock_clob import arguments, strict_json, wire
from mock_clob.controls import Controls, Json, entry_row
from mock_clob.journal import Journal

if TYPE_CHECKING:
    from mock_clob.venue import Venue

PREFIX = "/__mock"
MAX_BODY_BYTES = 100_000
KEPT = 10_000  # requests, in the journal apart
HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(frozen=True)
class Door:
    """One route. Its arguments are those of `act`, from the JSON body or, for GET, the query."""

    method: str
    path: str
    act: Callable[..., Any]

    @property
    def line(self) -> str:
        about = inspect.getdoc(self.act) or ""
        first = " ".join(about.split("\n\n")[0].split())
        taken = arguments.usage(self.act)
        shown = f" {{{taken}}}" if taken else ""
        return f"{self.method} {PREFIX}{self.path}{shown}: {first}\n"


class Admin:
    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.journal = Journal(KEPT)
        doors = self._doors(venue.controls)
        self._by_path = {(door.method, door.path): door for door in doors}

    def _doors(self, do: Controls) -> list[Door]:
        return [
            Door("GET", "/", self.page),
            Door("GET", "/state", do.state),
            Door("POST", "/reset", do.reset),
            Door("POST", "/scenario", do.play),
            Door("POST", "/snapshot", do.snapshot),
            Door("POST", "/restore", do.restore),
            Door("POST", "/clock/advance", do.advance),
            Door("POST", "/clock/freeze", do.freeze),
            Door("POST", "/clock/unfreeze", do.unfreeze),
            Door("GET", "/faults", do.faults),
            Door("POST", "/faults", do.add_fault),
            Door("DELETE", "/faults", do.clear_faults),
            Door("POST", "/mode", do.mode),
            Door("POST", "/settle", do.settle),
            Door("POST", "/accounts/fund", do.fund),
            Door("POST", "/accounts/tier", do.tier),
            Door("POST", "/markets/tick", do.change_tick),
            Door("POST", "/markets/resolve", do.resolve),
            Door("GET", "/journal", do.requests),
            Door("GET", "/journal/admin", self.own),
        ]

    def admits(self, scope: Scope) -> bool:
        """Whether this request is for these controls."""
        path = scope["path"]
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            return False
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        client = scope["client"][0] if scope.get("client") else ""
        return (
            scope["scheme"] == "http"
            and name.lower() in HOSTS
            and _is_loopback(client)
            and b"origin" not in headers
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"].removeprefix(PREFIX) or "/"
        entry = self.journal.arrive(
            method=method, path=scope["path"], arrived_ms=self.venue.clock.now_ms()
        )
        try:
            status, answer = await self._answer(method, path, scope, receive)
        except ValueError as error:
            status, answer = 400, {"error": str(error)}
        entry.status = status
        text = answer if isinstance(answer, str) else wire.dumps(answer) + "\n"
        kind = b"text/plain; charset=utf-8" if isinstance(answer, str) else b"application/json"
        body = text.encode(errors="replace")
        length = str(len(body)).encode()
        headers = [(b"content-type", kind), (b"content-length", length)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(
        self, method: str, path: str, scope: Scope, receive: Receive
    ) -> tuple[int, Any]:
        door = self._by_path.get((method, path))
        if door is None:
            known = [each.method for each in self._by_path.values() if each.path == path]
            if known:
                return 405, {"error": f"{PREFIX}{path} takes {' and '.join(known)}, not {method}"}
            return 404, {"error": f"no control {PREFIX}{path}; GET {PREFIX}/ lists them"}
        if method == "GET":
            given: Any = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        else:
            given = _parsed(await _body(receive))
        result = door.act(**arguments.check(door.act, given))
        return 200, await result if inspect.isawaitable(result) else result

    def page(self) -> str:
        """This list. Arguments are a JSON body, those of GET a query; [..] may be left out."""
        return "".join(door.line for door in self._by_path.values())

    def own(self) -> list[Json]:
        """The journal of these requests: they are in no other."""
        return [entry_row(entry) for entry in self.journal]


async def _body(receive: Receive) -> bytes:
    """Raises ValueError for one that is too long, or of somebody who has gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ValueError("the client is gone")
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise ValueError(f"a body has at most {MAX_BODY_BYTES} bytes")
        if not message.get("more_body"):
            return bytes(body)


def _parsed(body: bytes) -> Any:
    try:
        return strict_json.loads(body) if body.strip() else {}
    except ValueError:
        raise ValueError("the body is no JSON") from None


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
