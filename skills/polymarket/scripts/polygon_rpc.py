"""Read Polygon over JSON-RPC: the chain id is checked, every failure is one error in one line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from eth_typing import ChecksumAddress
from quorum_provider import QuorumProvider
from web3 import Web3
from web3.exceptions import Web3Exception
from web3.middleware import ExtraDataToPOAMiddleware
from web3.types import BlockIdentifier

CHAIN_ID = 137


class ChainUnreadable(Exception):
    """The chain gave no answer, or none to rely on: nothing new is known."""


@dataclass(frozen=True)
class Block:
    """A block by name. Two chains that disagree have the same numbers, never the same hashes."""

    number: int
    hash: str
    time: datetime


def polygon() -> Web3:
    """Connected to POLYGON_RPC_URL, https://polygon-rpc.com when unset. Raises ChainUnreadable.

    Several URLs with commas between them: an answer counts when the majority gives it.
    """
    urls = os.environ.get("POLYGON_RPC_URL") or "https://polygon-rpc.com"
    w3 = Web3(QuorumProvider([url.strip() for url in urls.split(",")]))
    # Polygon's blocks carry more extraData than web3 takes for valid.
    w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    with reading("cannot reach Polygon at POLYGON_RPC_URL"):
        chain_id = w3.eth.chain_id
    if chain_id != CHAIN_ID:
        raise ChainUnreadable(f"POLYGON_RPC_URL is chain {chain_id}, not Polygon ({CHAIN_ID})")
    return w3


def named_block(w3: Web3, which: BlockIdentifier = "latest") -> Block:
    """The block with this number or tag; "finalized" is the newest that no reorg can take back."""
    with reading(f"cannot read block {which!r}"):
        found = w3.eth.get_block(which)
        time = datetime.fromtimestamp(found["timestamp"], UTC)
        return Block(found["number"], found["hash"].to_0x_hex(), time)


def checked_address(address: str) -> ChecksumAddress:
    """Raises ValueError, without the value, for no address and for a typing error in one."""
    if Web3.is_address(address):
        spelled = Web3.to_checksum_address(address)
        if address in (spelled, spelled.lower()):
            return spelled
    raise ValueError("no address: 0x and 40 hex digits, in lower case or with the right checksum")


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Raise ChainUnreadable for what goes wrong inside, a reply without sense included."""
    try:
        yield
    except (OSError, ValueError, TypeError, AttributeError, LookupError, Web3Exception) as error:
        # Errors of the transport quote the URL, and with it the access key that it may hold.
        shown = str(error) if isinstance(error, Web3Exception) else type(error).__name__
        status = getattr(getattr(error, "response", None), "status_code", "")
        raise ChainUnreadable(f"{what}: {shown} {status}".strip()) from None


if __name__ == "__main__":
    block = named_block(polygon())
    print("named by number and hash:", block.number >= 0, len(block.hash) == 66)
