"""Every transfer of a wallet's collateral and outcome shares, from the chain's own log."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from polygon_rpc import ChainUnreadable, checked_address, named_block, polygon, reading
from usdc_balance import TOKENS
from web3 import Web3

SHARES = (
    "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045",  # ConditionalTokens
    "0x006F54F7f9A22e0000CC2AB60031000000ae9fEF",  # PositionManager, of position ids
)
CHUNK_BLOCKS = 1_000  # of one eth_getLogs; public nodes refuse much more
TRANSFER = "0x" + Web3.keccak(text="Transfer(address,address,uint256)").hex()
SINGLE = "0x" + Web3.keccak(text="TransferSingle(address,address,address,uint256,uint256)").hex()
BATCH = "0x" + Web3.keccak(text="TransferBatch(address,address,address,uint256[],uint256[])").hex()
NAMES = {address.lower(): name for name, address in TOKENS.items()}


@dataclass(frozen=True)
class Move:
    """`base_units` of 1e-6 came (positive) or went. `asset`: "pUSD", "USDC.e", "USDC", a token id.

    The block's hash, `log_index` and `asset` name a move for good; a reorg gives it another hash.
    """

    asset: str
    base_units: int
    other: str  # whom it came from or went to, lower case
    transaction_hash: str
    block_number: int
    block_hash: str
    log_index: int


def moves(w3: Web3, wallet: str, first: int, last: int) -> list[Move]:
    """Those of blocks `first` to `last`, in their order. Raises ValueError, ChainUnreadable."""
    me = checked_address(wallet)
    topic = "0x" + me[2:].lower().rjust(64, "0")
    filters: list[dict[str, Any]] = [
        {"address": list(TOKENS.values()), "topics": [TRANSFER, topic]},
        {"address": list(TOKENS.values()), "topics": [TRANSFER, None, topic]},
        {"address": list(SHARES), "topics": [[SINGLE, BATCH], None, topic]},
        {"address": list(SHARES), "topics": [[SINGLE, BATCH], None, None, topic]},
    ]
    found: set[Move] = set()
    for start in range(first, last + 1, CHUNK_BLOCKS):
        end = min(start + CHUNK_BLOCKS - 1, last)
        for each in filters:
            with reading(f"cannot read transfers in blocks {start} to {end}"):
                for entry in w3.eth.get_logs({**each, "fromBlock": start, "toBlock": end}):  # type: ignore[typeddict-item]
                    found.update(_moves_of(entry, me.lower()))
    return sorted(found, key=lambda move: (move.block_number, move.log_index, move.asset))


def _moves_of(entry: Any, me: str) -> Iterator[Move]:
    topics = [topic.to_0x_hex() for topic in entry["topics"]]
    data = bytes(entry["data"])
    sender, receiver = ("0x" + topic[-40:] for topic in topics[-2:])
    if topics[0] == TRANSFER:
        amounts = [(NAMES[entry["address"].lower()], int.from_bytes(data))]
    elif topics[0] == SINGLE:
        token_id, amount = decode(["uint256", "uint256"], data)
        amounts = [(str(token_id), amount)]
    else:
        ids, values = decode(["uint256[]", "uint256[]"], data)
        amounts = [(str(token_id), amount) for token_id, amount in zip(ids, values, strict=True)]
    if sender == receiver:
        return
    sign, other = (1, sender) if receiver == me else (-1, receiver)
    where = entry["blockNumber"], entry["blockHash"].to_0x_hex(), entry["logIndex"]
    for asset, amount in amounts:
        yield Move(asset, sign * amount, other, entry["transactionHash"].to_0x_hex(), *where)


if __name__ == "__main__":
    owner = os.environ.get("POLYMARKET_FUNDER") or sys.exit("POLYMARKET_FUNDER is not set")
    try:
        w3 = polygon()
        head = named_block(w3).number
        print("moves in the last 100 blocks:", len(moves(w3, owner, max(0, head - 99), head)))
    except ChainUnreadable as error:
        sys.exit(str(error))
