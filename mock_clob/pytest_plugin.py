"""pytest fixtures: one mocked venue for the session, begun anew for every test that uses it.

While a test uses `mock_clob`, the production host names lead to the venue and every other name and
address but loopback is refused. The ini option `mock_clob_block_network = true` keeps refusing,
production names included, for the rest of the session.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from mock_clob import routing

if TYPE_CHECKING:
    from mock_clob.accounts import Account
    from mock_clob.controls import Controls
    from mock_clob.faults import Effect, Fault
    from mock_clob.journal import Journal
    from mock_clob.server import Server
    from mock_clob.venue import Venue

T = TypeVar("T")

BLOCK_NETWORK = "mock_clob_block_network"


class MockClob:
    """The mocked venue as a test sees it. Every test begins with the default options."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.url = server.url
        self.ws_url = server.ws_url
        self.rpc_url = server.rpc_url
        self._unknown_routes_allowed = False

    @property
    def venue(self) -> Venue:
        """The venue itself. It belongs to the server's thread: change it inside `call`."""
        return self.server.venue

    @property
    def journal(self) -> Journal:
        """Every request since the last reset."""
        return self.venue.journal

    @property
    def controls(self) -> Controls:
        """What the methods below do, on the server's thread: `/__mock/` over HTTP does the same."""
        return self.venue.controls

    def call(self, fn: Callable[[], T]) -> T:
        """Run `fn` on the server's thread; give its result or raise its exception."""
        return self.server.call(fn)

    def reset(self, **options: Any) -> None:
        """Begin anew with these options and the defaults for the others (venue.Options)."""
        from mock_clob.venue import Options

        chosen = Options(**options)
        self.call(lambda: self.venue.reset(chosen))

    def state(self) -> dict[str, Any]:
        """Options, clock, markets, orders, trades, accounts, streams, and a digest to compare."""
        return self.call(self.controls.state)

    def play(self, scenario: str) -> None:
        """Begin anew with another scenario; the other options stay."""
        self.call(lambda: self.controls.play(scenario))

    def snapshot(self, name: str = "default") -> None:
        """Remember the venue as it is now. Snapshots last until the end of the test."""
        self.server.wait(lambda: self.controls.snapshot(name))

    def restore(self, name: str = "default") -> None:
        """Go back to a snapshot, any number of times. Streams are closed."""
        self.call(lambda: self.controls.restore(name))

    def advance(self, seconds: float) -> None:
        """Move the venue's clock forward; what falls due on the way happens."""
        self.call(lambda: self.controls.advance(seconds))

    def freeze(self, at_ms: int | None = None) -> None:
        """Stop the venue's clock, now or at a later instant; `advance` still moves it."""
        self.call(lambda: self.controls.freeze(at_ms))

    def unfreeze(self) -> None:
        """Let the clock run on."""
        self.call(self.controls.unfreeze)

    def fault(self, effect: Effect | str, **where: Any) -> Fault:
        """Put a fault in force; the arguments are those of faults.Faults.add."""
        return self.call(lambda: self.venue.faults.add(effect, **where))

    def stream_fault(self, name: str, **arguments: Any) -> None:
        """Let a fault meet the WebSocket connections: one of faults.STREAM_PRESETS."""
        self.call(lambda: self.venue.hub.fault(name, **arguments))

    def clear_faults(self) -> None:
        """No faults any more, neither of requests nor of the streams."""
        self.call(self.controls.clear_faults)

    def mode(self, **changes: Any) -> None:
        """Restart, cancel-only, disabled, geoblock, bans: the arguments of Controls.mode."""
        self.call(lambda: self.controls.mode(**changes))

    def settle(self, **plan: Any) -> None:
        """Settle what is queued; the arguments are those of Controls.settle."""
        self.server.wait(lambda: self.controls.settle(**plan))

    def fund(self, account: int | str, amount: str) -> None:
        """Give a test account so many dollars of collateral."""
        self.server.wait(lambda: self.controls.fund(account, amount))

    def tier(self, account: int | str, tier: str) -> None:
        """Move an account to another tier of the per-signer limits."""
        self.call(lambda: self.controls.tier(account, tier))

    def change_tick(self, market: str, tick: str) -> None:
        """Change the tick size of a market, named by slug, condition id or token id."""
        self.call(lambda: self.controls.change_tick(market, tick))

    def resolve(self, market: str, outcome: str) -> None:
        """Close a market with an outcome: its orders go, its shares can be redeemed."""
        self.call(lambda: self.controls.resolve(market, outcome))

    def account(self, index: int) -> Account:
        """One of the public test accounts. 0 to 7 are funded."""
        from mock_clob.accounts import ACCOUNTS

        return ACCOUNTS[index]

    def allow_unknown_routes(self) -> None:
        """Let this test ask for routes that the venue does not have."""
        self._unknown_routes_allowed = True

    def complaint(self) -> str:
        """The unknown routes that were asked for, as a sentence; empty when all is well."""
        if self._unknown_routes_allowed:
            return ""
        entries = self.call(self.journal.unknown_routes)
        routes = dict.fromkeys(f"{entry.method} {entry.host}{entry.path}" for entry in entries)
        if not routes:
            return ""
        return (
            f"the test asked mock-clob for routes that it does not have: {', '.join(routes)}. "
            "Call mock_clob.allow_unknown_routes() if it means to"
        )


_MOCK_CLOB = pytest.StashKey[MockClob]()


@pytest.fixture(scope="session")
def mock_clob_server() -> Iterator[Server]:
    """The session's server. Production names lead to it only while a test uses `mock_clob`."""
    from mock_clob.server import Server
    from mock_clob.venue import Venue

    with Server(Venue()) as server:
        yield server


@pytest.fixture
def mock_clob(mock_clob_server: Server, request: pytest.FixtureRequest) -> Iterator[MockClob]:
    """A fresh mocked venue, to which the production host names lead during this test.

    A test that asks for a route that the venue does not have fails.
    """
    clob = MockClob(mock_clob_server)
    clob.reset()
    clob.call(clob.controls.snapshots.clear)
    request.node.stash[_MOCK_CLOB] = clob
    before = routing.active()
    routing.install(*mock_clob_server.route)
    yield clob
    _go_back_to(before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test that asked for unknown routes; tell of them when it fails by itself."""
    clob = item.stash.get(_MOCK_CLOB, None)
    try:
        yield
    except Exception as error:
        if clob is not None and (complaint := clob.complaint()):
            error.add_note(complaint)
        raise
    if clob is not None and (complaint := clob.complaint()):
        pytest.fail(complaint, pytrace=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        BLOCK_NETWORK,
        "refuse every host and address but loopback for the whole session; production hosts lead "
        "to the mocked venue while a test uses the fixture mock_clob",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getini(BLOCK_NETWORK):
        before = routing.active()
        routing.install()
        config.add_cleanup(lambda: _go_back_to(before))


def _go_back_to(before: routing.Route | None) -> None:
    if before is None:
        routing.uninstall()
    else:
        routing.install(*before)
