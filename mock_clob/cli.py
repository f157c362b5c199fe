"""The command line: `mock-clob serve` and `mock-clob run`."""

from __future__ import annotations

import argparse
import ast
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from mock_clob import routing

if TYPE_CHECKING:
    from mock_clob.server import Server
    from mock_clob.venue import Options

SERVE_PORT = 8137
CLIENTS = ("py_clob_client", "py_clob_client_v2", "polymarket")
INTERRUPTED = 130  # what shells give for a program that SIGINT ended

SAFETY = """\
Use the test accounts only. The venue knows no other key and refuses its orders; but an order that
a real key has signed for the real exchange is valid there, whoever submits it.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code: 0, the script's own, or 1 for a failed start."""
    try:
        options = _parser().parse_args(arguments)
        code: int = options.command(options)
    except OSError as error:
        from mock_clob.server import CannotListen

        if not isinstance(error, CannotListen):
            raise
        _say(str(error.strerror))
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


# Arguments


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="mock-clob",
        description="A mocked Polymarket venue on this computer: CLOB, WebSocket channels, data "
        "hosts and a Polygon chain.",
        epilog=SAFETY,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mock-clob {_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    serve = commands.add_parser(
        "serve",
        help="run the venue until Ctrl-C",
        description="Run the venue until Ctrl-C. Prints its URLs, the funded test accounts with "
        "their keys, and the markets with their token ids.",
        epilog=SAFETY,
        allow_abbrev=False,
    )
    _add_venue_options(serve)
    serve.add_argument(
        "--port",
        type=_port,
        default=SERVE_PORT,
        help=f"port for HTTP and WebSocket, 0 for any free one (default: {SERVE_PORT})",
    )
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default: 127.0.0.1, this computer only)",
    )
    serve.add_argument("--json", action="store_true", help="print it as one line of JSON")
    serve.set_defaults(command=_serve)

    run = commands.add_parser(
        "run",
        help="run a Python script, unmodified, against a fresh venue",
        description="Run a Python script, unmodified, against a fresh venue. The production host "
        "names lead to the venue, in the script and in the Python processes that it starts; every "
        "other name and address is refused, except loopback. POLYMARKET_PRIVATE_KEY, "
        "POLYMARKET_FUNDER and POLYGON_RPC_URL are set for test account 0. The exit code is the "
        "script's. At the end one line on stderr counts the requests, those the throttle delayed, "
        "those answered with an error, and those for routes that the venue does not have.",
        epilog=SAFETY + "\nOut of reach: programs other than Python, and Python started with -I, "
        "-E or -S. Libraries with a network stack of their own are refused on import: "
        f"{', '.join(sorted(routing.NATIVE_STACKS))}.",
        allow_abbrev=False,
    )
    _add_venue_options(run, "; 1 if the script or a module beside it imports py_clob_client")
    run.add_argument(
        "--port", type=_port, default=0, help="port for HTTP and WebSocket (default: any free one)"
    )
    run.add_argument("script", metavar="SCRIPT", help="the Python file to run")
    rest = run.add_argument(
        "arguments", metavar="ARGS", nargs=argparse.REMAINDER, help="its arguments"
    )
    rest.required = False  # argparse would ask for it in the message about a missing SCRIPT
    run.set_defaults(command=_run, parser=run)
    return parser


