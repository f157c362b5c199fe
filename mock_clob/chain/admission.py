"""Which signed transactions the node takes, and in which words it refuses the others.

Messages follow geth's, which Polygon's node is built on. Two rules are the mock's own: only its
test accounts may send, and a transaction must come in its turn (a node would keep it waiting).
"""

from __future__ import annotations

from eth.abc import BlockHeaderAPI, SignedTransactionAPI, StateAPI
from eth.exceptions import UnrecognizedTransactionType
from eth.vm.forks.prague.transactions import PragueTransactionBuilder
from eth_keys.exceptions import BadSignature
from eth_typing import Address
from eth_utils.address import to_checksum_address
from eth_utils.exceptions import ValidationError
from rlp.exceptions import RLPException  # type: ignore[import-untyped]

from mock_clob.chain.errors import ChainError

GWEI = 10**9
MIN_TIP = 25 * GWEI  # Polygon's nodes take nothing below
ACCESS_LIST, DYNAMIC_FEE = 1, 2  # type bytes; a legacy transaction has none


def decoded(raw: bytes) -> SignedTransactionAPI:
    """Raises ChainError where the bytes are no signed transaction of a kind that is taken."""
    if not raw:
        raise ChainError("rlp: value size exceeds available input length")
    if raw[0] < 0x80 and raw[0] not in (ACCESS_LIST, DYNAMIC_FEE):
        raise ChainError("transaction type not supported")
    try:
        transaction = PragueTransactionBuilder().decode(raw)
        transaction.sender  # noqa: B018  recovers the signer, or fails
    except (RLPException, UnrecognizedTransactionType) as error:
        raise ChainError(f"rlp: {error}") from None
    except (BadSignature, ValidationError) as error:
        raise ChainError(f"invalid sender: {error}") from None
    return transaction


def check(
    transaction: SignedTransactionAPI,
    chain_id: int,
    wallets: frozenset[Address],
    state: StateAPI,
    header: BlockHeaderAPI,
) -> None:
    """Raises ChainError where the node would not take it. `header` is of the coming block."""
    given = transaction.chain_id
    if given is None:
        raise ChainError("only replay-protected (EIP-155) transactions allowed over RPC")
    if given != chain_id:
        raise ChainError(
            f"invalid sender: invalid chain id for signer: have {given} want {chain_id}"
        )
    sender = transaction.sender
    address = to_checksum_address(sender)
    if sender not in wallets:
        raise ChainError(
            f"{address} is not a test account: this mocked chain takes transactions of the public "
            "Anvil/Hardhat development accounts only. Never send it a real key's."
        )
    nonce = state.get_nonce(sender)
    if transaction.nonce != nonce:
        word = "low" if transaction.nonce < nonce else "high"
        raise ChainError(
            f"nonce too {word}: address {address}, tx: {transaction.nonce} state: {nonce}"
        )
    if transaction.gas > header.gas_limit:
        raise ChainError("exceeds block gas limit")
    if transaction.gas < transaction.intrinsic_gas:
        raise ChainError(
            f"intrinsic gas too low: gas {transaction.gas}, "
            f"minimum needed {transaction.intrinsic_gas}"
        )
    tip, fee_cap = transaction.max_priority_fee_per_gas, transaction.max_fee_per_gas
    if tip > fee_cap:
        raise ChainError(
            f"max priority fee per gas higher than max fee per gas: address {address}, "
            f"maxPriorityFeePerGas: {tip}, maxFeePerGas: {fee_cap}"
        )
    if tip < MIN_TIP:
        raise ChainError(f"transaction underpriced: gas tip cap {tip}, minimum needed {MIN_TIP}")
    base_fee = header.base_fee_per_gas or 0
    if fee_cap < base_fee:
        raise ChainError(
            f"max fee per gas less than block base fee: address {address}, "
            f"maxFeePerGas: {fee_cap}, baseFee: {base_fee}"
        )
    cost = transaction.value + transaction.gas * fee_cap
    balance = state.get_balance(sender)
    if balance < cost:
        raise ChainError(
            f"insufficient funds for gas * price + value: balance {balance}, "
            f"tx cost {cost}, overshot {cost - balance}"
        )
