"""JSON-RPC itself: what is malformed is answered with an error object and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from mock_clob.accounts import ACCOUNTS
from mock_clob.chain import rpc as rpc_module
from mock_clob.chain.artefacts import artefact, raw
from mock_clob.chain.evm import Chain
from mock_clob.chain.rpc import METHODS, handle

ALICE = ACCOUNTS[0].address
NO_HASH = "0x" + "ab" * 32
Rpc = Callable[..., Any]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "request_body",
    [
        None,
        7,
        "eth_chainId",
        [],
        {},
        {"method": "eth_chainId", "id": 1},
        {"jsonrpc": "1.0", "method": "eth_chainId", "id": 1},
        {"jsonrpc": "2.0", "method": "eth_chainId"},
        {"jsonrpc": "2.0", "method": "eth_chainId", "id": None},
        {"jsonrpc": "2.0", "method": "eth_chainId", "id": {"a": 1}},
        {"jsonrpc": "2.0", "method": "eth_chainId", "id": True},
        {"jsonrpc": "2.0", "method": "eth_chainId", "id": float("nan")},
        {"jsonrpc": "2.0", "method": "eth_chainId", "id": "\ud800"},
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "method": ["eth_chainId"], "id": 1},
        [{"jsonrpc": "2.0", "method": "eth_chainId", "id": 1}] * 1001,
    ],
)
def test_what_is_no_request_is_invalid(chain: Chain, request_body: Any) -> None:
    assert handle(chain, request_body)["error"]["code"] == -32600


def test_reply_carries_the_id_of_its_request(chain: Chain) -> None:
    batch = [
        {"jsonrpc": "2.0", "method": "eth_chainId", "id": 1, "params": []},
        {"jsonrpc": "2.0", "method": "eth_chainId", "id": "two", "params": None},
        {"jsonrpc": "2.0", "method": "eth_none", "id": 3},
        5,
    ]

    replies = handle(chain, batch)

    assert [reply["id"] for reply in replies] == [1, "two", 3, None]
    assert [reply.get("result") for reply in replies] == ["0x89", "0x89", None, None]
    assert [reply["error"]["code"] for reply in replies[2:]] == [-32601, -32600]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("method", ["eth_sendTransaction", "personal_sign", "", "ETH_CHAINID"])
def test_unknown_method_is_named(rpc: Rpc, method: str) -> None:
    assert rpc(method) == {
        "code": -32601,
        "message": f"the method {method} does not exist/is not available",
    }


@pytest.mark.usefixtures("unchanged")
def test_params_by_name_are_refused(chain: Chain) -> None:
    request = {"jsonrpc": "2.0", "method": "eth_getBalance", "id": 1, "params": {"a": 1}}

    assert handle(chain, request)["error"] == {"code": -32602, "message": "non-array args"}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_getBalance", []),
        ("eth_getBalance", [ALICE, "latest", "more"]),
        ("eth_getBalance", ["0x12"]),
        ("eth_getBalance", [ALICE[2:]]),
        ("eth_getBalance", [None]),
        ("eth_getBalance", [ALICE, "newest"]),
        ("eth_getBalance", [ALICE, 1]),
        ("eth_getBalance", [ALICE, "0x01"]),
        ("eth_getBalance", [ALICE, "0x"]),
        ("eth_getBalance", [ALICE, {}]),
        ("eth_getBalance", [ALICE, {"blockHash": NO_HASH, "blockNumber": "0x0"}]),
        ("eth_getStorageAt", [ALICE, "zero"]),
        ("eth_getBlockByNumber", ["latest"]),
        ("eth_getBlockByNumber", ["latest", 1]),
        ("eth_getBlockByHash", ["0x12", False]),
        ("eth_getTransactionByHash", [ALICE]),
        ("eth_call", ["0x"]),
        ("eth_call", [{"data": "0x"}]),
        ("eth_call", [{"to": ALICE, "data": "0x123"}]),
        ("eth_call", [{"to": ALICE, "data": "0x12", "input": "0x34"}]),
        ("eth_call", [{"to": ALICE, "value": 1}]),
        ("eth_call", [{"to": ALICE}, "latest", {ALICE: {"balance": "0x0"}}]),
        ("eth_estimateGas", [{"to": 5}]),
        ("eth_feeHistory", ["0x0", "latest", []]),
        ("eth_feeHistory", ["0x401", "latest", []]),
        ("eth_feeHistory", [True, "latest", []]),
        ("eth_feeHistory", ["0x1", "latest", [50, 10]]),
        ("eth_feeHistory", ["0x1", "latest", [101]]),
        ("eth_feeHistory", ["0x1", "latest", ["50"]]),
        ("eth_getLogs", [[]]),
        ("eth_getLogs", [{"address": "0x1"}]),
        ("eth_getLogs", [{"topics": "0x1"}]),
        ("eth_getLogs", [{"topics": ["0x1"]}]),
        ("eth_getLogs", [{"topics": [None] * 5}]),
        ("eth_getLogs", [{"fromBlock": "0x1", "toBlock": "0x0"}]),
        ("eth_getLogs", [{"blockHash": NO_HASH, "fromBlock": "0x0"}]),
        ("eth_sendRawTransaction", ["raw"]),
        ("web3_sha3", [1]),
        ("evm_revert", ["1"]),
        ("evm_increaseTime", [-1]),
    ],
)
def test_malformed_params_are_invalid(rpc: Rpc, method: str, params: list[Any]) -> None:
    assert rpc(method, *params)["code"] == -32602


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("raw_transaction", "message"),
    [
        ("0x", "rlp"),
        ("0xc0", "rlp"),
        ("0x02c0", "rlp"),
        ("0x01", "rlp"),
        ("0xdeadbeef", "rlp"),
        ("0xf8", "rlp"),
        ("0x03c0", "transaction type not supported"),
        ("0x04c0", "transaction type not supported"),
        ("0x7f00", "transaction type not supported"),
        ("0xc9808080808080808080", "invalid sender"),
    ],
)
def test_bytes_that_are_no_transaction_are_refused(
    rpc: Rpc, raw_transaction: str, message: str
) -> None:
    error = rpc("eth_sendRawTransaction", raw_transaction)

    assert error["code"] == -32000
    assert message in error["message"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_getBalance", [ALICE, "0x63"]),
        ("eth_getBalance", [ALICE, {"blockHash": NO_HASH}]),
        ("eth_getBalance", [ALICE, {"blockNumber": "0x63"}]),
        ("eth_getLogs", [{"blockHash": NO_HASH}]),
        ("eth_call", [{"to": ALICE, "value": "0xffffffffffffffffffffffff"}]),
    ],
)
def test_what_does_not_exist_is_a_server_error(rpc: Rpc, method: str, params: list[Any]) -> None:
    assert rpc(method, *params)["code"] == -32000


@pytest.mark.parametrize(
    "method",
    [
        "eth_getBlockTransactionCountByHash",
        "eth_getTransactionByHash",
        "eth_getTransactionReceipt",
    ],
)
def test_unknown_hash_is_null(rpc: Rpc, method: str) -> None:
    assert rpc(method, NO_HASH) is None


def test_revert_carries_its_code_and_data(rpc: Rpc, chain: Chain) -> None:
    data = artefact("Usdc").call("transfer", raw(ALICE), 10**18)

    error = rpc(
        "eth_call", {"from": ALICE, "to": chain.contracts.usdc_e, "data": "0x" + data.hex()}
    )

    assert error["code"] == 3
    assert error["message"] == "execution reverted: ERC20: transfer amount exceeds balance"
    assert error["data"].startswith("0x08c379a0")


def test_revert_without_a_reason_has_no_data(rpc: Rpc, chain: Chain) -> None:
    error = rpc("eth_call", {"to": chain.contracts.usdc_e, "data": "0x12345678"})

    assert error == {"code": -32000, "message": "execution reverted"}


def test_call_out_of_gas_says_so(rpc: Rpc, chain: Chain) -> None:
    error = rpc("eth_call", {"to": chain.contracts.usdc_e, "data": "0x18160ddd", "gas": "0x10"})

    assert error["code"] == -32000
    assert "gas" in error["message"].lower()


def test_fault_of_the_mock_is_an_internal_error(
    chain: Chain, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(chain: Chain) -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(rpc_module.METHODS, "eth_chainId", broken)

    reply = handle(chain, {"jsonrpc": "2.0", "method": "eth_chainId", "id": 1})

    assert reply["error"]["code"] == -32603
    assert "ZeroDivisionError" in caplog.text


def test_quantities_have_no_leading_zeros_and_data_is_whole(rpc: Rpc) -> None:
    assert rpc("eth_blockNumber") == "0x0"
    assert rpc("eth_getTransactionCount", ALICE) == "0x0"
    assert rpc("eth_getBalance", ALICE) == hex(10_000 * 10**18)
    assert rpc("eth_getStorageAt", ALICE, "0x0") == "0x" + "0" * 64
    assert rpc("eth_getStorageAt", ALICE, "0x" + "0" * 64) == "0x" + "0" * 64
    assert rpc("eth_getCode", ALICE) == "0x"
    assert rpc("web3_sha3", "0x").startswith("0xc5d24601")


def test_block_may_be_named_by_an_object(rpc: Rpc, chain: Chain) -> None:
    chain.mine()
    block_hash = "0x" + chain.blocks[0].hash.hex()

    assert rpc("eth_getBalance", ALICE, {"blockHash": block_hash}) == hex(10_000 * 10**18)
    assert rpc("eth_getBalance", ALICE, {"blockNumber": "0x1"}) == hex(10_000 * 10**18)


def test_every_log_has_one_index_in_its_block(rpc: Rpc, chain: Chain) -> None:
    chain.deposit(chain.contracts.pusd, ALICE, 1)  # two transactions in one block

    logs = rpc("eth_getLogs", {"fromBlock": "0x1"})

    assert [(log["transactionIndex"], log["logIndex"]) for log in logs] == [
        ("0x0", "0x0"),
        ("0x1", "0x1"),
    ]


def test_blooms_hold_the_addresses_of_the_logs(rpc: Rpc, chain: Chain) -> None:
    transaction_hash = chain.deposit(chain.contracts.usdc_e, ALICE, 1)

    block = rpc("eth_getBlockByNumber", "0x1", False)
    receipt = rpc("eth_getTransactionReceipt", transaction_hash)

    assert block["logsBloom"] == receipt["logsBloom"] != "0x" + "0" * 512
    assert len(block["logsBloom"]) == 514


def test_snapshot_brings_everything_back(rpc: Rpc, chain: Chain) -> None:
    usdc_e = chain.contracts.usdc_e
    first = rpc("evm_snapshot")
    second = rpc("evm_snapshot")
    gone = chain.deposit(usdc_e, ALICE, 1)

    assert rpc("evm_revert", second) is True
    assert rpc("eth_blockNumber") == "0x0"
    assert rpc("eth_getTransactionByHash", gone) is None
    assert chain.balance(usdc_e, ALICE) == 10_000_000_000
    assert rpc("evm_revert", second) is False
    assert rpc("evm_revert", first) is True
    assert rpc("evm_revert", first) is False
    assert rpc("evm_revert", "0x0") is False
    chain.deposit(usdc_e, ALICE, 2)
    assert chain.balance(usdc_e, ALICE) == 10_000_000_002


def test_time_can_be_moved_and_blocks_mined(rpc: Rpc, chain: Chain, clock: SimpleNamespace) -> None:
    assert rpc("evm_increaseTime", "0x64") == 100
    assert rpc("evm_increaseTime", 20) == 120
    assert rpc("evm_mine") == "0x0"

    block = rpc("eth_getBlockByNumber", "0x1", False)
    assert int(block["timestamp"], 16) == clock.seconds + 120
    assert chain.block_number == 1


def test_time_moves_back_with_a_snapshot(rpc: Rpc, chain: Chain, clock: SimpleNamespace) -> None:
    snapshot = rpc("evm_snapshot")
    rpc("evm_increaseTime", 100)
    rpc("evm_revert", snapshot)
    rpc("evm_mine")

    assert chain.head.header.timestamp == clock.seconds


def test_methods_are_listed_in_order() -> None:
    assert list(METHODS) == sorted(METHODS)


def test_block_counts_and_receipts(rpc: Rpc, chain: Chain) -> None:
    chain.deposit(chain.contracts.pusd, ALICE, 1)
    block_hash = "0x" + chain.head.hash.hex()

    assert rpc("eth_getBlockTransactionCountByNumber", "0x1") == "0x2"
    assert rpc("eth_getBlockTransactionCountByNumber", "0x9") is None
    assert rpc("eth_getBlockTransactionCountByHash", block_hash) == "0x2"
    receipts = rpc("eth_getBlockReceipts", "0x1")
    gas = [int(receipt["gasUsed"], 16) for receipt in receipts]
    assert int(receipts[1]["cumulativeGasUsed"], 16) == sum(gas)


def test_node_listens(rpc: Rpc) -> None:
    assert rpc("net_listening") is True
