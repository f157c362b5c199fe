"""What transactions did to outcome shares and to collateral, read from the chain's logs.

Blocks are read once and remembered; those that a reorganisation took away are forgotten. Shares
are known by their ids, so it does not matter which contract moved them, and for whom.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eth_hash.auto import keccak

if TYPE_CHECKING:
    from mock_clob.chain.blocks import Block, Log, Receipt
    from mock_clob.chain.evm import Chain

NOBODY = "0x" + "0" * 40


def _topic(signature: str) -> bytes:
    return bytes(keccak(signature.encode()))


_SINGLE = _topic("TransferSingle(address,address,address,uint256,uint256)")
_BATCH = _topic("TransferBatch(address,address,address,uint256[],uint256[])")
_TRANSFER = _topic("Transfer(address,address,uint256)")
_RESOLUTION = _topic("ConditionResolution(bytes32,address,bytes32,uint256,uint256[])")
_REDEMPTION = _topic("PayoutRedemption(address,address,bytes32,bytes32,uint256[],uint256)")
_CONVERTED = _topic("PositionsConverted(address,bytes32,uint256,uint256)")


@dataclass(frozen=True)
class Move:
    """Shares of `token_id`, or an ERC-20 token at `token_id`, went from one address to another.

    Addresses are lower-case; NOBODY mints and burns. The amount is in base units.
    """

    token_id: str
    sender: str
    to: str
    amount: int


@dataclass
class Transaction:
    """One that succeeded. `at` is its block's time, Unix seconds."""

    hash: str
    block: int
    index: int
    at: int
    shares: list[Move] = field(default_factory=list)
    coins: list[Move] = field(default_factory=list)
    payouts: dict[str, int] = field(default_factory=dict)  # condition id -> collateral
    converted: bool = False
    resolved: dict[str, int] = field(default_factory=dict)  # condition id -> log index


class ChainLog:
    def __init__(self) -> None:
        self._read: list[tuple[bytes, list[Transaction]]] = []  # by block

    def read(self, chain: Chain) -> list[Transaction]:
        """Everything on the chain, oldest first. On the chain's own thread."""
        blocks = chain.blocks
        while self._read and not self._stands(blocks):
            self._read.pop()
        for block in blocks[len(self._read) :]:
            self._read.append((block.hash, list(_transactions(block))))
        return [transaction for _, found in self._read for transaction in found]

    def _stands(self, blocks: list[Block]) -> bool:
        last = len(self._read) - 1
        return last < len(blocks) and blocks[last].hash == self._read[last][0]


def _transactions(block: Block) -> Iterator[Transaction]:
    at = int(block.header.timestamp)
    for receipt in block.receipts:
        if receipt.error is None:
            yield _transaction(receipt, block.number, at)


def _transaction(receipt: Receipt, block: int, at: int) -> Transaction:
    made = Transaction(f"0x{receipt.transaction.hash.hex()}", block, receipt.index, at)
    for index, log in enumerate(receipt.logs):
        kind, *topics = log.topics or (b"",)
        if kind in (_SINGLE, _BATCH):
            made.shares += _share_moves(kind, topics, log)
        elif kind == _TRANSFER and len(topics) == 2:
            token = "0x" + log.address.hex()
            made.coins.append(
                Move(token, _address(topics[0]), _address(topics[1]), _word(log.data, 0))
            )
        elif kind == _REDEMPTION:
            condition_id = "0x" + log.data[:32].hex()
            made.payouts[condition_id] = made.payouts.get(condition_id, 0) + _word(log.data, 2)
        elif kind == _RESOLUTION:
            made.resolved["0x" + topics[0].hex()] = receipt.first_log + index
        elif kind == _CONVERTED:
            made.converted = True
    return made


def _share_moves(kind: bytes, topics: list[bytes], log: Log) -> Iterator[Move]:
    sender, to = _address(topics[1]), _address(topics[2])
    if kind == _SINGLE:
        yield Move(str(_word(log.data, 0)), sender, to, _word(log.data, 1))
        return
    for token_id, amount in zip(_array(log.data, 0), _array(log.data, 1), strict=True):
        yield Move(str(token_id), sender, to, amount)


def _address(topic: bytes) -> str:
    return "0x" + topic[12:].hex()


def _array(data: bytes, at: int) -> list[int]:
    start = _word(data, at) // 32
    return [_word(data, start + 1 + index) for index in range(_word(data, start))]


def _word(data: bytes, index: int) -> int:
    return int.from_bytes(data[32 * index : 32 * index + 32], "big")
