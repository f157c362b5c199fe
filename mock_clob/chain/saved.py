"""A chain as plain data, and back. What comes from the genesis is not in it."""

from __future__ import annotations

from dataclasses import dataclass

import rlp  # type: ignore[import-untyped]
from eth.abc import BlockHeaderAPI, SignedTransactionAPI
from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB
from eth.vm.forks.prague.blocks import PragueBlockHeader
from eth.vm.forks.prague.transactions import PragueTransactionBuilder

from mock_clob.chain.blocks import Block
from mock_clob.chain.evm import Chain


@dataclass(frozen=True)
class SavedChain:
    blocks: list[Block]
    store: dict[bytes, bytes]  # what was written since the genesis
    waiting: list[SignedTransactionAPI]
    snapshots: list[tuple[int, int]]
    ahead: int
    reorgs: int


def save(chain: Chain) -> SavedChain:
    genesis = chain._genesis_store
    store: dict[bytes, bytes] = _database(chain).kv_store
    return SavedChain(
        blocks=list(chain.blocks),
        store={key: value for key, value in store.items() if genesis.get(key) != value},
        waiting=list(chain._waiting),
        snapshots=list(chain._snapshots),
        ahead=chain._ahead,
        reorgs=chain._reorgs,
    )


def load(chain: Chain, saved: SavedChain) -> None:
    """Make the chain what it was. It must have been made from the same genesis."""
    chain.reset()
    store = MemoryDB({**chain._genesis_store, **saved.store})
    chain._evm = chain._evm_class.from_genesis_header(AtomicDB(store), saved.blocks[0].header)
    chain.blocks = list(saved.blocks)
    chain._places = {
        receipt.transaction.hash: (block.number, receipt.index)
        for block in chain.blocks
        for receipt in block.receipts
    }
    chain._waiting = list(saved.waiting)
    chain._snapshots = list(saved.snapshots)
    chain._ahead, chain._reorgs = saved.ahead, saved.reorgs


def _database(chain: Chain) -> MemoryDB:
    atomic = chain._evm.chaindb.db
    assert isinstance(atomic, AtomicDB)
    assert isinstance(atomic.wrapped_db, MemoryDB)
    return atomic.wrapped_db


# Headers and transactions of py-evm, in the form in which they travel


def header_bytes(header: BlockHeaderAPI) -> bytes:
    return bytes(rlp.encode(header))


def header(raw: bytes) -> BlockHeaderAPI:
    decoded: BlockHeaderAPI = rlp.decode(raw, PragueBlockHeader)
    return decoded


def transaction(raw: bytes) -> SignedTransactionAPI:
    return PragueTransactionBuilder.decode(raw)
