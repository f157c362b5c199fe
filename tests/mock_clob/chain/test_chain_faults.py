"""A Polygon node that misbehaves, as web3 meets it over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from web3 import HTTPProvider, Web3
from web3.exceptions import BlockNotFound, TransactionNotFound, Web3RPCError
from web3.middleware import ExtraDataToPOAMiddleware, SignAndSendRawMiddlewareBuilder
from web3.types import Wei

from mock_clob.accounts import ACCOUNTS
from mock_clob.chain.evm import Chain, ChainError
from mock_clob.faults import Effect
from mock_clob.pytest_plugin import MockClob

ALICE, BOB = ACCOUNTS[0].address, ACCOUNTS[1].address


@pytest.fixture
def node(mock_clob: MockClob) -> Web3:
    """web3 as a user sets it up, without retries, at block 5."""
    mock_clob.reset()
    provider = HTTPProvider(
        mock_clob.rpc_url, request_kwargs={"timeout": 2}, exception_retry_configuration=None
    )
    w3 = Web3(provider)
    w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    signing: Any = SignAndSendRawMiddlewareBuilder.build(ACCOUNTS[0].key)
    w3.middleware_onion.inject(signing, layer=0)
    w3.eth.default_account = w3.to_checksum_address(ALICE)
    chain_of(mock_clob).mine(5)
    return w3


def chain_of(mock_clob: MockClob) -> Chain:
    chain = mock_clob.venue.chain
    assert chain is not None
    return chain


def pay_bob(w3: Web3) -> Any:
    to = w3.to_checksum_address(BOB)
    return w3.eth.send_transaction({"to": to, "value": Wei(10**18), "from": ALICE})


def test_slow_node_makes_a_client_time_out(mock_clob: MockClob, node: Web3) -> None:
    mock_clob.fault("rpc_slow", path="eth_getBalance")

    assert node.eth.chain_id == 137  # another call is not met
    with pytest.raises(requests.exceptions.ReadTimeout):
        node.eth.get_balance(node.to_checksum_address(ALICE))
    assert node.eth.get_balance(node.to_checksum_address(ALICE)) == 10**22


@pytest.mark.parametrize(("name", "status"), [("rpc_down", 503), ("rpc_rate_limited", 429)])
def test_node_answers_with_an_http_error(
    mock_clob: MockClob, node: Web3, name: str, status: int
) -> None:
    mock_clob.fault(name)

    with pytest.raises(requests.exceptions.HTTPError, match=str(status)):
        node.eth.get_block_number()
    assert node.eth.get_block_number() == 5


def test_web3_retries_over_a_limit_by_itself(mock_clob: MockClob, node: Web3) -> None:
    mock_clob.fault("rpc_rate_limited", times=2)
    patient = Web3(HTTPProvider(mock_clob.rpc_url))

    assert patient.eth.get_block_number() == 5
    assert mock_clob.venue.faults.fired == 2


def test_node_fails_with_a_json_rpc_error(mock_clob: MockClob, node: Web3) -> None:
    mock_clob.fault("rpc_error", path="eth_getLogs", nth=2)

    assert node.eth.get_logs({"fromBlock": 0}) == []
    with pytest.raises(Web3RPCError, match="internal error"):
        node.eth.get_logs({"fromBlock": 0})
    assert node.eth.get_logs({"fromBlock": 0}) == []


def test_fault_in_a_batch_meets_its_call_alone(mock_clob: MockClob, node: Web3) -> None:
    mock_clob.fault("rpc_error", path="eth_chainId")
    batch = [
        {"jsonrpc": "2.0", "id": number, "method": method, "params": []}
        for number, method in enumerate(("eth_blockNumber", "eth_chainId", "eth_chainId"))
    ]

    replies = requests.post(mock_clob.rpc_url, json=batch, timeout=5).json()

    assert [("result" in reply, reply["id"]) for reply in replies] == [
        (True, 0),
        (False, 1),
        (True, 2),
    ]


def test_connection_breaks(mock_clob: MockClob, node: Web3) -> None:
    mock_clob.fault(Effect(name="cut", drop=True), method="RPC")

    with pytest.raises(requests.exceptions.ConnectionError):
        node.eth.get_block_number()


def test_fault_of_any_route_does_not_count_calls_twice(mock_clob: MockClob, node: Web3) -> None:
    fault = mock_clob.fault("server_error", nth=2)

    assert node.eth.get_block_number() == 5
    with pytest.raises(requests.exceptions.HTTPError):
        node.eth.get_block_number()
    assert (fault.seen, fault.fired) == (2, 1)


def test_lagging_node_shows_an_older_head_and_no_receipt(mock_clob: MockClob, node: Web3) -> None:
    before = node.eth.get_balance(node.to_checksum_address(BOB))
    paid = pay_bob(node)
    mock_clob.fault("rpc_lag", depth=2, times=None)

    assert node.eth.get_block_number() == 4
    assert node.eth.get_block("latest")["number"] == 4
    assert node.eth.get_balance(node.to_checksum_address(BOB)) == before
    with pytest.raises(TransactionNotFound):
        node.eth.get_transaction_receipt(paid)
    with pytest.raises(BlockNotFound):
        node.eth.get_block(6)

    mock_clob.call(mock_clob.venue.faults.clear)
    assert node.eth.get_transaction_receipt(paid)["blockNumber"] == 6


def test_transaction_sent_through_a_lagging_node_arrives(mock_clob: MockClob, node: Web3) -> None:
    mock_clob.fault("rpc_lag", times=None)
    paid = pay_bob(node)
    mock_clob.call(mock_clob.venue.faults.clear)

    assert node.eth.get_transaction_receipt(paid)["status"] == 1


def test_lagging_node_makes_no_blocks_while_time_goes_by(mock_clob: MockClob, node: Web3) -> None:
    mock_clob.advance(60)
    mock_clob.fault("rpc_lag", depth=2)

    assert node.eth.get_block_number() == 3


def test_node_lags_to_block_0_at_most(mock_clob: MockClob, node: Web3) -> None:
    mock_clob.fault("rpc_lag", depth=100)

    assert node.eth.get_block_number() == 0


def test_reorg_replaces_blocks_and_takes_receipts_back(mock_clob: MockClob, node: Web3) -> None:
    paid = pay_bob(node)
    before = [node.eth.get_block(number) for number in range(7)]
    assert node.eth.get_transaction_receipt(paid)["blockHash"] == before[6]["hash"]

    mock_clob.fault("rpc_reorg", depth=2)

    assert node.eth.get_block_number() == 6
    after = [node.eth.get_block(number) for number in range(7)]
    assert [old["hash"] == new["hash"] for old, new in zip(before, after, strict=True)] == [
        *[True] * 5,
        *[False] * 2,
    ]
    assert after[6]["parentHash"] == after[5]["hash"]
    with pytest.raises(TransactionNotFound):
        node.eth.get_transaction_receipt(paid)
    with pytest.raises(BlockNotFound):
        node.eth.get_block(before[6]["hash"])

    chain_of(mock_clob).mine()
    receipt = node.eth.get_transaction_receipt(paid)
    assert (receipt["blockNumber"], receipt["status"]) == (7, 1)


def test_reorg_of_a_chain_at_block_0_changes_nothing(mock_clob: MockClob) -> None:
    mock_clob.reset()
    mock_clob.fault("rpc_reorg")
    w3 = Web3(HTTPProvider(mock_clob.rpc_url))

    assert w3.eth.get_block_number() == 0


def test_node_of_another_chain_says_so(mock_clob: MockClob, node: Web3) -> None:
    mock_clob.fault("rpc_wrong_chain", times=None)

    assert (node.eth.chain_id, node.net.version) == (1, "1")
    assert node.eth.get_block_number() == 5


def test_dropped_transaction_is_gone_and_the_next_takes_its_nonce(chain: Chain, w3: Web3) -> None:
    lost = pay_bob(w3)
    chain.reorg(1, drop=True)
    chain.mine()

    with pytest.raises(TransactionNotFound):
        w3.eth.get_transaction(lost)
    assert w3.eth.get_transaction_count(w3.to_checksum_address(ALICE)) == 0


def test_settlement_survives_a_reorg(chain: Chain, match: Any) -> None:
    before = chain.balance(chain.contracts.pusd, ALICE)
    settled = bytes.fromhex(chain.settle(chain.contracts.exchange_v2, [match()])[2:])
    chain.reorg(1)
    assert chain.balance(chain.contracts.pusd, ALICE) == before

    chain.settle(chain.contracts.exchange_v2, [match(taker_order_id="0x" + "cc" * 32)])

    assert chain.receipt(settled) is not None
    assert chain.balance(chain.contracts.pusd, ALICE) == before - 2 * 5_200_000


def test_reorg_deeper_than_the_chain_is_refused(chain: Chain) -> None:
    chain.mine(2)

    for depth in (0, 3):
        with pytest.raises(ChainError, match="blocks to replace"):
            chain.reorg(depth)
    assert chain.block_number == 2


def test_snapshot_of_a_replaced_block_is_forgotten(chain: Chain) -> None:
    chain.mine()
    early = chain.snapshot()
    chain.mine()
    late = chain.snapshot()
    chain.reorg(1)

    assert not chain.revert(late)
    assert chain.revert(early)
    assert chain.block_number == 1
