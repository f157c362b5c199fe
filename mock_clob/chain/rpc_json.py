"""Blocks, transactions, receipts and logs in the shapes of a Polygon node's answers."""

from __future__ import annotations

from typing import Any

from eth.abc import BlockHeaderAPI, SignedTransactionAPI

from mock_clob.chain.admission import DYNAMIC_FEE
from mock_clob.chain.blocks import Block, Log, Receipt
from mock_clob.chain.rpc_values import hex_data, hex_quantity

Json = dict[str, Any]

# Polygon's seal: 32 bytes of vanity and a 65-byte signature. More than the 32 bytes that
# Ethereum allows, so web3 needs its ExtraDataToPOAMiddleware here as it does there.
_EXTRA_DATA = b"mock-clob".ljust(32, b"\0") + bytes(65)


def block_json(block: Block, full_transactions: bool) -> Json:
    return _header_json(block.header) | {
        "number": hex_quantity(block.number),
        "hash": hex_data(block.hash),
        "miner": hex_data(block.header.coinbase),
        "nonce": hex_data(bytes(8)),
        "logsBloom": _bloom(block.header.bloom),
        "size": hex_quantity(block.size),
        "transactions": [
            transaction_json(block, receipt)
            if full_transactions
            else hex_data(receipt.transaction.hash)
            for receipt in block.receipts
        ],
    }


def pending_json(header: BlockHeaderAPI) -> Json:
    """The block to come: transactions are mined as they arrive, so it is empty."""
    return _header_json(header) | {
        "number": hex_quantity(header.block_number),
        "hash": None,
        "miner": None,
        "nonce": None,
        "logsBloom": None,
        "size": hex_quantity(0),
        "transactions": [],
    }


def transaction_json(block: Block, receipt: Receipt) -> Json:
    transaction = receipt.transaction
    result: Json = {
        "blockHash": hex_data(block.hash),
        "blockNumber": hex_quantity(block.number),
        "transactionIndex": hex_quantity(receipt.index),
        "hash": hex_data(transaction.hash),
        "type": hex_quantity(transaction.type_id or 0),
        "chainId": hex_quantity(transaction.chain_id or 0),
        "nonce": hex_quantity(transaction.nonce),
        "from": hex_data(transaction.sender),
        "to": hex_data(transaction.to) if transaction.to else None,
        "value": hex_quantity(transaction.value),
        "input": hex_data(transaction.data),
        "gas": hex_quantity(transaction.gas),
        "gasPrice": hex_quantity(price_paid(block, transaction)),
        "r": hex_quantity(transaction.r),
        "s": hex_quantity(transaction.s),
    }
    if transaction.type_id is None:  # EIP-155
        v = transaction.y_parity + 35 + 2 * (transaction.chain_id or 0)
        return result | {"v": hex_quantity(v)}
    parity = hex_quantity(transaction.y_parity)
    result |= {
        "v": parity,
        "yParity": parity,
        "accessList": [
            {
                "address": hex_data(address),
                "storageKeys": [f"0x{key:064x}" for key in keys],
            }
            for address, keys in transaction.access_list
        ],
    }
    if transaction.type_id == DYNAMIC_FEE:
        result |= {
            "maxFeePerGas": hex_quantity(transaction.max_fee_per_gas),
            "maxPriorityFeePerGas": hex_quantity(transaction.max_priority_fee_per_gas),
        }
    return result


def receipt_json(block: Block, receipt: Receipt) -> Json:
    transaction = receipt.transaction
    return {
        "blockHash": hex_data(block.hash),
        "blockNumber": hex_quantity(block.number),
        "transactionHash": hex_data(transaction.hash),
        "transactionIndex": hex_quantity(receipt.index),
        "type": hex_quantity(transaction.type_id or 0),
        "from": hex_data(transaction.sender),
        "to": hex_data(transaction.to) if transaction.to else None,
        "contractAddress": hex_data(receipt.created) if receipt.created else None,
        "status": hex_quantity(int(receipt.error is None)),
        "gasUsed": hex_quantity(receipt.gas_used),
        "cumulativeGasUsed": hex_quantity(receipt.cumulative_gas_used),
        "effectiveGasPrice": hex_quantity(price_paid(block, transaction)),
        "logs": [log_json(block, receipt, index) for index in range(len(receipt.logs))],
        "logsBloom": _bloom(receipt.bloom),
    }


def log_json(block: Block, receipt: Receipt, index: int) -> Json:
    log: Log = receipt.logs[index]
    return {
        "address": hex_data(log.address),
        "topics": [hex_data(topic) for topic in log.topics],
        "data": hex_data(log.data),
        "blockNumber": hex_quantity(block.number),
        "blockHash": hex_data(block.hash),
        "transactionHash": hex_data(receipt.transaction.hash),
        "transactionIndex": hex_quantity(receipt.index),
        "logIndex": hex_quantity(receipt.first_log + index),
        "removed": False,
    }


def price_paid(block: Block, transaction: SignedTransactionAPI) -> int:
    """Wei for each gas: the base fee and as much of the tip as the cap leaves."""
    return min(
        transaction.max_fee_per_gas,
        block.base_fee + transaction.max_priority_fee_per_gas,
    )


def _header_json(header: BlockHeaderAPI) -> Json:
    return {
        "parentHash": hex_data(header.parent_hash),
        "sha3Uncles": hex_data(header.uncles_hash),
        "stateRoot": hex_data(header.state_root),
        "transactionsRoot": hex_data(header.transaction_root),
        "receiptsRoot": hex_data(header.receipt_root),
        "mixHash": hex_data(header.mix_hash),
        "difficulty": hex_quantity(1),
        "extraData": hex_data(_EXTRA_DATA),
        "gasLimit": hex_quantity(header.gas_limit),
        "gasUsed": hex_quantity(header.gas_used),
        "timestamp": hex_quantity(header.timestamp),
        "baseFeePerGas": hex_quantity(header.base_fee_per_gas or 0),
        "uncles": [],
    }


def _bloom(bits: int) -> str:
    return f"0x{bits:0512x}"
