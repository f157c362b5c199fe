"""JSON-RPC as a Polygon node answers it: `handle` takes a parsed request and gives the reply.

Whatever the request, there is a reply; one that is refused changes nothing. The two evm_ methods
that go back and forth in time, and evm_mine, are those of Anvil and Hardhat.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from itertools import accumulate
from math import isfinite
from typing import Any

from eth_hash.auto import keccak
from eth_typing import Address

from mock_clob.chain import rpc_json, rpc_values
from mock_clob.chain.errors import ChainError, Reverted
from mock_clob.chain.evm import GAS_LIMIT, NOBODY, TIP, Block, Chain
from mock_clob.chain.rpc_logs import get_logs
from mock_clob.chain.rpc_values import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    REVERTED,
    SERVER_ERROR,
    RpcError,
    address,
    hash32,
    hex_data,
    hex_quantity,
    invalid,
    quantity,
    shown,
)

Json = dict[str, Any]

MAX_BATCH = 1000
MAX_FEE_HISTORY = 1024
CREATION = Address(b"")

_log = logging.getLogger(__name__)


def handle(chain: Chain, request: Any) -> Any:
    """The reply to a request or to a batch of them."""
    if not isinstance(request, list):
        return _answer(chain, request)
    if not request:
        return _failure(None, RpcError(INVALID_REQUEST, "empty batch"))
    if len(request) > MAX_BATCH:
        return _failure(None, RpcError(INVALID_REQUEST, f"batch too large: {MAX_BATCH} at most"))
    return [_answer(chain, one) for one in request]


def _answer(chain: Chain, request: Any) -> Json:
    identity = request.get("id") if isinstance(request, dict) else None
    if not _is_identity(identity):
        identity = None
    try:
        return {"jsonrpc": "2.0", "id": identity, "result": _result(chain, request)}
    except RpcError as error:
        return _failure(identity, error)
    except Reverted as error:
        code = REVERTED if error.data else SERVER_ERROR
        revert_data = hex_data(error.data) if error.data else None
        return _failure(identity, RpcError(code, str(error), revert_data))
    except ChainError as error:
        return _failure(identity, RpcError(SERVER_ERROR, str(error)))
    except Exception:
        _log.exception("JSON-RPC request failed: %.200r", request)
        return _failure(identity, RpcError(INTERNAL_ERROR, "internal error of the mocked chain"))


def _result(chain: Chain, request: Any) -> Any:
    if not isinstance(request, dict) or request.get("jsonrpc") != "2.0":
        raise RpcError(INVALID_REQUEST, 'invalid request: not an object with "jsonrpc": "2.0"')
    if not _is_identity(request.get("id")):
        raise RpcError(
            INVALID_REQUEST, "invalid request: its id must be a number or printable text"
        )
    method = request.get("method")
    if not isinstance(method, str):
        raise RpcError(INVALID_REQUEST, "invalid request: no method")
    function = METHODS.get(method)
    if function is None:
        raise RpcError(
            METHOD_NOT_FOUND,
            f"the method {shown(method)} does not exist/is not available",
        )
    params = request.get("params")
    if params is None:
        params = []
    if not isinstance(params, list):
        raise RpcError(INVALID_PARAMS, "non-array args")
    _check_count(function, len(params))
    return function(chain, *params)


def _is_identity(value: Any) -> bool:
    """What can be sent back: lone surrogates and NaN, which Python's JSON reads, cannot."""
    if isinstance(value, str):
        return value.isprintable()
    return type(value) is int or (isinstance(value, float) and isfinite(value))


def _check_count(function: Callable[..., Any], given: int) -> None:
    parameters = list(inspect.signature(function).parameters.values())[1:]
    required = sum(parameter.default is parameter.empty for parameter in parameters)
    if given < required:
        raise RpcError(INVALID_PARAMS, f"missing value for required argument {given}")
    if given > len(parameters):
        raise RpcError(INVALID_PARAMS, f"too many arguments, want at most {len(parameters)}")


def _failure(identity: Any, error: RpcError) -> Json:
    body: Json = {"code": error.code, "message": str(error)}
    if error.data is not None:
        body["data"] = error.data
    return {"jsonrpc": "2.0", "id": identity, "error": body}


# The node


def _chain_id(chain: Chain) -> str:
    return hex_quantity(chain.chain_id)


def _net_version(chain: Chain) -> str:
    return str(chain.chain_id)


def _client_version(chain: Chain) -> str:
    return "mock-clob/py-evm"


