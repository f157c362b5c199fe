"""A wallet's exact balance of the venue's collateral on Polygon, at one named block."""

import os
import sys
from dataclasses import dataclass
from decimal import Decimal

from polygon_rpc import Block, ChainUnreadable, checked_address, named_block, polygon, reading
from web3 import Web3
from web3.types import BlockIdentifier

DECIMALS = 6  # of every token here
TOKENS = {
    "USDC.e": "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174",  # the collateral until 2026-04-28
    "pUSD": "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB",  # the collateral since
    "USDC": "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359",  # native USDC: never the collateral
}
BALANCE_OF = {
    "name": "balanceOf",
    "type": "function",
    "stateMutability": "view",
    "inputs": [{"name": "account", "type": "address"}],
    "outputs": [{"name": "", "type": "uint256"}],
}


@dataclass(frozen=True)
class TokenBalance:
    """`base_units` of 1e-6, as they were in `block`."""

    base_units: int
    block: Block

    @property
    def amount(self) -> Decimal:
        return Decimal(self.base_units).scaleb(-DECIMALS)


def get_usdc_e_balance(
    wallet_address: str, token: str = "USDC.e", block: BlockIdentifier = "latest"
) -> Decimal:
    """In dollars, exact to the base unit. Raises ValueError and ChainUnreadable as read_balance."""
    return read_balance(polygon(), wallet_address, token, block).amount


def read_balance(
    w3: Web3, wallet_address: str, token: str = "USDC.e", block: BlockIdentifier = "latest"
) -> TokenBalance:
    """ValueError: no such address or token. ChainUnreadable: the chain could not be read."""
    owner = checked_address(wallet_address)
    if token not in TOKENS:
        raise ValueError(f"no token {token!r}; there are {', '.join(TOKENS)}")
    contract = w3.eth.contract(checked_address(TOKENS[token]), abi=[BALANCE_OF])
    at = named_block(w3, block)
    with reading(f"cannot read {token} of {owner} in block {at.number}"):
        base_units = contract.functions.balanceOf(owner).call(block_identifier=at.number)
    if named_block(w3, at.number) != at:
        raise ChainUnreadable(f"block {at.number} was replaced while it was read: read again")
    return TokenBalance(base_units, at)


if __name__ == "__main__":
    wallet = os.environ.get("POLYMARKET_FUNDER") or sys.exit("POLYMARKET_FUNDER is not set")
    try:
        for token in TOKENS:
            print(token, get_usdc_e_balance(wallet, token))
    except ChainUnreadable as error:
        sys.exit(str(error))
