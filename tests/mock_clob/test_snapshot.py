"""Snapshots: the same actions after a restore give the same replies; files are safe to open."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import AssetType, BalanceAllowanceParams, OrderArgs
from web3 import Web3
from web3.middleware import ExtraDataToPOAMiddleware
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from mock_clob import snapshot
from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from mock_clob.snapshot import NoSnapshot, Snapshot
from mock_clob.venue import Options, Venue

YES = DOCUMENTED.token_ids[0]


def buy(client: ClobClient, price: float, size: float = 10) -> dict[str, Any]:
    order = client.create_order(OrderArgs(token_id=YES, price=price, size=size, side="BUY"))
    placed: dict[str, Any] = client.post_order(order)
    return placed


# What comes back


def test_orders_keys_and_balances_come_back(venue_1: MockClob, alice: ClobClient) -> None:
    resting = buy(alice, 0.40)["orderID"]
    venue_1.snapshot()
    before = venue_1.state()["digest"]
    buy(alice, 0.60)
    alice.cancel(resting)
    venue_1.reset(exchange=2, chain=False)
    venue_1.restore()
    assert venue_1.state()["digest"] == before
    assert [order["id"] for order in alice.get_orders()] == [resting]


def test_one_snapshot_is_restored_many_times(venue_1: MockClob, alice: ClobClient) -> None:
    venue_1.snapshot()
    ids = set()
    for _ in range(3):
        venue_1.restore()
        assert alice.get_orders() == []
        buy(alice, 0.40)
        ids.add(venue_1.state()["orders"]["open"])
    assert len(ids) == 1


def test_snapshots_have_names(venue_1: MockClob, alice: ClobClient) -> None:
    venue_1.snapshot("before")
    buy(alice, 0.40)
    venue_1.snapshot("after")
    venue_1.restore("before")
    assert len(alice.get_orders()) == 0
    venue_1.restore("after")
    assert len(alice.get_orders()) == 1


def test_the_clock_goes_back_and_stays_frozen_if_it_was(venue_1: MockClob) -> None:
    venue_1.freeze()
    then = venue_1.venue.clock.now_ms()
    venue_1.snapshot()
    venue_1.advance(100)
    venue_1.unfreeze()
    venue_1.restore()
    assert (venue_1.venue.clock.now_ms(), venue_1.venue.clock.frozen) == (then, True)


def test_faults_modes_and_the_journal_come_back(venue_1: MockClob) -> None:
    venue_1.fault("bad_gateway", path="/ok", nth=2)
    venue_1.mode(trading="disabled")
    assert httpx.get(f"{venue_1.url}/ok").status_code == 200
    venue_1.snapshot()
    venue_1.reset(chain=False)
    venue_1.restore()
    assert len(venue_1.journal) == 1
    assert venue_1.venue.modes.trading == "disabled"
    assert httpx.get(f"{venue_1.url}/ok").status_code == 502


def test_trades_that_wait_for_settlement_wait_again(venue_1: MockClob, alice: ClobClient) -> None:
    venue_1.settle(mode="manual")
    buy(alice, 0.52)
    venue_1.snapshot()
    venue_1.settle()
    assert venue_1.state()["trades"] == {"CONFIRMED": 1}
    venue_1.restore()
    assert venue_1.state()["trades"] == {"MATCHED": 1}
    venue_1.settle()
    assert venue_1.state()["trades"] == {"CONFIRMED": 1}


def test_a_delayed_order_is_released_after_a_restore(venue_1: MockClob, alice: ClobClient) -> None:
    venue_1.freeze()
    market = venue_1.venue.engine.by_token[YES]
    venue_1.call(lambda: setattr(market, "taker_delay_ms", 3_000))
    assert buy(alice, 0.52)["status"] == "delayed"
    venue_1.snapshot()
    for _ in range(2):
        venue_1.restore()
        assert venue_1.state()["orders"]["delayed"] == 1
        venue_1.advance(3)
        assert venue_1.state()["orders"]["delayed"] == 0
        assert venue_1.venue.engine.trades


def test_the_chain_comes_back_with_the_engine(mock_clob: MockClob) -> None:
    web3 = Web3(Web3.HTTPProvider(mock_clob.rpc_url))
    web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    mock_clob.fund(1, "5")
    mock_clob.snapshot()
    then, digest = web3.eth.get_block("latest"), mock_clob.state()["digest"]
    mock_clob.fund(1, "6")
    assert web3.eth.block_number > then["number"]
    mock_clob.reset()
    mock_clob.restore()
    assert web3.eth.get_block("latest")["hash"] == then["hash"]
    assert web3.eth.get_block(then["number"] - 1)["hash"] == then["parentHash"]
    assert web3.eth.get_transaction_receipt(then["transactions"][0])["blockHash"] == then["hash"]  # type: ignore[arg-type]
    assert mock_clob.state()["digest"] == digest
    mock_clob.fund(1, "6")
    assert mock_clob.state()["accounts"][1]["collateral"] == "10011"


def test_a_reverted_transaction_keeps_its_reason(mock_clob: MockClob) -> None:
    account = ACCOUNTS[0]
    web3 = Web3(Web3.HTTPProvider(mock_clob.rpc_url))
    call = {
        "to": web3.to_checksum_address(mock_clob.venue.contracts.pusd),
        "data": "0xa9059cbb" + "1".rjust(64, "0") + "f" * 64,  # transfer, more than there is
        "gas": 200_000,
        "gasPrice": web3.eth.gas_price * 2,
        "nonce": web3.eth.get_transaction_count(web3.to_checksum_address(account.address)),
        "chainId": 137,
    }
    signed = web3.eth.account.sign_transaction(call, account.key)
    sent = web3.eth.send_raw_transaction(signed.raw_transaction)
    before = mock_clob.call(lambda: mock_clob.venue.chain.head.receipts[0].error)  # type: ignore[union-attr]
    mock_clob.snapshot()
    mock_clob.restore()
    assert web3.eth.get_transaction_receipt(sent)["status"] == 0
    after = mock_clob.call(lambda: mock_clob.venue.chain.head.receipts[0].error)  # type: ignore[union-attr]
    assert (type(after), str(after)) == (type(before), str(before))


def test_streams_are_closed_and_a_new_one_hears_the_old_book(
    venue_1: MockClob, alice: ClobClient
) -> None:
    buy(alice, 0.46)
    venue_1.snapshot()
    alice.cancel_all()
    ask = f'{{"type":"market","assets_ids":["{YES}"]}}'
    with connect(f"{venue_1.ws_url}/ws/market") as stream:
        stream.send(ask)
        assert '"0.46"' not in str(stream.recv(5))
        venue_1.restore()
        with pytest.raises(ConnectionClosed) as closed:
            stream.recv(5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    with connect(f"{venue_1.ws_url}/ws/market") as stream:
        stream.send(ask)
        assert '"0.46"' in str(stream.recv(5))


def test_a_scenario_plays_on_as_it_would_have(mock_clob: MockClob) -> None:
    mock_clob.reset(chain=False, scenario="eventful")
    mock_clob.freeze()
    mock_clob.advance(100)
    mock_clob.snapshot()
    ends = []
    for _ in range(2):
        mock_clob.restore()
        mock_clob.advance(100)
        ends.append(mock_clob.state()["digest"])
    assert ends[0] == ends[1]


# The property: what is done after a restore is answered as it was the first time


class Twice(RuleBasedStateMachine):
    """Play some actions, take a snapshot, play others, go back, play the others again."""

    venue: MockClob
    clients: tuple[ClobClient, ...]

    def __init__(self) -> None:
        super().__init__()
        self.script: list[Callable[[], Any]] = []
        self.salt = 0

    @initialize(settle=st.sampled_from(["auto", "manual"]))
    def begin(self, settle: str) -> None:
        self.venue.reset(exchange=1, chain=False, throttle=False)
        self.venue.freeze()
        for client in self.clients:
            client.set_api_creds(client.create_or_derive_api_creds())
        self.venue.settle(mode=settle)

    @rule(
        who=st.integers(0, 1),
        price=st.integers(30, 70),
        size=st.integers(5, 60),
        side=st.sampled_from(["BUY", "SELL"]),
        token=st.sampled_from(DOCUMENTED.token_ids),
        kind=st.sampled_from(["GTC", "FOK", "FAK"]),
    )
    def order(self, who: int, price: int, size: int, side: str, token: str, kind: str) -> None:
        client = self.clients[who]
        order = client.create_order(
            OrderArgs(token_id=token, price=price / 100, size=size, side=side)
        )
        self.script.append(lambda: client.post_order(order, kind))

    @rule(who=st.integers(0, 1))
    def cancel(self, who: int) -> None:
        self.script.append(self.clients[who].cancel_all)

    @rule(seconds=st.integers(1, 100))
    def wait(self, seconds: int) -> None:
        self.script.append(lambda: self.venue.advance(seconds))

    @rule(name=st.sampled_from(["server_error", "lose_reply", "cancel_lag"]))
    def fault(self, name: str) -> None:
        self.script.append(lambda: repr(self.venue.fault(name, probability=0.5, times=None)))

    @rule()
    def settle(self) -> None:
        self.script.append(self.venue.settle)

    @rule(who=st.integers(0, 1))
    def read(self, who: int) -> None:
        self.script.append(self.clients[who].get_orders)
        self.script.append(self.clients[who].get_trades)
        money = BalanceAllowanceParams(AssetType.COLLATERAL, signature_type=0)
        self.script.append(lambda: self.clients[who].get_balance_allowance(money))

    def teardown(self) -> None:
        half = len(self.script) // 2
        for act in self.script[:half]:
            self._answer(act)
        self.venue.snapshot()
        replies = []
        for _ in range(2):
            replies.append([self._answer(act) for act in self.script[half:]])
            replies[-1].append(self.venue.state())
            self.venue.restore()
            replies[-1].append(self.venue.state())
        assert replies[0] == replies[1]

    @staticmethod
    def _answer(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Exception as error:
            return f"{type(error).__name__} {error}"


def test_the_same_actions_after_a_restore_give_the_same_replies(venue_1: MockClob) -> None:
    Twice.venue = venue_1
    Twice.clients = tuple(
        ClobClient(venue_1.url, chain_id=137, key=account.key) for account in ACCOUNTS[:2]
    )
    run_state_machine_as_test(
        Twice,
        settings=settings(
            max_examples=25,
            stateful_step_count=16,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


# Nothing is forgotten


def test_every_attribute_of_a_venue_is_in_the_snapshot_or_known_not_to_be() -> None:
    venue = Venue(Options(chain=False))
    public = {name for name in vars(venue) if not name.startswith("_")}
    assert public == {*snapshot.STATE, *snapshot.OTHER}


# Files


def taken(venue: MockClob) -> Snapshot:
    venue.snapshot()
    return venue.controls.snapshots["default"]


def test_a_file_holds_the_state_for_its_owner_only(venue_1: MockClob, tmp_path: Path) -> None:
    path = tmp_path / "venue.state"
    taken(venue_1).write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["venue.state"]
    venue = Venue(Options(chain=False))
    snapshot.restore(venue, Snapshot(path.read_bytes()))
    assert snapshot.digest(venue) == venue_1.state()["digest"]


def test_a_resumed_live_clock_keeps_its_distance_to_the_wall_clock(venue_1: MockClob) -> None:
    venue_1.advance(1000)
    held = taken(venue_1)
    venue = Venue(Options(chain=False))
    snapshot.restore(venue, held, resume=True)
    assert abs(venue.clock.now() - time.time() - 1000) < 5


def test_a_resumed_scenario_goes_on_where_it_stood() -> None:
    venue = Venue(Options(chain=False, scenario="new-market"))
    venue.clock.freeze()
    venue.advance(20)
    venue.flow.postpone(3_600)
    venue.advance(3_600 + 9)
    assert len(venue.engine.markets) == 7
    venue.advance(2)
    assert len(venue.engine.markets) == 8


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda data: b"", "no state of mock-clob"),
        (lambda data: b"#!/bin/sh\n", "no state of mock-clob"),
        (lambda data: data[:40], "another version of mock-clob"),
        (lambda data: data[:20] + bytes(30) + data[50:], "another version of mock-clob"),
        (lambda data: data[:-100], "damaged"),
        (lambda data: data[: len(snapshot.MAGIC) + 32] + pickle.dumps([1]), "damaged"),
        (lambda data: data[: len(snapshot.MAGIC) + 32] + pickle.dumps({}), "damaged"),
    ],
)
def test_what_is_no_state_changes_nothing(
    spoil: Callable[[bytes], bytes], complaint: str, venue_1: MockClob
) -> None:
    data = spoil(taken(venue_1).data)
    before = venue_1.state()["digest"]
    with pytest.raises(NoSnapshot, match=complaint):
        venue_1.call(lambda: snapshot.restore(venue_1.venue, Snapshot(data)))
    assert venue_1.state()["digest"] == before


class Payload:
    """A pickle that would call `function`."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> Any:
        return self.function, self.arguments


@pytest.mark.parametrize(
    "payload",
    [
        Payload(print, "called"),
        Payload(eval, "print('called')"),
        Payload(getattr, [], "append"),
        Payload(Path, "x"),
        Payload(Venue),
        Payload(snapshot._method, [], "append"),
        Payload(snapshot._method, Options(), "__init__"),
        Payload(httpx.get, "http://127.0.0.1:9"),
    ],
)
def test_a_file_of_a_stranger_runs_no_code(
    payload: Payload, venue_1: MockClob, capsys: pytest.CaptureFixture[str]
) -> None:
    head = taken(venue_1).data[: len(snapshot.MAGIC) + 32]
    held = Snapshot(head + pickle.dumps({"options": payload}))
    with pytest.raises(NoSnapshot, match="does not name"):
        venue_1.call(lambda: snapshot.restore(venue_1.venue, held))
    assert "called" not in capsys.readouterr().out


def test_what_cannot_be_saved_is_named(venue_1: MockClob) -> None:
    venue_1.venue.faults.extra = lambda: None  # type: ignore[attr-defined]
    with pytest.raises(NoSnapshot, match="cannot be part of a snapshot"):
        venue_1.snapshot()
