"""Several nodes as one: failing, lagging and lying ones, in front of a real chain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
from balance_tracker import BalanceTracker
from polygon_rpc import ChainUnreadable, named_block, polygon
from quorum_provider import NoQuorum, QuorumProvider
from usdc_balance import get_usdc_e_balance
from web3 import Web3
from web3.exceptions import ContractLogicError

from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob
from tests.snippets.chain_moves import USDC_E, mine, send
from tests.snippets.rpc_proxy import Node, node

WALLET = ACCOUNTS[0].address
RICH = hex(10**15)


@pytest.fixture
def nodes(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Node]]:
    """Three nodes of the same chain, in POLYGON_RPC_URL; no block comes that the test mines not."""
    mock_clob.reset(exchange=1)
    mock_clob.call(mock_clob.venue.clock.freeze)
    with ExitStack() as stack:
        three = [stack.enter_context(node(mock_clob.rpc_url)) for _ in range(3)]
        monkeypatch.setenv("POLYGON_RPC_URL", ", ".join(each.url for each in three))
        yield three


def lie(method: str, result: Any) -> Any:
    return "0x" + f"{10**15:064x}" if method == "eth_call" else result


def provider(w3: Web3) -> QuorumProvider:
    assert isinstance(w3.provider, QuorumProvider)
    return w3.provider


def test_a_majority_that_agrees_is_believed_and_asks_no_more_nodes(nodes: list[Node]) -> None:
    assert get_usdc_e_balance(WALLET) == 10_000
    assert "eth_call" in nodes[0].methods
    assert "eth_call" not in nodes[2].methods


@pytest.mark.parametrize("liar", range(3))
def test_one_liar_is_outvoted_wherever_it_stands(nodes: list[Node], liar: int) -> None:
    nodes[liar].tamper = lie
    assert get_usdc_e_balance(WALLET) == 10_000


def test_who_is_outvoted_is_counted_and_named_by_host_alone(
    nodes: list[Node], caplog: pytest.LogCaptureFixture
) -> None:
    nodes[0].tamper = lie
    w3 = polygon()
    w3.eth.call({"to": Web3.to_checksum_address(USDC_E), "data": "0x18160ddd"}, 0)
    assert provider(w3).outvoted == {"127.0.0.1": 1}
    assert "eth_call: 127.0.0.1 is outvoted" in caplog.text
    assert "s3cret" not in caplog.text


def test_two_liars_that_differ_are_no_majority(nodes: list[Node]) -> None:
    nodes[0].tamper = lie
    nodes[1].tamper = lambda method, result: "0x" if method == "eth_call" else result
    with pytest.raises(ChainUnreadable, match="2 of 3 nodes must agree, \\[1, 1, 1\\] do"):
        get_usdc_e_balance(WALLET)


@pytest.mark.parametrize("down", range(3))
def test_a_node_that_is_down_is_passed_over(nodes: list[Node], down: int) -> None:
    nodes[down].status = 503
    assert get_usdc_e_balance(WALLET) == 10_000


def test_one_node_of_three_is_not_enough(
    nodes: list[Node], caplog: pytest.LogCaptureFixture
) -> None:
    nodes[0].status = nodes[2].status = 503
    with pytest.raises(ChainUnreadable, match="cannot reach Polygon") as error:
        get_usdc_e_balance(WALLET)
    assert "s3cret" not in str(error.value) + caplog.text


def test_too_few_heads_are_no_quorum(nodes: list[Node]) -> None:
    w3 = polygon()
    nodes[0].status = nodes[2].status = 503
    with pytest.raises(NoQuorum, match="1 of 3 nodes answer, 2 must"):
        _ = w3.eth.block_number


def test_the_newest_block_is_the_highest_that_a_majority_has(nodes: list[Node]) -> None:
    w3 = polygon()
    mine(w3)
    head = w3.eth.block_number

    def behind(method: str, result: Any) -> Any:
        return hex(head - 1) if method == "eth_blockNumber" else result

    nodes[0].tamper = behind
    assert w3.eth.block_number == head
    assert named_block(w3).number == head
    nodes[1].tamper = behind
    assert named_block(w3).number == head - 1


def test_a_head_that_one_node_invents_is_not_followed(nodes: list[Node]) -> None:
    nodes[0].tamper = lambda method, result: RICH if method == "eth_blockNumber" else result
    w3 = polygon()
    assert named_block(w3).number == w3.eth.block_number < 1_000


def test_a_tracker_follows_the_wallet_through_liars(nodes: list[Node]) -> None:
    tracker = BalanceTracker(WALLET)
    tracker.update()
    nodes[1].tamper = lie
    send(polygon(), 5_000_000)
    nodes[1].tamper, nodes[2].tamper = nodes[2].tamper, lie
    tracker.update()
    assert [entry.change for entry in tracker.history] == [0, Decimal(-5)]


def test_an_error_that_nodes_agree_on_is_the_answer(nodes: list[Node]) -> None:
    call = {"to": Web3.to_checksum_address(USDC_E), "data": "0xa9059cbb" + "00" * 63 + "09" * 1}
    with pytest.raises(ContractLogicError):
        polygon().eth.call(call)  # type: ignore[arg-type]


def test_a_transaction_goes_to_one_node(nodes: list[Node]) -> None:
    send(polygon(), 1)
    assert [each.methods.count("eth_sendRawTransaction") for each in nodes] == [1, 0, 0]


def test_a_quorum_of_one_is_failover(nodes: list[Node]) -> None:
    w3 = Web3(QuorumProvider([each.url for each in nodes], quorum=1))
    assert w3.is_connected()
    nodes[0].status = 503
    assert w3.eth.chain_id == 137
    assert provider(w3).failures["127.0.0.1"] >= 1


@pytest.mark.parametrize(("urls", "quorum"), [([], None), (["http://a"], 2), (["http://a"], 0)])
def test_a_quorum_that_cannot_be_reached_is_refused(urls: list[str], quorum: int | None) -> None:
    with pytest.raises(ValueError, match="a quorum of"):
        QuorumProvider(urls, quorum)
