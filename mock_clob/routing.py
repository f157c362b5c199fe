"""Leads the venue's production host names to the mocked venue; refuses every other address.

Standard library only: this also runs inside users' processes. It reaches everything that connects
through Python's sockets or uvloop. Libraries that connect in native code are refused on import.
"""

from __future__ import annotations

import errno
import functools
import ipaddress
import os
import socket
import ssl
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PRODUCTION_HOSTS = (
    "clob.polymarket.com",
    "gamma-api.polymarket.com",
    "data-api.polymarket.com",
    "ws-subscriptions-clob.polymarket.com",
    "ws-live-data.polymarket.com",
    "ws-live-v2.polymarket.com",
    "sports-api.polymarket.com",
    "polymarket.com",
    "relayer-v2.polymarket.com",
    "polygon-rpc.com",
    "polygon.drpc.org",
    "polygon-bor-rpc.publicnode.com",
    "rpc-mainnet.matic.quiknode.pro",
)

# They look names up and connect in native code, where nothing below can see it.
NATIVE_STACKS = frozenset({"curl_cffi", "grpc", "nautilus_trader", "pycares", "pycurl"})

ROUTE_DIRECTORY = str(Path(__file__).resolve().parent / "route")
CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

_LOOPBACK = "127.0.0.1"
# What a production name resolves to. Connecting to it leads to the venue; the port is mapped then
# and not before, because some clients keep the address and connect to the port they asked for.
_VENUE = "127.67.76.66"
_TLS_PORTS = frozenset({443, "443", "https", "wss"})
_PLAIN_PORTS = frozenset({80, "80", "http", "ws"})


class Route(NamedTuple):
    """Where production names lead. A tls_port of 0: nowhere, no venue is running."""

    tls_port: int = 0
    plain_port: int = 0
    ca_pem: str = ""
    announce: bool = False


_route: Route | None = None
_proxies: frozenset[int] = frozenset()
_announced: set[str] = set()
_environment_before: dict[str, str | None] = {}
_patched: list[tuple[Any, str, Any, Any]] = []  # owner, name, replacement, what it replaced
_hooked = False


def active() -> Route | None:
    """The route of this process; None when it is not routed."""
    return _route


def install(
    tls_port: int = 0, plain_port: int = 0, ca_pem: str = "", announce: bool = False
) -> None:
    """Route this process, and the Python processes it starts, until `uninstall`.

    Production names lead to 127.0.0.1: port 443 to `tls_port`, port 80 to `plain_port`. Without
    ports they are refused too. Loopback stays as it is; any other name is a `socket.gaierror`, any
    other address a `ConnectionRefusedError`. `ca_pem` is the certificate file of the venue's
    authority; TLS connections to production names trust it, also those of clients made before.
    `announce` prints each refusal once on stderr, because some clients hide the reason.
    A second call replaces the route of the first.
    """
    global _route, _proxies, _hooked
    _restore_environment()
    _proxies = _local_proxies(os.environ) - {tls_port, plain_port}
    _route = Route(tls_port, plain_port, ca_pem, announce)
    _change_environment(environment(_route, os.environ))
    if not _patched:
        _patch()
    if not _hooked:
        sys.addaudithook(_audit)  # cannot be removed: it does nothing while no route is set
        _hooked = True


def uninstall() -> None:
    """Undo `install`. Does nothing when this process is not routed."""
    global _route, _proxies
    _route = None
    _proxies = frozenset()
    _announced.clear()
    _restore_environment()
    while _patched:
        owner, name, replacement, original = _patched.pop()
        if vars(owner).get(name) is not replacement:
            continue  # somebody else patched it since
        if original is _INHERITED:
            delattr(owner, name)
        else:
            setattr(owner, name, original)


def environment(route: Route, base: Mapping[str, str]) -> dict[str, str]:
    """`base`, changed so that a Python process started with it is routed from its first line."""
    changed = {name: value for name, value in base.items() if not _is_proxy(name)}
    changed |= {
        "NO_PROXY": "*",
        "no_proxy": "*",
        "MOCK_CLOB_TLS_PORT": str(route.tls_port),
        "MOCK_CLOB_PLAIN_PORT": str(route.plain_port),
        "MOCK_CLOB_CA_PEM": route.ca_pem,
    }
    if route.ca_pem:
        changed |= dict.fromkeys(CERTIFICATE_VARIABLES, route.ca_pem)
    path = base.get("PYTHONPATH")
    if not path:
        changed["PYTHONPATH"] = ROUTE_DIRECTORY
    elif path.split(os.pathsep)[0] != ROUTE_DIRECTORY:
        changed["PYTHONPATH"] = ROUTE_DIRECTORY + os.pathsep + path
    return changed


# What may be reached


