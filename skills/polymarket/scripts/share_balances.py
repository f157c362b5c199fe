"""How many outcome shares a wallet holds, from the chain itself, at one named block."""

import os
import sys
from collections.abc import Sequence
from decimal import Decimal

from polygon_rpc import ChainUnreadable, checked_address, named_block, polygon, reading
from web3 import Web3
from web3.types import BlockIdentifier

CONDITIONAL_TOKENS = "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045"
BALANCE_OF_BATCH = {
    "name": "balanceOfBatch",
    "type": "function",
    "stateMutability": "view",
    "inputs": [{"name": "accounts", "type": "address[]"}, {"name": "ids", "type": "uint256[]"}],
    "outputs": [{"name": "", "type": "uint256[]"}],
}
YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
NO = "52114319501245915516055106046884209969926127482827954674443846427813813222426"


def share_balances(
    w3: Web3, wallet: str, token_ids: Sequence[str], block: BlockIdentifier = "latest"
) -> dict[str, Decimal]:
    """Shares by token id. Raises ValueError for a bad address or id, and ChainUnreadable."""
    owners = [checked_address(wallet)] * len(token_ids)
    ids = [int(token_id) for token_id in token_ids]
    contract = w3.eth.contract(checked_address(CONDITIONAL_TOKENS), abi=[BALANCE_OF_BATCH])
    at = named_block(w3, block)
    with reading(f"cannot read the shares of {wallet} in block {at.number}"):
        units = contract.functions.balanceOfBatch(owners, ids).call(block_identifier=at.number)
    return {token: Decimal(n).scaleb(-6) for token, n in zip(token_ids, units, strict=True)}


if __name__ == "__main__":
    owner = os.environ.get("POLYMARKET_FUNDER") or sys.exit("POLYMARKET_FUNDER is not set")
    try:
        held = share_balances(polygon(), owner, [YES, NO])
    except ChainUnreadable as error:
        sys.exit(str(error))
    print("Yes", held[YES])
    print("No", held[NO])
