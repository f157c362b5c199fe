"""The command line, as a user meets it: output, exit codes, signals and one-line complaints."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent
from typing import Any

import httpx
import pytest

from mock_clob.accounts import ACCOUNTS
from mock_clob.cli import main
from mock_clob.scenario import DOCUMENTED
from mock_clob.scenarios import SCENARIOS

REPOSITORY = Path(__file__).resolve().parents[2]
ASK_VERSION = """
import json, urllib.request
print(json.load(urllib.request.urlopen("https://clob.polymarket.com/version"))["version"])
"""


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., str]:
    """Write a script, by default bot.py, and give its path."""

    def write(code: str, name: str = "bot.py") -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(code)
        return str(path)

    return write


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POLYMARKET_PRIVATE_KEY", "POLYMARKET_FUNDER", "POLYGON_RPC_URL"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def started(*arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """`mock-clob` as a process of its own."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, "-m", "mock_clob", *arguments]
    with subprocess.Popen(command, cwd=REPOSITORY, text=True, **pipes | options) as process:
        try:
            yield process
        finally:
            process.kill()


# Bad input


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["trade"], "invalid choice: 'trade'"),
        (["serve", "--exchange", "4"], "--exchange: invalid choice: 4 (choose from 1, 2, 3)"),
        (["serve", "--chain-id", "1"], "--chain-id: invalid choice: 1 (choose from 137, 80002)"),
        (["serve", "--port", "65536"], "a port is a number from 0 to 65535, not '65536'"),
        (["serve", "--port", "http"], "a port is a number from 0 to 65535, not 'http'"),
        (["serve", "--seed", "x"], "--seed: invalid int value: 'x'"),
        (["serve", "--loud"], "unrecognized arguments: --loud"),
        (["serve", "--max-body", "0"], "a limit is a number from 1 on, not '0'"),
        (["serve", "--max-connections", "many"], "a limit is a number from 1 on, not 'many'"),
        (["run", "--state", "x", "bot.py"], "unrecognized arguments: --state"),
        (["run"], "the following arguments are required: SCRIPT;"),
        (["run", "--loud", "bot.py"], "unrecognized arguments: --loud"),
        (["run", "nowhere.py"], "there is no script nowhere.py"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert complaint in printed.err
    assert printed.err.count("\n") == 1
    assert "--help" in printed.err
    assert printed.out == ""


@pytest.mark.parametrize("command", ["serve", "run"])
def test_a_taken_port_is_one_line_and_exit_code_1(
    command: str, script: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        rest = [script("")] if command == "run" else []
        code = main([command, "--no-chain", "--port", str(port), *rest])
    printed = capsys.readouterr()
    assert code == 1
    assert printed.err == (
        f"mock-clob: port {port} on 127.0.0.1 is taken; give another one, or 0 for any\n"
    )
    assert printed.out == ""


def test_a_host_that_is_not_ours_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--no-chain", "--host", "203.0.113.7"]) == 1
    assert capsys.readouterr().err.startswith("mock-clob: cannot listen on 203.0.113.7 port 8137:")


# Help


def test_version_names_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("mock-clob ")


@pytest.mark.parametrize("command", ["serve", "run"])
def test_help_explains_every_option_and_scenario_with_examples(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    text = capsys.readouterr().out
    rest = text.partition("\nScenarios:\n")[2]
    for name in SCENARIOS:
        assert f"\n  {name} " in f"\n{rest}"
    assert f"mock-clob {command} " in rest.partition("Examples:")[2]
    assert max(map(len, text.splitlines())) <= 90


@pytest.mark.parametrize("command", [[], ["serve"], ["run"]])
def test_help_warns_of_real_keys(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Use the test accounts only." in text
    assert "a real key has signed for the real exchange is valid there" in text


# serve


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_what_is_needed_and_ends_cleanly(ending: signal.Signals) -> None:
    with started("serve", "--no-chain", "--port", "0", "--seed", "5") as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "Ctrl-C ends it.\n")
        banner = "".join(lines)
        process.send_signal(ending)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")
    assert banner.startswith("mock-clob: exchange 2, chain id 137, seed 5\n")
    for label in ("REST ", "WebSocket market ", "WebSocket user ", "Data API ", "TLS "):
        assert f"\n{label}" in banner
    assert "RPC               none (--no-chain)" in banner
    assert "Their keys are public (Anvil, Hardhat): send them no real money." in banner
    assert f"0  {ACCOUNTS[0].address}  {ACCOUNTS[0].key}" in banner
    for token_id in DOCUMENTED.token_ids:
        assert token_id in banner


def test_serve_json_is_one_line_that_a_program_can_use() -> None:
    options = ("--no-chain", "--port", "0", "--exchange", "1", "--chain-id", "80002")
    with started("serve", "--json", *options) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        version = httpx.get(f"{facts['url']}/version").json()
    assert (facts["exchange"], facts["chain_id"], facts["seed"]) == (1, 80002, 0)
    assert version == {"version": 1}
    assert facts["accounts"][0] == {
        "index": 0,
        "address": ACCOUNTS[0].address,
        "key": ACCOUNTS[0].key,
    }
    assert list(facts["markets"][0]["tokens"].values()) == list(DOCUMENTED.token_ids)


# run


def test_run_gives_the_script_its_arguments_and_takes_its_exit_code(
    script: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    bot = script("import sys; print(sys.argv[1:]); sys.exit(3)")
    assert main(["run", "--no-chain", bot, "--seed", "2", "-h", "x y"]) == 3
    printed = capfd.readouterr()
    assert printed.out == "['--seed', '2', '-h', 'x y']\n"
    assert printed.err == "mock-clob: 0 requests, 0 delayed, 0 refused, 0 for unknown routes\n"


def test_run_passes_standard_input_on(script: Callable[..., str]) -> None:
    with started("run", "--no-chain", script("print(input().upper())")) as process:
        out, _ = process.communicate("hello\n", timeout=20)
    assert out == "HELLO\n"


def test_run_counts_the_requests_and_names_unknown_routes(
    script: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    bot = script(
        "import httpx\n"
        "for path in ('ok', 'order', 'nowhere', 'nowhere'):\n"
        "    method = 'POST' if path == 'order' else 'GET'\n"
        "    httpx.request(method, f'https://clob.polymarket.com/{path}')\n"
    )
    assert main(["run", "--no-chain", bot]) == 0
    assert capfd.readouterr().err.splitlines() == [
        "mock-clob: 4 requests, 0 delayed, 1 refused, 2 for unknown routes",
        "mock-clob: unknown route: GET clob.polymarket.com/nowhere (2 x)",
    ]


def test_run_tells_of_a_refused_host_though_the_client_hides_it(
    script: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    bot = script(
        "from py_clob_client.client import ClobClient\n"
        "from py_clob_client.exceptions import PolyApiException\n"
        "try:\n"
        "    ClobClient('https://clob.example.com').get_ok()\n"
        "except PolyApiException as error:\n"
        "    print(error.status_code)\n"
    )
    assert main(["run", "--no-chain", bot]) == 0
    printed = capfd.readouterr()
    assert printed.out == "None\n"
    assert "mock-clob refuses to look up clob.example.com" in printed.err


def test_run_sets_the_test_account(
    script: Callable[..., str], clean_environment: None, capfd: pytest.CaptureFixture[str]
) -> None:
    names = ["POLYMARKET_PRIVATE_KEY", "POLYMARKET_FUNDER", "POLYGON_RPC_URL"]
    bot = script(f"import os; print(*(os.environ[name] for name in {names}))")
    assert main(["run", "--no-chain", bot]) == 0
    printed = capfd.readouterr()
    account = ACCOUNTS[0]
    assert printed.out.split() == [account.key, account.address, "https://polygon-rpc.com"]
    assert "not passed on" not in printed.err


def test_run_replaces_the_users_own_key_and_says_so_without_showing_it(
    script: Callable[..., str],
    clean_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    own = "0x" + "ab" * 32
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", own)
    bot = script("import os; print(os.environ['POLYMARKET_PRIVATE_KEY'])")
    assert main(["run", "--no-chain", bot]) == 0
    printed = capfd.readouterr()
    assert printed.out.strip() == ACCOUNTS[0].key
    assert "your POLYMARKET_PRIVATE_KEY is not passed on" in printed.err
    assert own not in printed.out + printed.err
    assert os.environ["POLYMARKET_PRIVATE_KEY"] == own


def test_run_gives_128_and_the_signal_for_a_killed_script(
    script: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    bot = script("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert main(["run", "--no-chain", bot]) == 128 + signal.SIGKILL


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_passes_signals_on(sent: signal.Signals, script: Callable[..., str]) -> None:
    bot = script(
        "import signal, sys, time\n"
        f"signal.signal({int(sent)}, lambda number, frame: sys.exit(40 + number))\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    time.sleep(0.01)\n"
    )
    with started("run", "--no-chain", bot) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(sent)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 40 + sent
    assert errors == "mock-clob: 0 requests, 0 delayed, 0 refused, 0 for unknown routes\n"


def test_run_leaves_ctrl_c_in_a_terminal_to_the_terminal(script: Callable[..., str]) -> None:
    bot = script(
        "import signal, sys, time\n"
        "interrupts = []\n"
        "signal.signal(signal.SIGINT, lambda *_: interrupts.append(1))\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(40 + len(interrupts)))\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    time.sleep(0.01)\n"
    )
    keyboard, terminal = os.openpty()
    in_terminal = {
        "stdin": terminal,
        "start_new_session": True,
        "preexec_fn": lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    }
    with os.fdopen(keyboard), started("run", "--no-chain", bot, **in_terminal) as process:
        os.close(terminal)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)  # the half of a Ctrl-C that mock-clob gets
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 40


# run: which exchange


@pytest.mark.parametrize(
    ("code", "exchange"),
    [
        ("import json", 2),
        ("from py_clob_client.client import ClobClient", 1),
        ("def later():\n    import py_clob_client", 1),
        ("import py_clob_client_v2", 2),
        ("import beside", 1),
        ("from folder.inner import x", 1),
        ("from named.inner import x", 2),
    ],
)
def test_run_takes_the_exchange_that_the_imports_ask_for(
    code: str, exchange: int, script: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    script("from py_clob_client.client import ClobClient", "beside.py")
    script("from . import other", "folder/inner.py")
    script("import py_clob_client", "folder/other.py")
    script("from .py_clob_client import x", "named/inner.py")
    script("import py_clob_client", "unrelated.py")
    bot = script(f"{ASK_VERSION}\nif False:\n{indent(code, '    ')}\n")
    assert main(["run", "--no-chain", bot]) == 0
    printed = capfd.readouterr()
    assert printed.out == f"{exchange}\n"
    assert ("using exchange 1" in printed.err) == (exchange == 1)


def test_run_sees_imports_on_the_python_path(
    script: Callable[..., str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    copied = Path(script("import py_clob_client", "scripts/trading_client.py")).parent
    monkeypatch.setenv("PYTHONPATH", f"/nowhere{os.pathsep}{copied}")
    bot = script(f"{ASK_VERSION}\nif False:\n    import trading_client\n")
    assert main(["run", "--no-chain", bot]) == 0
    assert capfd.readouterr().out == "1\n"


@pytest.mark.parametrize("exchange", [1, 2, 3])
def test_run_takes_the_exchange_that_the_docstring_names(
    exchange: int, script: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    named = f'"""Not on exchange 9, but on exchange {exchange}."""'
    bot = script(f"{named}\n{ASK_VERSION}\nif False:\n    import py_clob_client\n")
    assert main(["run", "--no-chain", bot]) == 0
    printed = capfd.readouterr()
    assert printed.out == f"{min(exchange, 2)}\n"  # exchange 3 has orders of version 2
    assert f"says that it is for exchange {exchange}" in printed.err


def test_run_says_when_the_imports_ask_for_two_exchanges(
    script: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    main(["run", "--no-chain", script("import py_clob_client, polymarket")])
    assert (
        "imports py_clob_client and polymarket: using exchange 2, which refuses the orders of "
        "py_clob_client; choose with --exchange"
    ) in capfd.readouterr().err


def test_run_leaves_the_exchange_that_was_asked_for(
    script: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    bot = script(f"{ASK_VERSION}\nimport py_clob_client")
    assert main(["run", "--no-chain", "--exchange", "2", bot]) == 0
    printed = capfd.readouterr()
    assert printed.out == "2\n"
    assert "using exchange" not in printed.err


def test_run_leaves_the_complaint_about_a_broken_script_to_python(
    script: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--no-chain", script("def broken(:")]) == 1
    printed = capfd.readouterr()
    assert "SyntaxError" in printed.err
    assert "cli.py" not in printed.err


def test_run_takes_an_unmodified_script_of_py_clob_client_to_a_live_order(
    script: Callable[..., str], clean_environment: None, capfd: pytest.CaptureFixture[str]
) -> None:
    bot = script(
        "import os\n"
        "from py_clob_client.client import ClobClient\n"
        "from py_clob_client.clob_types import OrderArgs\n"
        "key = os.environ['POLYMARKET_PRIVATE_KEY']\n"
        "client = ClobClient('https://clob.polymarket.com', key=key, chain_id=137)\n"
        "client.set_api_creds(client.create_or_derive_api_creds())\n"
        f"args = OrderArgs(token_id='{DOCUMENTED.token_ids[0]}', price=0.4, size=5, side='BUY')\n"
        "print(client.post_order(client.create_order(args))['status'])\n"
    )
    assert main(["run", "--no-chain", bot]) == 0
    assert capfd.readouterr().out == "live\n"


# State


def serving(*arguments: str, **options: Any) -> Any:
    """`mock-clob serve` without a chain on a free port, as a context."""
    return started("serve", "--no-chain", "--port", "0", "--json", *arguments, **options)


def stop(process: subprocess.Popen[str]) -> str:
    """End it as Ctrl-C does; what it said on stderr."""
    process.send_signal(signal.SIGTERM)
    assert process.stderr is not None
    said = process.stderr.read()
    assert process.wait(10) == 0, said
    return said


def test_serve_goes_on_from_its_state_file(tmp_path: Path) -> None:
    file = tmp_path / "venue.state"
    with serving("--state", str(file), "--exchange", "1") as first:
        url = json.loads(first.stdout.readline())["url"]
        httpx.post(f"{url}/__mock/accounts/fund", json={"account": 3, "amount": "7"})
        assert stop(first) == f"mock-clob: the state is in {file}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    with serving("--state", str(file)) as second:
        facts = json.loads(second.stdout.readline())
        assert facts["exchange"] == 1
        state = httpx.get(f"{facts['url']}/__mock/state").json()
        assert state["accounts"][3]["collateral"] == "10007"
        assert abs(state["clock"]["now_ms"] / 1000 - time.time()) < 5
        assert stop(second).startswith(f"mock-clob: going on from {file}, with its options\n")


def test_a_file_that_is_no_state_is_one_line_and_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("important")
    assert main(["serve", "--state", str(file), "--port", "0"]) == 1
    assert capsys.readouterr().err == (
        f"mock-clob: {file}: this is no state of mock-clob; remove it to begin anew\n"
    )
    assert file.read_text() == "important"


def test_a_state_file_that_cannot_be_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--state", str(tmp_path / "no" / "file"), "--port", "0"]) == 1
    assert "there is no directory" in capsys.readouterr().err
    assert main(["serve", "--state", str(tmp_path), "--port", "0"]) == 1
    assert capsys.readouterr().err == f"mock-clob: cannot read {tmp_path}: Is a directory\n"


# Limits


def test_serve_keeps_the_limits_that_it_is_given() -> None:
    with serving("--max-body", "1000", "--max-connections", "2") as process:
        facts = json.loads(process.stdout.readline())
        long = httpx.post(f"{facts['url']}/order", content=b"x" * 1001)
        assert (long.status_code, long.json()) == (400, {"error": "Payload exceeds the limit"})
        address = ("127.0.0.1", int(facts["url"].rpartition(":")[2]))
        with socket.create_connection(address), socket.create_connection(address):
            with socket.create_connection(address) as third:
                third.settimeout(5)
                assert third.recv(100).startswith(b"HTTP/1.1 503 ")


def test_serve_says_loudly_that_other_computers_can_reach_it() -> None:
    with serving("--host", "0.0.0.0") as process:
        process.stdout.readline()
        said = stop(process)
    assert said.startswith("mock-clob: WARNING: listening on 0.0.0.0: other computers can reach")