def _sha3(chain: Chain, data: Any) -> str:
    return hex_data(keccak(rpc_values.data(data)))


def _yes(chain: Chain) -> bool:
    return True


def _syncing(chain: Chain) -> bool:
    return False


def _accounts(chain: Chain) -> list[str]:
    """None: as on a public node, keys stay with their owners."""
    return []


# Fees


def _gas_price(chain: Chain) -> str:
    return hex_quantity(chain.next_base_fee(chain.head) + TIP)


def _max_priority_fee(chain: Chain) -> str:
    return hex_quantity(TIP)


def _fee_history(chain: Chain, count: Any, newest: Any, percentiles: Any = None) -> Json:
    wanted = count if type(count) is int else quantity(count)  # geth takes both
    if wanted < 1 or wanted > MAX_FEE_HISTORY:
        raise invalid(f"a block count of 1 to {MAX_FEE_HISTORY}", count)
    if percentiles is not None and not _rising_percentiles(percentiles):
        raise invalid("percentiles must rise from 0 to 100", percentiles)
    last = rpc_values.block(chain, newest)
    blocks = chain.blocks[max(0, last.number + 1 - wanted) : last.number + 1]
    fees = [block.base_fee for block in blocks] + [chain.next_base_fee(last)]
    history: Json = {
        "oldestBlock": hex_quantity(blocks[0].number),
        "baseFeePerGas": [hex_quantity(fee) for fee in fees],
        "gasUsedRatio": [block.header.gas_used / block.header.gas_limit for block in blocks],
    }
    if percentiles:
        history["reward"] = [
            [hex_quantity(reward) for reward in _rewards(block, percentiles)] for block in blocks
        ]
    return history


def _rising_percentiles(values: Any) -> bool:
    return (
        isinstance(values, list)
        and all(type(value) in (int, float) and 0 <= value <= 100 for value in values)
        and values == sorted(values)
    )


def _rewards(block: Block, percentiles: list[float]) -> list[int]:
    """The tip paid at each percentile of the block's gas; 0 where the block is empty."""
    tips = sorted(
        (rpc_json.price_paid(block, receipt.transaction) - block.base_fee, receipt.gas_used)
        for receipt in block.receipts
    )
    used = list(accumulate(gas for _, gas in tips))
    return [
        next(
            (
                tip
                for (tip, _), gas in zip(tips, used, strict=True)
                if gas >= block.header.gas_used * percentile / 100
            ),
            0,
        )
        for percentile in percentiles
    ]


# State


def _get_balance(chain: Chain, owner: Any, block: Any = "latest") -> str:
    account = address(owner)
    return hex_quantity(chain.state(rpc_values.block(chain, block)).get_balance(account))


def _get_transaction_count(chain: Chain, owner: Any, block: Any = "latest") -> str:
    account = address(owner)
    return hex_quantity(chain.state(rpc_values.block(chain, block)).get_nonce(account))


def _get_code(chain: Chain, owner: Any, block: Any = "latest") -> str:
    account = address(owner)
    return hex_data(chain.state(rpc_values.block(chain, block)).get_code(account))


def _get_storage_at(chain: Chain, owner: Any, slot: Any, block: Any = "latest") -> str:
    account = address(owner)
    # A node takes a slot as a quantity and as 32 bytes.
    place = int.from_bytes(hash32(slot), "big") if _is_word(slot) else quantity(slot)
    return f"0x{chain.state(rpc_values.block(chain, block)).get_storage(account, place):064x}"


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 66


def _call(chain: Chain, transaction: Any, block: Any = "latest") -> str:
    call = _read_call(transaction)
    if call["to"] == CREATION:
        raise RpcError(INVALID_PARAMS, 'a call without "to": the mock creates no contract in it')
    gas = call.pop("gas", GAS_LIMIT)
    output = chain.call(**call, gas=min(gas, GAS_LIMIT), block=rpc_values.block(chain, block))
    return hex_data(output)


def _estimate_gas(chain: Chain, transaction: Any, block: Any = "latest") -> str:
    call = _read_call(transaction)
    call.pop("gas", None)
    return hex_quantity(chain.estimate_gas(**call, block=rpc_values.block(chain, block)))