def _look_up(host: Any) -> Any:
    """The host to look up instead; raises socket.gaierror for a name that is refused."""
    name = _name(host)
    if _route is None or not name or _address(name) or _is_local(name):
        return host
    if name not in PRODUCTION_HOSTS:
        raise _refusal(
            socket.gaierror,
            socket.EAI_NONAME,
            f"mock-clob refuses to look up {name}: nothing may leave this computer. "
            f"It serves {', '.join(PRODUCTION_HOSTS)}",
        )
    if not _route.tls_port:
        raise _refusal(
            socket.gaierror,
            socket.EAI_NONAME,
            f"mock-clob refuses to look up {name}: no mocked venue is running "
            "(a test gets one from the fixture mock_clob)",
        )
    return _VENUE


def _check_destination(host: Any, port: Any) -> None:
    """Raise ConnectionRefusedError unless this address is on this computer, and no proxy."""
    name = _name(host)
    address = _address(name)
    if address is None:
        local = not name or _is_local(name)
    else:
        local = address.is_loopback or address.is_unspecified
    if not local:
        raise _refusal(
            ConnectionRefusedError,
            errno.ECONNREFUSED,
            f"mock-clob refuses to connect to {name}: nothing may leave this computer",
        )
    if port in _proxies:
        raise _refusal(
            ConnectionRefusedError,
            errno.ECONNREFUSED,
            f"mock-clob refuses to connect to {name} port {port}: "
            "the environment names it as a proxy, which would carry requests out",
        )


def _target(host: Any, port: Any) -> tuple[Any, Any]:
    """Host and port to connect to instead; raises OSError when they are refused."""
    if _route is None:
        return host, port
    host = _look_up(host)
    if host != _VENUE:
        _check_destination(host, port)
        return host, port
    if port in _TLS_PORTS:
        return _LOOPBACK, _route.tls_port
    if port in _PLAIN_PORTS:
        return _LOOPBACK, _route.plain_port
    raise _refusal(
        ConnectionRefusedError,
        errno.ECONNREFUSED,
        f"mock-clob serves the production hosts on the ports 443 and 80, not on {port}",
    )