def _add_venue_options(parser: argparse.ArgumentParser, exchange_note: str = "") -> None:
    parser.add_argument(
        "--exchange",
        type=int,
        choices=(1, 2, 3),
        help="the order format the venue takes: 1 (py-clob-client; the venue until 2026-04-28), "
        f"2 (CLOB V2) or 3 (Protocol V2 position ids) (default: 2{exchange_note})",
    )
    parser.add_argument(
        "--chain-id",
        type=int,
        choices=(137, 80002),
        default=137,
        help="137 (Polygon) or 80002 (Amoy) (default: 137)",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of ids and of random faults (default: 0)"
    )
    parser.add_argument(
        "--no-chain",
        action="store_true",
        help="keep balances in memory instead of settling on a chain: starts faster, no RPC",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _version() -> str:
    try:
        return version("polymarket-skills")
    except PackageNotFoundError:
        return "(not installed)"


def _options(arguments: argparse.Namespace, exchange: int) -> Options:
    from mock_clob.venue import Options

    return Options(
        exchange=exchange,
        chain_id=arguments.chain_id,
        seed=arguments.seed,
        chain=not arguments.no_chain,
    )


# serve


def _serve(arguments: argparse.Namespace) -> int:
    from mock_clob.server import Server
    from mock_clob.venue import Venue

    over = threading.Event()
    with _on_signals((signal.SIGINT, signal.SIGTERM), lambda number: over.set()):
        venue = Venue(_options(arguments, arguments.exchange or 2))
        with Server(venue, arguments.host, arguments.port) as server:
            facts = _facts(server)
            print(json.dumps(facts) if arguments.json else _banner(facts), flush=True)
            over.wait()
    return 0


def _facts(server: Server) -> dict[str, Any]:
    """What somebody needs to know to use the venue."""
    from mock_clob import scenario, wire

    options = server.venue.options
    return {
        "exchange": options.exchange,
        "chain_id": options.chain_id,
        "seed": options.seed,
        "url": server.url,
        "market_ws_url": f"{server.ws_url}/ws/market",
        "user_ws_url": f"{server.ws_url}/ws/user",
        "rpc_url": server.rpc_url if options.chain else None,
        "gamma_url": f"{server.url}/gamma",
        "data_api_url": f"{server.url}/data-api",
        "tls_port": server.tls_port,
        "ca_pem": str(server.ca_pem),
        "accounts": [
            {"index": account.index, "address": account.address, "key": account.key}
            for account in scenario.USERS
        ],
        "markets": [
            {
                "question": market.question,
                "condition_id": market.condition_id,
                "tokens": dict(zip(market.outcomes, market.token_ids, strict=True)),
                "tick_size": wire.price(market.tick),
                "neg_risk": market.neg_risk,
                "closed": market.closed,
            }
            for market in (listing.market for listing in scenario.listings(options.chain_id))
        ],
    }


def _banner(facts: dict[str, Any]) -> str:
    exchange, chain_id, seed = facts["exchange"], facts["chain_id"], facts["seed"]
    tls = f"127.0.0.1:{facts['tls_port']}"
    lines = [
        f"mock-clob: exchange {exchange}, chain id {chain_id}, seed {seed}",
        "",
        f"REST              {facts['url']}",
        f"WebSocket market  {facts['market_ws_url']}",
        f"WebSocket user    {facts['user_ws_url']}",
        f"RPC               {facts['rpc_url'] or 'none (--no-chain)'}",
        f"Gamma             {facts['gamma_url']}",
        f"Data API          {facts['data_api_url']}",
        f"TLS               {tls}, for the production host names; authority {facts['ca_pem']}",
        "",
        "Test accounts, funded. Their keys are public (Anvil, Hardhat): never send them real money.",
        *(f"{each['index']}  {each['address']}  {each['key']}" for each in facts["accounts"]),
        "",
        "Markets",
    ]
    for market in facts["markets"]:
        notes = [f"tick {market['tick_size']}"]
        notes += [note for note in ("neg_risk", "closed") if market[note]]
        lines.append(f"{market['question']} ({', '.join(notes)})")
        lines.append(f"  condition  {market['condition_id']}")
        lines += [f"  {outcome:<9}  {token}" for outcome, token in market["tokens"].items()]
    lines += ["", "Ctrl-C ends it."]
    return "\n".join(lines)


# run


def _run(arguments: argparse.Namespace) -> int:
    script = Path(arguments.script)
    if not script.exists():
        arguments.parser.error(f"there is no script {arguments.script}")

    from mock_clob.server import Server
    from mock_clob.venue import Venue

    venue = Venue(_options(arguments, arguments.exchange or _exchange_for(script)))
    with Server(venue, port=arguments.port) as server:
        command = [sys.executable, arguments.script, *arguments.arguments]
        code = _run_child(command, _child_environment(server))
        server.call(lambda: _report(server))
    return code


def _exchange_for(script: Path) -> int:
    """1 for a script that can only sign orders of exchange 1, else 2; says why on stderr."""
    clients = _imported_clients(script)
    if "py_clob_client" not in clients:
        return 2
    others = [client for client in CLIENTS[1:] if client in clients]
    if others:
        _say(
            f"{script.name} imports py_clob_client and {' and '.join(others)}: using exchange 2, "
            "which refuses the orders of py_clob_client; choose with --exchange"
        )
        return 2
    _say(
        f"{script.name} imports py_clob_client: using exchange 1, the only one that takes its "
        "orders (the real venue has refused them since 2026-04-28); choose with --exchange"
    )
    return 1


def _imported_clients(script: Path) -> set[str]:
    """The Polymarket clients that a script and the modules beside it import."""
    found: set[str] = set()
    seen: set[Path] = set()
    waiting = [script / "__main__.py" if script.is_dir() else script]
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        try:
            tree = ast.parse(file.read_bytes())
        except (OSError, SyntaxError, ValueError):
            continue  # it will say so itself when it runs
        for name in _imports(tree):
            if name in CLIENTS:
                found.add(name)
                continue
            package, module = script.parent / name, script.parent / f"{name}.py"
            waiting += package.rglob("*.py") if package.is_dir() else [module]
    return found


def _imports(tree: ast.Module) -> set[str]:
    """First parts of the names that a module imports; its own package's modules aside."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def _child_environment(server: Server) -> dict[str, str]:
    """The script's environment: routed, and with test account 0 instead of the user's own."""
    from mock_clob.scenario import USERS

    route = routing.Route(server.tls_port, server.port, str(server.ca_pem))
    account = {
        "POLYMARKET_PRIVATE_KEY": USERS[0].key,
        "POLYMARKET_FUNDER": USERS[0].address,
        "POLYGON_RPC_URL": "https://polygon-rpc.com",
    }
    for name, value in account.items():
        if os.environ.get(name, value) != value:
            _say(f"your {name} is not passed on: the script gets test account 0 and its chain")
    return routing.environment(route, os.environ) | account


def _run_child(command: list[str], environment: dict[str, str]) -> int:
    """Run a program; signals go on to it. Gives its exit code, as a shell would."""
    with subprocess.Popen(command, env=environment) as child:

        def forward(number: int) -> None:
            if number != signal.SIGINT or not _terminal_interrupts_both():
                child.send_signal(number)

        with _on_signals((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), forward):
            code = child.wait()
    return code if code >= 0 else 128 - code


def _terminal_interrupts_both() -> bool:
    """Ctrl-C in a terminal reaches every process of the foreground group, the script included."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return False


def _report(server: Server) -> None:
    journal = server.venue.journal
    unknown = journal.unknown_routes()
    refused = sum(entry.status >= 400 and not entry.unknown_route for entry in journal)
    _say(
        f"{journal.total} requests, {len(journal.delayed())} delayed, {refused} refused, "
        f"{len(unknown)} for unknown routes"
    )
    routes = Counter(f"{entry.method} {entry.host}{entry.path}" for entry in unknown)
    for route, count in routes.items():
        _say(f"unknown route: {route} ({count} x)")


@contextmanager
def _on_signals(numbers: Iterable[int], act: Callable[[int], None]) -> Iterator[None]:
    """Within it, these signals call `act`; afterwards they do what they did before."""
    before = {number: signal.signal(number, lambda got, _: act(got)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    print(f"mock-clob: {text}", file=sys.stderr, flush=True)
