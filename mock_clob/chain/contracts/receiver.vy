# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  Takes outcome tokens: the two hooks of ERC-1155, for every contract that holds some
"""


@external
def onERC1155Received(
    operator: address, sender: address, id: uint256, amount: uint256, data: Bytes[1024]
) -> bytes4:
    return 0xf23a6e61


@external
def onERC1155BatchReceived(
    operator: address,
    sender: address,
    ids: DynArray[uint256, 64],
    amounts: DynArray[uint256, 64],
    data: Bytes[1024],
) -> bytes4:
    return 0xbc197c81
