"""The command line: `mock-clob serve` and `mock-clob run`."""

from __future__ import annotations

import argparse
import json
import signal
import textwrap
import threading
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from mock_clob.routing import NATIVE_STACKS
from mock_clob.rules import MAX_BODY_BYTES, MAX_CONNECTIONS
from mock_clob.run import POLL_SECONDS, exchange_for, on_signals, report, run_script, say
from mock_clob.scenarios import SCENARIOS

if TYPE_CHECKING:
    from mock_clob.server import Server
    from mock_clob.venue import Options, Venue

SERVE_PORT = 8137
INTERRUPTED = 130  # what shells give for a program that SIGINT ended

SAFETY = """\
Use the test accounts only. The venue knows no other key and refuses its orders; but an order that
a real key has signed for the real exchange is valid there, whoever submits it.
"""


SERVE_EXAMPLES = """\
Examples:
  mock-clob serve                                     exchange 2, with a chain, port 8137
  mock-clob serve --exchange 1 --no-chain --port 0    for py-clob-client; starts at once
  mock-clob serve --scenario busy --flow 50           makers and takers, 50 steps a second
  mock-clob serve --state venue.state                 go on where the last run ended
  curl http://127.0.0.1:8137/__mock/                  what a test can do to it over HTTP
"""
RUN_EXAMPLES = """\
Examples:
  mock-clob run bot.py                       the bot, unmodified, with test account 0
  mock-clob run --exchange 1 bot.py --paper  an option of its own comes after the script
  mock-clob run --scenario eventful bot.py   a new market, a finer tick, resolutions
"""
SCENARIO_LIST = "Scenarios:\n" + "".join(
    textwrap.fill(f"  {name:<12} {each.about}", 78, subsequent_indent=" " * 15) + "\n"
    for name, each in SCENARIOS.items()
)
LISTS = ("Examples:", "Scenarios:")
OUT_OF_REACH = (
    "Out of reach: programs other than Python, and Python started with -I, -E or -S. Libraries "
    f"with a network stack of their own are refused on import: {', '.join(sorted(NATIVE_STACKS))}."
)


class CannotKeep(Exception):
    """The file of `--state` cannot be used."""


class _Parser(argparse.ArgumentParser):
    """Examples keep their lines; the rest is wrapped here."""

    def __init__(self, *, description: str = "", epilog: str = "", **settings: Any) -> None:
        description, *paragraphs = (
            each if each.startswith(LISTS) else textwrap.fill(each, 78)
            for each in (description, *epilog.strip().split("\n\n"))
        )
        super().__init__(
            description=description,
            epilog="\n\n".join(paragraphs),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **settings,
        )

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code: 0, the script's own, or 1 for a failed start."""
    try:
        options = _parser().parse_args(arguments)
        code: int = options.command(options)
    except CannotKeep as error:
        say(str(error))
        return 1
    except OSError as error:
        from mock_clob.server import CannotListen

        if not isinstance(error, CannotListen):
            raise
        say(str(error.strerror))
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
        epilog="mock-clob COMMAND --help shows the options of a command, with examples.\n\n"
        + SAFETY,
    )
    parser.add_argument("--version", action="version", version=f"mock-clob {_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    serve = commands.add_parser(
        "serve",
        help="run the venue until Ctrl-C",
        description="Run the venue until Ctrl-C. Prints its URLs, the funded test accounts with "
        "their keys, and the markets with their token ids.",
        epilog=f"{SCENARIO_LIST}\n{SERVE_EXAMPLES}\n{SAFETY}",
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
        help="address to listen on (default: 127.0.0.1, this computer only); another one lets "
        "other computers in",
    )
    serve.add_argument(
        "--state",
        type=Path,
        metavar="FILE",
        help="keep the venue's state in this file: begin with it if it exists, then the options "
        "of the venue are those of the file, and write it at the end",
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
        epilog=f"{SCENARIO_LIST}\n{RUN_EXAMPLES}\n{SAFETY}\n{OUT_OF_REACH}",
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
        "--scenario",
        choices=SCENARIOS,
        default="default",
        metavar="NAME",
        help="which markets there are and what happens in them: see below (default: default)",
    )
    parser.add_argument(
        "--flow",
        type=_rate,
        metavar="N",
        help="orders and cancels a second by the house, 0 for none (default: the scenario's)",
    )
    parser.add_argument(
        "--no-chain",
        action="store_true",
        help="keep balances in memory instead of settling on a chain: starts faster, no RPC",
    )
    parser.add_argument(
        "--max-body",
        type=_count,
        default=MAX_BODY_BYTES,
        metavar="BYTES",
        help=f"refuse longer requests (default: {MAX_BODY_BYTES})",
    )
    parser.add_argument(
        "--max-connections",
        type=_count,
        default=MAX_CONNECTIONS,
        metavar="N",
        help=f"refuse more connections, streams included (default: {MAX_CONNECTIONS})",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10**9:
        raise argparse.ArgumentTypeError(f"a limit is a number from 1 on, not {text!r}")
    return int(text)


def _rate(text: str) -> float:
    if not text.replace(".", "", 1).isdecimal():
        raise argparse.ArgumentTypeError(f"a rate is a number from 0 on, not {text!r}")
    return float(text)


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
        scenario=arguments.scenario,
        flow=arguments.flow,
        max_body=arguments.max_body,
    )


