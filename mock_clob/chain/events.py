"""Which balances and allowances a log says have changed."""

from __future__ import annotations

from collections.abc import Iterator

from eth_hash.auto import keccak
from eth_utils.address import to_checksum_address

from mock_clob.chain.blocks import Log


def _topic(signature: str) -> bytes:
    return keccak(signature.encode())


_TRANSFER = _topic("Transfer(address,address,uint256)")
_APPROVAL = _topic("Approval(address,address,uint256)")
_APPROVAL_FOR_ALL = _topic("ApprovalForAll(address,address,bool)")
_TRANSFER_SINGLE = _topic("TransferSingle(address,address,address,uint256,uint256)")
_TRANSFER_BATCH = _topic("TransferBatch(address,address,address,uint256[],uint256[])")
_NOBODY = "0x" + "0" * 40


def touched(log: Log) -> Iterator[tuple[str, str]]:
    """(owner, asset): a lower-case address, and a token's address or a position id in decimal.

    An approval of all positions has the address of the ERC-1155 contract for its asset.
    """
    kind, *topics = log.topics or (b"",)
    contract: str = to_checksum_address(log.address)
    if kind == _TRANSFER:
        owners, assets = topics[:2], [contract]
    elif kind in (_APPROVAL, _APPROVAL_FOR_ALL):
        owners, assets = topics[:1], [contract]
    elif kind == _TRANSFER_SINGLE:
        owners, assets = topics[1:3], [str(_word(log.data, 0))]
    elif kind == _TRANSFER_BATCH:
        start = _word(log.data, 0) // 32
        count = _word(log.data, start)
        owners = topics[1:3]
        assets = [str(_word(log.data, start + 1 + index)) for index in range(count)]
    else:
        return
    for topic in owners:
        owner = "0x" + topic[12:].hex()
        if owner != _NOBODY:
            yield from ((owner, asset) for asset in assets)


def _word(data: bytes, index: int) -> int:
    return int.from_bytes(data[32 * index : 32 * index + 32], "big")