def _read_call(transaction: Any) -> Json:
    """The arguments of Chain.call. Fee fields are read past: nobody pays for a call.

    Without a `to` it is the creation of a contract.
    """
    if not isinstance(transaction, dict):
        raise invalid("not a transaction object", transaction)
    data, payload = transaction.get("data"), transaction.get("input")
    if data is not None and payload is not None and data != payload:
        raise RpcError(
            INVALID_PARAMS,
            'both "data" and "input" are set and not equal. Please use "input" to pass '
            "transaction call data",
        )
    call: Json = {
        "to": CREATION if transaction.get("to") is None else address(transaction["to"]),
        "data": rpc_values.data(payload or data or "0x"),
        "sender": address(transaction.get("from", hex_data(NOBODY))),
        "value": quantity(transaction.get("value", "0x0")),
    }
    if "gas" in transaction:
        call["gas"] = quantity(transaction["gas"])
    return call


# Blocks and transactions


def _block_number(chain: Chain) -> str:
    chain.tick()
    return hex_quantity(chain.block_number)


def _get_block_by_number(chain: Chain, number: Any, full: Any) -> Json | None:
    if number == "latest":
        chain.tick()
    if number == "pending":
        return rpc_json.pending_json(chain.header_after(chain.head))
    return _block_json(rpc_values.block_or_none(chain, number), full)


def _get_block_by_hash(chain: Chain, block_hash: Any, full: Any) -> Json | None:
    return _block_json(rpc_values.block_by_hash(chain, block_hash), full)


def _block_json(block: Block | None, full: Any) -> Json | None:
    if not isinstance(full, bool):
        raise invalid("whether to give full transactions is true or false", full)
    return None if block is None else rpc_json.block_json(block, full)


def _count_by_number(chain: Chain, number: Any) -> str | None:
    block = rpc_values.block_or_none(chain, number)
    return None if block is None else hex_quantity(len(block.receipts))


def _count_by_hash(chain: Chain, block_hash: Any) -> str | None:
    block = rpc_values.block_by_hash(chain, block_hash)
    return None if block is None else hex_quantity(len(block.receipts))


def _get_block_receipts(chain: Chain, block: Any) -> list[Json]:
    found = rpc_values.block(chain, block)
    return [rpc_json.receipt_json(found, receipt) for receipt in found.receipts]


def _get_transaction(chain: Chain, transaction_hash: Any) -> Json | None:
    found = chain.receipt(hash32(transaction_hash))
    return None if found is None else rpc_json.transaction_json(*found)


def _get_receipt(chain: Chain, transaction_hash: Any) -> Json | None:
    found = chain.receipt(hash32(transaction_hash))
    return None if found is None else rpc_json.receipt_json(*found)


def _send_raw_transaction(chain: Chain, signed: Any) -> str:
    return hex_data(chain.send_raw(rpc_values.data(signed)))


# Going back and forth in time


def _snapshot(chain: Chain) -> str:
    return hex_quantity(chain.snapshot())


def _revert(chain: Chain, snapshot: Any) -> bool:
    return chain.revert(quantity(snapshot))


def _mine(chain: Chain) -> str:
    chain.mine()
    return hex_quantity(0)


def _increase_time(chain: Chain, seconds: Any) -> int:
    by = seconds if type(seconds) is int else quantity(seconds)
    if by < 0:
        raise invalid("time goes forward only", seconds)
    return chain.advance(by)


METHODS: dict[str, Callable[..., Any]] = {
    "eth_accounts": _accounts,
    "eth_blockNumber": _block_number,
    "eth_call": _call,
    "eth_chainId": _chain_id,
    "eth_estimateGas": _estimate_gas,
    "eth_feeHistory": _fee_history,
    "eth_gasPrice": _gas_price,
    "eth_getBalance": _get_balance,
    "eth_getBlockByHash": _get_block_by_hash,
    "eth_getBlockByNumber": _get_block_by_number,
    "eth_getBlockReceipts": _get_block_receipts,
    "eth_getBlockTransactionCountByHash": _count_by_hash,
    "eth_getBlockTransactionCountByNumber": _count_by_number,
    "eth_getCode": _get_code,
    "eth_getLogs": get_logs,
    "eth_getStorageAt": _get_storage_at,
    "eth_getTransactionByHash": _get_transaction,
    "eth_getTransactionCount": _get_transaction_count,
    "eth_getTransactionReceipt": _get_receipt,
    "eth_maxPriorityFeePerGas": _max_priority_fee,
    "eth_sendRawTransaction": _send_raw_transaction,
    "eth_syncing": _syncing,
    "evm_increaseTime": _increase_time,
    "evm_mine": _mine,
    "evm_revert": _revert,
    "evm_snapshot": _snapshot,
    "net_listening": _yes,
    "net_version": _net_version,
    "web3_clientVersion": _client_version,
    "web3_sha3": _sha3,
}
