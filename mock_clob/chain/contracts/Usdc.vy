# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  USDC.e and native USDC
"""

import erc20

initializes: erc20
exports: erc20.__interface__


@external
def mint(to: address, amount: uint256):
    """
    @notice The test faucet.
    """
    assert msg.sender == erc20.owner, "only the owner mints"
    erc20._mint(to, amount)