def _name(host: Any) -> str:
    if isinstance(host, bytes | bytearray):
        host = host.decode("utf-8", "replace")
    return host.lower().rstrip(".") if isinstance(host, str) else ""


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_local(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


def _refusal(kind: type[OSError], number: int, text: str) -> OSError:
    if _route is not None and _route.announce and text not in _announced:
        _announced.add(text)
        print(text, file=sys.stderr, flush=True)
    return kind(number, text)


# Proxies and the environment


def _is_proxy(name: str) -> bool:
    return name.lower().endswith("_proxy")


def _local_proxies(variables: Mapping[str, str]) -> frozenset[int]:
    """Ports of proxies on this computer. A client made before keeps the proxy it found then."""
    ports = set()
    for name, value in variables.items():
        if not _is_proxy(name) or name.lower() == "no_proxy":
            continue
        try:
            url = urlsplit(value if "//" in value else f"//{value}")
            host, port = _name(url.hostname), url.port or 80
        except ValueError:
            continue
        address = _address(host)
        if _is_local(host) or (address is not None and address.is_loopback):
            ports.add(port)
    return frozenset(ports)


def _change_environment(wanted: Mapping[str, str]) -> None:
    for name in {*os.environ, *wanted}:
        before = os.environ.get(name)
        if wanted.get(name) == before:
            continue
        _environment_before[name] = before
        if name in wanted:
            os.environ[name] = wanted[name]
        else:
            del os.environ[name]


def _restore_environment() -> None:
    for name, value in _environment_before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    _environment_before.clear()


# The patches: name look-up, connections by name, trust. Each does nothing while no route is set,
# because code that imported one by its name keeps it after `uninstall`.

_INHERITED = object()


def _patch() -> None:
    replacements: list[tuple[Any, str, Callable[[Any], Any]]] = [
        (socket, "getaddrinfo", _getaddrinfo),
        (socket, "gethostbyname", _gethostbyname),
        (socket.socket, "connect", _connect),
        (socket.socket, "connect_ex", _connect),
        (ssl.SSLContext, "wrap_socket", functools.partial(_trusting, hostname_position=4)),
        (ssl.SSLContext, "wrap_bio", functools.partial(_trusting, hostname_position=3)),
    ]
    try:
        # Imported here and now: afterwards nothing would tell when a script imports it.
        from uvloop import Loop
    except ImportError:
        pass
    else:
        replacements += [
            (Loop, "getaddrinfo", _uvloop_getaddrinfo),
            (Loop, "create_connection", _uvloop_create_connection),
            (Loop, "create_datagram_endpoint", _uvloop_create_datagram_endpoint),
        ]
    for owner, name, replacing in replacements:
        replacement = replacing(getattr(owner, name))
        _patched.append((owner, name, replacement, vars(owner).get(name, _INHERITED)))
        setattr(owner, name, replacement)


def _getaddrinfo(original: Any) -> Any:
    @functools.wraps(original)
    def getaddrinfo(
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        if not flags & socket.AI_NUMERICHOST:
            host = _look_up(host)
        elif _name(host) and _address(_name(host)) is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return original(host, port, family, type, proto, flags)

    return getaddrinfo


def _gethostbyname(original: Any) -> Any:
    @functools.wraps(original)
    def gethostbyname(host: Any) -> Any:
        return original(_look_up(host))

    return gethostbyname


def _connect(original: Any) -> Any:
    @functools.wraps(original)
    def connect(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and len(address) >= 2:
            host, port = _target(*address[:2])
            address = (host, port, *address[2:])
        return original(self, address)

    return connect


def _trusting(original: Any, *, hostname_position: int) -> Any:
    """A client made before the route, or with a bundle of its own, trusts the venue as well."""

    @functools.wraps(original)
    def wrap(self: ssl.SSLContext, *args: Any, **kwargs: Any) -> Any:
        hostname = kwargs.get("server_hostname", *args[hostname_position : hostname_position + 1])
        if _route is not None and _route.ca_pem and _name(hostname) in PRODUCTION_HOSTS:
            self.load_verify_locations(_route.ca_pem)
        return original(self, *args, **kwargs)

    return wrap


def _uvloop_getaddrinfo(_original: Any) -> Any:
    """uvloop looks names up in libuv; this is what asyncio's own loop does."""

    async def getaddrinfo(
        self: Any,
        host: Any,
        port: Any,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        look_up = functools.partial(socket.getaddrinfo, host, port, family, type, proto, flags)
        return await self.run_in_executor(None, look_up)

    return getaddrinfo


def _uvloop_create_connection(original: Any) -> Any:
    @functools.wraps(original)
    async def create_connection(
        self: Any, protocol_factory: Any, host: Any = None, port: Any = None, **kwargs: Any
    ) -> Any:
        if host is not None:
            if kwargs.get("ssl") and kwargs.get("server_hostname") is None:
                kwargs["server_hostname"] = host
            host, port = _target(host, port)
        return await original(self, protocol_factory, host, port, **kwargs)

    return create_connection


def _uvloop_create_datagram_endpoint(original: Any) -> Any:
    """libuv sends to any address from an open endpoint, so the endpoint must be a local one."""

    @functools.wraps(original)
    async def create_datagram_endpoint(
        self: Any,
        protocol_factory: Any,
        local_addr: Any = None,
        remote_addr: Any = None,
        **kwargs: Any,
    ) -> Any:
        if remote_addr is not None:
            remote_addr = _target(*remote_addr[:2])
        elif (
            _route is not None
            and kwargs.get("sock") is None
            and kwargs.get("family") != socket.AF_UNIX
        ):
            address = _address(_name(local_addr[0])) if local_addr else None
            if address is None or not address.is_loopback:
                raise _refusal(
                    ConnectionRefusedError,
                    errno.ECONNREFUSED,
                    "mock-clob refuses a datagram endpoint of uvloop that is not bound to "
                    "loopback: nothing may leave this computer",
                )
        return await original(self, protocol_factory, local_addr, remote_addr, **kwargs)

    return create_datagram_endpoint


# The audit hook: what reaches the interpreter's own socket code, whoever calls it


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if _route is not None and (check := _CHECKS.get(event)) is not None:
        check(*args)


def _audit_socket(_socket: Any, address: Any) -> None:
    if isinstance(address, tuple) and len(address) >= 2:  # UNIX sockets have a path instead
        _check_destination(*address[:2])


def _audit_look_up(host: Any, *_: Any) -> None:
    """Code that took `getaddrinfo` from the socket module before it was patched ends here."""
    name = _name(host)
    if name and _address(name) is None and not _is_local(name):
        raise _refusal(
            socket.gaierror,
            socket.EAI_NONAME,
            f"mock-clob refuses to look up {name} other than by socket.getaddrinfo, "
            "which is the way it can route",
        )


def _audit_reverse_look_up(address: Any) -> None:
    _check_destination(*address[:2])


def _audit_import(module: str, *_: Any) -> None:
    if module in NATIVE_STACKS:
        raise ImportError(
            f"mock-clob refuses to import {module}: it connects in native code, where it cannot "
            "be routed, so its requests would reach the real venue",
            name=module,
        )


_CHECKS: dict[str, Callable[..., None]] = {
    "socket.connect": _audit_socket,
    "socket.sendto": _audit_socket,
    "socket.sendmsg": _audit_socket,
    "socket.getaddrinfo": _audit_look_up,
    "socket.gethostbyname": _audit_look_up,
    "socket.gethostbyaddr": _audit_look_up,
    "socket.getnameinfo": _audit_reverse_look_up,
    "import": _audit_import,
}
