"""The fixtures, in sessions of their own: reset, routing, unknown routes, the network block."""

import os
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

pytest_plugins = ["pytester"]

REPOSITORY = Path(__file__).resolve().parents[2]
ASK = """
import socket
import httpx
import pytest

def ask(path, host="clob.polymarket.com"):
    return httpx.get(f"https://{host}{path}")
"""

Session = Callable[..., pytest.RunResult]


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Run tests, written as text, in a pytest process that knows this plugin and no other."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    path = [str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))

    def run(tests: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(ASK + dedent(tests))
        return pytester.runpytest_subprocess("-p", "mock_clob.pytest_plugin", *arguments)

    return run


def test_every_test_begins_anew(session: Session) -> None:
    result = session(
        """
        @pytest.mark.parametrize("run", [1, 2])
        def test(mock_clob, run):
            assert mock_clob.venue.options.exchange == 2
            assert len(mock_clob.journal) == 0
            assert ask("/ok").json() == "OK"
            assert [entry.path for entry in mock_clob.journal] == ["/ok"]
            mock_clob.reset(exchange=1, chain=False)
            assert ask("/version").json() == {"version": 1}
        """
    )
    result.assert_outcomes(passed=2)


def test_the_fixture_gives_what_a_test_needs(session: Session) -> None:
    result = session(
        """
        def test(mock_clob, mock_clob_server):
            mock_clob.reset(chain=False)
            assert mock_clob.server is mock_clob_server
            assert httpx.get(f"{mock_clob.url}/ok").json() == "OK"
            assert mock_clob.ws_url == mock_clob.url.replace("http", "ws")
            assert mock_clob.rpc_url == f"{mock_clob.url}/rpc"
            assert mock_clob.account(0).address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"

            before = mock_clob.call(mock_clob.venue.clock.now_ms)
            mock_clob.advance(3600)
            assert mock_clob.call(mock_clob.venue.clock.now_ms) >= before + 3_600_000

            mock_clob.fault("engine_restart", method="GET", path="/ok")
            assert ask("/ok").status_code == 425
            assert ask("/ok").status_code == 200
        """
    )
    result.assert_outcomes(passed=1)


def test_an_unknown_route_fails_the_test_and_is_named(session: Session) -> None:
    result = session(
        """
        def test_client_hides_it(mock_clob):
            assert ask("/nowhere").status_code == 404

        def test_next_is_not_blamed(mock_clob):
            ask("/ok")

        def test_meant(mock_clob):
            mock_clob.allow_unknown_routes()
            assert ask("/nowhere").status_code == 404

        def test_fails_by_itself(mock_clob):
            assert ask("/nowhere").json() == "OK"
        """
    )
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        ["*routes that it does not have: GET clob.polymarket.com/nowhere.*allow_unknown_routes()*"]
    )
    assert result.stdout.str().count("routes that it does not have") >= 2


def test_names_lead_to_the_venue_only_while_a_test_uses_it(session: Session) -> None:
    result = session(
        """
        original = socket.getaddrinfo

        def test_with(mock_clob):
            assert ask("/ok").status_code == 200
            with pytest.raises(httpx.ConnectError, match="refuses to look up example.com"):
                ask("/ok", "example.com")

        def test_without():
            assert socket.getaddrinfo is original
        """
    )
    result.assert_outcomes(passed=2)


def test_the_network_block_lasts_for_the_session(session: Session) -> None:
    result = session(
        """
        with pytest.raises(socket.gaierror, match="refuses to look up example.com"):
            socket.getaddrinfo("example.com", 443)  # while pytest collects

        def test_before():
            with pytest.raises(httpx.ConnectError, match="no mocked venue is running"):
                ask("/ok")

        def test_with(mock_clob):
            assert ask("/ok").status_code == 200

        test_after = test_before
        """,
        "-o",
        "mock_clob_block_network=true",
    )
    result.assert_outcomes(passed=3)


def test_a_client_imported_at_the_top_of_the_test_file_reaches_the_venue(session: Session) -> None:
    result = session(
        """
        from py_clob_client.client import ClobClient

        def test(mock_clob):
            assert ClobClient("https://clob.polymarket.com").get_ok() == "OK"
        """
    )
    result.assert_outcomes(passed=1)


def test_a_session_without_the_fixture_starts_no_venue(session: Session) -> None:
    result = session(
        """
        import sys

        def test():
            assert "mock_clob.server" not in sys.modules
            assert "uvicorn" not in sys.modules
        """
    )
    result.assert_outcomes(passed=1)
