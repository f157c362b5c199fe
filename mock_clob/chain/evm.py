"""The chain: py-evm with the venue's contracts, one block for each transaction.

Everything that changes the chain lives here. Blocks are kept in a list and their states in a
content-addressed store, so going back is cutting the list. Amounts are integers in base units,
addresses 0x strings of any case. Not thread-safe: the venue gives it a thread of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import rlp  # type: ignore[import-untyped]
from eth.abc import (
    BlockHeaderAPI,
    ComputationAPI,
    SignedTransactionAPI,
    StateAPI,
    VirtualMachineAPI,
)
from eth.chains.base import Chain as EvmChain
from eth.constants import POST_MERGE_DIFFICULTY, POST_MERGE_MIX_HASH, POST_MERGE_NONCE
from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB
from eth.exceptions import Revert, VMError
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.transactions import PragueTransactionBuilder
from eth.vm.message import Message
from eth.vm.spoof import SpoofTransaction
from eth_keys.datatypes import PrivateKey
from eth_typing import Address, BlockNumber
from eth_utils.exceptions import ValidationError

from mock_clob.accounts import ACCOUNTS
from mock_clob.chain import admission, events
from mock_clob.chain import genesis as block_0
from mock_clob.chain.admission import GWEI
from mock_clob.chain.artefacts import artefact, raw, word
from mock_clob.chain.blocks import Block, Log, Receipt
from mock_clob.chain.errors import ChainError, Reverted
from mock_clob.chain.genesis import Genesis
from mock_clob.chain.matches import Match, words
from mock_clob.position_ids import is_position_id

__all__ = ["Block", "Chain", "ChainError", "Log", "Match", "Receipt", "Reverted"]

GAS_LIMIT = 45_000_000  # of a block
TIP = 30 * GWEI  # what the node suggests
BLOCK_SECONDS = 2
MAX_MATCHES = 256  # as in Exchange.vy
NOBODY = Address(bytes(20))

_GENESIS_HEADER: dict[str, Any] = {
    "difficulty": POST_MERGE_DIFFICULTY,
    "mix_hash": POST_MERGE_MIX_HASH,
    "nonce": POST_MERGE_NONCE,
    "coinbase": NOBODY,
    "extra_data": b"",
    "gas_limit": GAS_LIMIT,
    "base_fee_per_gas": 30 * GWEI,
}


class Chain:
    """A chain at block 0. `now_ms` gives the Unix time in milliseconds and may be replaced.

    Block times follow it, and rise by at least a second from block to block.
    """

    def __init__(
        self,
        genesis: Genesis,
        chain_id: int = 137,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.chain_id = chain_id
        self.genesis = genesis
        self.contracts = self.genesis.contracts
        self.now_ms = now_ms
        self.wallets = frozenset(Address(raw(wallet)) for wallet in self.genesis.wallets)
        operator = next(a for a in ACCOUNTS if a.address == self.genesis.operator)
        self._operator = PrivateKey(raw(operator.key))
        self._evm_class: type[EvmChain] = EvmChain.configure(
            "Polygon", chain_id=chain_id, vm_configuration=((BlockNumber(0), PragueVM),)
        )
        self._genesis_store, self._genesis_root = self._write_genesis()
        self.reset()

    # Blocks

    @property
    def head(self) -> Block:
        return self.blocks[-1]

    @property
    def block_number(self) -> int:
        return self.head.number

    def reset(self) -> None:
        """Back to block 0, as if it had been made a second ago. Snapshots are forgotten."""
        self._ahead = 0
        self._snapshots: list[tuple[int, int]] = []
        self._places: dict[bytes, tuple[int, int]] = {}
        self._waiting: list[SignedTransactionAPI] = []
        self._reorgs = 0
        self._behind = False
        store = MemoryDB(dict(self._genesis_store))
        header = PragueVM.create_genesis_header(
            **_GENESIS_HEADER, timestamp=self._now() - 1, state_root=self._genesis_root
        )
        self._evm = self._evm_class.from_genesis_header(AtomicDB(store), header)
        self.blocks = [Block(header, (), len(rlp.encode(header)))]

    def mine(self, blocks: int = 1) -> None:
        """Add empty blocks, after those of the transactions that wait."""
        self._include_waiting()
        for _ in range(blocks):
            self._append(self._build(()))

    def tick(self) -> None:
        """An empty block where the last is 2 seconds old, so that a wait for one ends."""
        if not self._behind and self._now() - self.head.header.timestamp >= BLOCK_SECONDS:
            self.mine()

    def reorg(self, depth: int, *, drop: bool = False) -> None:
        """Replace the last `depth` blocks by as many empty ones of other hashes.

        Their transactions wait, each for one of the next blocks; dropped, they are gone for good.
        Raises ChainError where there are not so many blocks after block 0.
        """
        if not 1 <= depth < len(self.blocks):
            raise ChainError(f"no {depth} blocks to replace: the chain is at {self.block_number}")
        lost = [r.transaction for block in self.blocks[-depth:] for r in block.receipts]
        kept = len(self.blocks) - depth
        self._cut(kept)
        self._snapshots = [taken for taken in self._snapshots if taken[0] <= kept]
        self._reorgs += 1
        for _ in range(depth):
            self._append(self._build(()))
        if not drop:
            self._waiting = lost + self._waiting

    @contextmanager
    def behind(self, blocks: int) -> Iterator[None]:
        """Meanwhile the chain reads as a node shows it that lags by so many blocks."""
        whole = self.blocks
        self.blocks = whole[: max(1, len(whole) - blocks)]
        self._behind = True
        try:
            yield
        finally:
            self.blocks = whole
            self._behind = False

    def advance(self, seconds: int) -> int:
        """Move block times ahead of `now_ms`; returns how far ahead they are, in seconds."""
        self._ahead += seconds
        return self._ahead

    def snapshot(self) -> int:
        """Remember this moment; its number is what `revert` takes."""
        self._snapshots.append((len(self.blocks), self._ahead))
        return len(self._snapshots)

    def revert(self, snapshot: int) -> bool:
        """Go back to a snapshot and forget it and all after it. False: there is none."""
        if not 1 <= snapshot <= len(self._snapshots):
            return False
        length, self._ahead = self._snapshots[snapshot - 1]
        del self._snapshots[snapshot - 1 :]
        self._waiting.clear()
        self._cut(length)
        return True

    def receipt(self, transaction_hash: bytes) -> tuple[Block, Receipt] | None:
        place = self._places.get(transaction_hash)
        if place is None or place[0] >= len(self.blocks):
            return None
        block = self.blocks[place[0]]
        return block, block.receipts[place[1]]

    # Reads. At the latest block where none is named.

    def balance(self, token: str, owner: str, block: Block | None = None) -> int:
        return self.stored("Usdc", token, "balanceOf", raw(owner), block=block)

    def position_balance(self, owner: str, token_id: int, block: Block | None = None) -> int:
        store = self.position_store(token_id)
        return self.stored(
            "ConditionalTokens", store, "balanceOf", raw(owner), token_id, block=block
        )

    def allowance(self, token: str, owner: str, spender: str) -> int:
        return self.stored("Usdc", token, "allowance", raw(owner), raw(spender))

    def approved_for_all(self, owner: str, operator: str, token_id: int = 0) -> bool:
        """In the contract that holds this token; ConditionalTokens where none is named."""
        key, store = (raw(owner), raw(operator)), self.position_store(token_id)
        return bool(self.stored("ConditionalTokens", store, "isApprovedForAll", *key))

    def position_store(self, token_id: int) -> str:
        """The ERC-1155 contract of a token: position ids of Protocol V2 have one of their own."""
        version_2 = is_position_id(str(token_id))
        return self.contracts.position_manager if version_2 else self.contracts.ctf

    def stored(
        self,
        contract: str,
        address: str,
        variable: str,
        *keys: int | bytes,
        block: Block | None = None,
    ) -> int:
        """A variable, or a mapping's entry, of the contract at this address."""
        slot = artefact(contract).slot(variable, *keys)
        return self.state(block).get_storage(Address(raw(address)), slot)

    def touched(self, first: int, last: int) -> set[tuple[str, str]]:
        """(owner, asset) of every balance and allowance that blocks `first` to `last` changed.

        Owners are lower-case. An asset is a token's address or a position id in decimal; an
        approval of all positions has the address of ConditionalTokens.
        """
        return {
            change
            for block in self.blocks[max(first, 0) : last + 1]
            for receipt in block.receipts
            for log in receipt.logs
            for change in events.touched(log)
        }

    def state(self, block: Block | None = None) -> StateAPI:
        """Balances, nonces, code and storage as after `block`. Writes to it go nowhere."""
        return self._vm(block).state

    def next_base_fee(self, block: Block) -> int:
        """Wei for each gas in the block after `block`."""
        return int(self.header_after(block).base_fee_per_gas or 0)

    def header_after(self, block: Block) -> BlockHeaderAPI:
        """The header with which a block after `block` would begin now."""
        return self._evm.create_header_from_parent(
            block.header,
            timestamp=max(self._now(), block.header.timestamp + 1),
            gas_limit=GAS_LIMIT,
            coinbase=NOBODY,
            extra_data=b"reorg %d" % self._reorgs if self._reorgs else b"",
        )

    def call(
        self,
        to: Address,
        data: bytes,
        *,
        block: Block | None = None,
        sender: Address = NOBODY,
        value: int = 0,
        gas: int = GAS_LIMIT,
    ) -> bytes:
        """What a call returns as of `block`; nobody pays for it. Raises Reverted, ChainError."""
        state = self.state(block)
        message = Message(
            gas=gas, to=to, sender=sender, value=value, data=data, code=state.get_code(to)
        )
        context = state.get_transaction_context_class()(gas_price=0, origin=sender)
        try:
            computation = state.computation_class.apply_message(state, message, context)
        except VMError as error:  # more value than the sender has
            raise ChainError(str(error)) from None
        if failure := _failure(computation):
            raise failure
        return bytes(computation.output)

    def estimate_gas(
        self,
        to: Address,
        data: bytes,
        *,
        block: Block | None = None,
        sender: Address = NOBODY,
        value: int = 0,
    ) -> int:
        """The least gas with which a transaction succeeds. Raises Reverted, ChainError."""
        block = block or self.head
        unsigned = self._vm(block).create_unsigned_transaction(
            nonce=self.state(block).get_nonce(sender),
            gas_price=0,
            gas=GAS_LIMIT,
            to=to,
            value=value,
            data=data,
        )
        spoofed: Any = SpoofTransaction(unsigned, from_=sender)
        try:
            return self._evm.estimate_gas(spoofed, block.header)
        except Revert as error:
            raise Reverted(bytes(error.args[0])) from None
        except (VMError, ValidationError) as error:
            raise ChainError(str(error)) from None

    # Transactions

    def settle(self, exchange: str, matches: Sequence[Match]) -> str:
        """Move what these matches move, in one transaction; returns its hash.

        Matches of one taker order stand together. Raises Reverted with the contract's reason
        where a balance or an allowance is missing: then nothing has moved and no block is made.
        """
        if not 1 <= len(matches) <= MAX_MATCHES:
            raise ChainError(f"a settlement takes 1 to {MAX_MATCHES} matches, not {len(matches)}")
        structs = [value for match in matches for value in words(match)]
        data = artefact("Exchange").call("settle", 32, len(matches), *structs)
        return self._operate((exchange, data))

    def deposit(self, token: str, owner: str, amount: int) -> str:
        """The test faucet: new money for `owner`. pUSD comes with the USDC.e that backs it."""
        mint = artefact("Usdc").call("mint", raw(owner), amount)
        if raw(token) != raw(self.contracts.pusd):
            return self._operate((token, mint))
        backing = artefact("Usdc").call("mint", raw(token), amount)
        return self._operate((self.contracts.usdc_e, backing), (token, mint))

    def register_market(self, condition_id: str, yes: int, no: int, collateral: str) -> str:
        """Say which two positions a condition has. Once for each condition."""
        data = artefact("ConditionalTokens").call(
            "registerCondition", raw(condition_id), yes, no, raw(collateral)
        )
        return self._operate((self.position_store(yes), data))

    def report_payouts(self, condition_id: str, payouts: tuple[int, int]) -> str:
        """Resolve a condition: (1, 0) pays YES, (0, 1) NO, (1, 1) half to each.

        A condition of Protocol V2 is known by its id, which is that of its YES position.
        """
        data = artefact("ConditionalTokens").call(
            "reportPayouts", raw(condition_id), 64, 2, *payouts
        )
        return self._operate((self.position_store(int(condition_id, 16)), data))

    def operate(self, to: str, data: bytes) -> str:
        """A call of the operator's, which the wallets' factories take; returns its hash.

        Raises Reverted, ChainError: then no block is made.
        """
        return self._operate((to, data))

    def send_raw(self, signed: bytes) -> bytes:
        """Take a signed transaction into a new block; returns its hash.

        One that reverts is mined too, as on Polygon. Raises ChainError for one that a node does
        not take, and for the key of anybody but the test accounts.
        """
        transaction = admission.decoded(signed)
        self._include_waiting()
        if transaction.hash in self._places:
            raise ChainError("already known")
        admission.check(
            transaction, self.chain_id, self.wallets, self.state(), self.header_after(self.head)
        )
        try:
            block = self._build((transaction,))
        except ValidationError as error:  # rarer faults: a second form of a signature, long code
            raise ChainError(str(error)) from None
        self._append(block)
        return bytes(transaction.hash)

    # How it is done

    def _now(self) -> int:
        return self.now_ms() // 1000 + self._ahead

    def _write_genesis(self) -> tuple[dict[bytes, bytes], bytes]:
        """The state of block 0 and its root; only the timestamp differs from start to start."""
        store = MemoryDB({})
        chain = self._evm_class.from_genesis(
            AtomicDB(store), {**_GENESIS_HEADER, "timestamp": 0}, block_0.accounts(self.genesis)
        )
        root = chain.get_canonical_block_header_by_number(BlockNumber(0)).state_root
        return store.kv_store, root

    def _vm(self, block: Block | None = None) -> VirtualMachineAPI:
        return self._evm.get_vm((block or self.head).header)

    def _operate(self, *calls: tuple[str, bytes]) -> str:
        """Send the operator's calls in one block; returns the last one's hash."""
        self._include_waiting()
        base_fee = self.next_base_fee(self.head)
        operator = self._operator.public_key.to_canonical_address()
        nonce = self.state().get_nonce(Address(operator))
        transactions = [
            PragueTransactionBuilder.new_unsigned_dynamic_fee_transaction(
                chain_id=self.chain_id,
                nonce=nonce + index,
                max_priority_fee_per_gas=TIP,
                max_fee_per_gas=base_fee + TIP,
                gas=GAS_LIMIT // len(calls),
                to=Address(raw(to)),
                value=0,
                data=data,
                access_list=(),
            ).as_signed_transaction(self._operator)
            for index, (to, data) in enumerate(calls)
        ]
        block = self._build(transactions)
        for receipt in block.receipts:
            if receipt.error:
                raise receipt.error
        self._append(block)
        return f"0x{transactions[-1].hash.hex()}"

    def _build(self, transactions: Sequence[SignedTransactionAPI]) -> Block:
        """The next block; it is not on the chain until it is appended."""
        header = self.header_after(self.head)
        vm = self._evm.get_vm(header)
        header, results, computations = vm.apply_all_transactions(transactions, header)
        block = vm.mine_block(
            vm.set_block_transactions_and_withdrawals(vm.get_block(), header, transactions, results)
        ).block
        receipts: list[Receipt] = []
        gas_before = logs_before = 0
        for transaction, result, computation in zip(
            transactions, results, computations, strict=True
        ):
            receipts.append(
                Receipt(
                    transaction=transaction,
                    index=len(receipts),
                    error=_failure(computation),
                    gas_used=result.gas_used - gas_before,
                    cumulative_gas_used=result.gas_used,
                    bloom=result.bloom,
                    logs=tuple(
                        Log(log.address, tuple(map(word, log.topics)), log.data)
                        for log in result.logs
                    ),
                    first_log=logs_before,
                    created=computation.msg.storage_address if computation.msg.is_create else None,
                )
            )
            gas_before, logs_before = result.gas_used, logs_before + len(result.logs)
        size = len(rlp.encode(block.header)) + sum(len(t.encode()) for t in transactions)
        return Block(block.header, tuple(receipts), size)

    def _include_waiting(self) -> None:
        """What a reorganisation left over, in a block each; what is valid no more is dropped."""
        waiting, self._waiting = self._waiting, []
        for transaction in waiting:
            try:
                self._append(self._build((transaction,)))
            except ValidationError:
                continue

    def _cut(self, length: int) -> None:
        """Keep so many blocks."""
        for block in self.blocks[length:]:
            for receipt in block.receipts:
                del self._places[receipt.transaction.hash]
        del self.blocks[length:]

    def _append(self, block: Block) -> None:
        self._evm.chaindb.persist_header(block.header)
        self.blocks.append(block)
        for receipt in block.receipts:
            self._places[receipt.transaction.hash] = block.number, receipt.index


def _failure(computation: ComputationAPI) -> ChainError | None:
    if computation.is_success:
        return None
    if isinstance(computation.error, Revert):
        return Reverted(bytes(computation.output))
    return ChainError(str(computation.error))
