# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  pUSD: each one is backed by a USDC.e that this contract holds
@notice A ramp delivers the USDC.e before it mints; redeeming burns and pays it out.
"""

from ethereum.ercs import IERC20

import erc20

initializes: erc20
exports: erc20.__interface__

asset: public(IERC20)  # USDC.e
ramps: public(HashMap[address, bool])  # onramp, offramp and the exchanges that settle in pUSD


@external
def mint(to: address, amount: uint256):
    assert self.ramps[msg.sender] or msg.sender == erc20.owner, "only a ramp mints"
    erc20._mint(to, amount)
    assert staticcall self.asset.balanceOf(self) >= erc20.totalSupply, "pUSD is not backed"


@external
def redeem(to: address, amount: uint256):
    """
    @notice Burns the caller's pUSD and pays the USDC.e to `to`.
    """
    assert self.ramps[msg.sender], "only a ramp redeems"
    erc20._burn(msg.sender, amount)
    assert extcall self.asset.transfer(to, amount)