# serve


def _serve(arguments: argparse.Namespace) -> int:
    from mock_clob import snapshot
    from mock_clob.server import Server
    from mock_clob.venue import Venue

    over = threading.Event()
    state: Path | None = arguments.state
    with on_signals((signal.SIGINT, signal.SIGTERM), lambda number: over.set()):
        if state and state.exists():
            venue = _resumed(state)
        elif state and not state.parent.is_dir():
            raise CannotKeep(f"there is no directory {state.parent} to keep the state in")
        else:
            venue = Venue(_options(arguments, arguments.exchange or 2))
        with Server(venue, arguments.host, arguments.port, arguments.max_connections) as server:
            server.call(lambda: snapshot.go_on(venue))
            facts = _facts(server)
            print(json.dumps(facts) if arguments.json else _banner(facts), flush=True)
            while not over.wait(POLL_SECONDS):
                pass  # a signal that comes just before a wait begins does not end it
            if state:
                taken = server.wait(lambda: snapshot.take(venue))
    if state:
        try:
            taken.write(state)
        except OSError as error:
            raise CannotKeep(f"cannot write {state}: {error.strerror}") from error
        say(f"the state is in {state}")
    return 0


def _resumed(state: Path) -> Venue:
    """The venue that a file holds. Raises CannotKeep."""
    from mock_clob import snapshot
    from mock_clob.venue import Options, Venue

    venue = Venue(Options(chain=False))
    try:
        snapshot.restore(venue, snapshot.Snapshot(state.read_bytes()), resume=True)
    except snapshot.NoSnapshot as error:
        raise CannotKeep(f"{state}: {error}; remove it to begin anew") from error
    except OSError as error:
        raise CannotKeep(f"cannot read {state}: {error.strerror}") from error
    say(f"going on from {state}, with its options")
    return venue


def _facts(server: Server) -> dict[str, Any]:
    """What somebody needs to know to use the venue."""
    from mock_clob import scenario, wire

    options = server.venue.options
    return {
        "exchange": options.exchange,
        "chain_id": options.chain_id,
        "seed": options.seed,
        "scenario": options.scenario,
        "url": server.url,
        "market_ws_url": f"{server.ws_url}/ws/market",
        "user_ws_url": f"{server.ws_url}/ws/user",
        "rpc_url": server.rpc_url if options.chain else None,
        "data_api_url": f"{server.url}/data-api",
        "controls_url": f"{server.url}/__mock/",
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
            for market in (
                listing.market
                for listing in scenario.listings(options.chain_id, options.scenario)
                if not listing.later
            )
        ],
    }


def _banner(facts: dict[str, Any]) -> str:
    exchange, chain_id, seed = facts["exchange"], facts["chain_id"], facts["seed"]
    tls = f"127.0.0.1:{facts['tls_port']}"
    named = "" if facts["scenario"] == "default" else f", scenario {facts['scenario']}"
    lines = [
        f"mock-clob: exchange {exchange}, chain id {chain_id}, seed {seed}{named}",
        "",
        f"REST              {facts['url']}",
        f"WebSocket market  {facts['market_ws_url']}",
        f"WebSocket user    {facts['user_ws_url']}",
        f"RPC               {facts['rpc_url'] or 'none (--no-chain)'}",
        f"Data API          {facts['data_api_url']}",
        f"Controls          {facts['controls_url']}",
        f"TLS               {tls}, for the production host names; authority {facts['ca_pem']}",
        "",
        "Test accounts, funded. Their keys are public (Anvil, Hardhat): send them no real money.",
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

    exchange = arguments.exchange
    if exchange is None:
        exchange, reason = exchange_for(script)
        if reason:
            say(reason)
    venue = Venue(_options(arguments, exchange))
    limit = arguments.max_connections
    with Server(venue, port=arguments.port, max_connections=limit) as server:
        code = run_script(arguments.script, arguments.arguments, server)
        server.call(lambda: report(venue.journal))
    return code
