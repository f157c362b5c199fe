"""What is on the chain: blocks, and in each the transactions with what came of them."""

from __future__ import annotations

from dataclasses import dataclass

from eth.abc import BlockHeaderAPI, SignedTransactionAPI

from mock_clob.chain.errors import ChainError


@dataclass(frozen=True)
class Log:
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Receipt:
    transaction: SignedTransactionAPI
    index: int  # in its block
    error: ChainError | None  # why it failed
    gas_used: int
    cumulative_gas_used: int
    bloom: int
    logs: tuple[Log, ...]
    first_log: int  # the first log's index in its block
    created: bytes | None  # the address of a new contract


@dataclass(frozen=True)
class Block:
    header: BlockHeaderAPI
    receipts: tuple[Receipt, ...]
    size: int  # bytes

    @property
    def number(self) -> int:
        return int(self.header.block_number)

    @property
    def base_fee(self) -> int:
        """Wei for each gas."""
        return int(self.header.base_fee_per_gas or 0)

    @property
    def hash(self) -> bytes:
        return bytes(self.header.hash)
