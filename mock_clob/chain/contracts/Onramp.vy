# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  CollateralOnramp: USDC.e in, pUSD out, one for one
"""

from ethereum.ercs import IERC20

interface Pusd:
    def mint(to: address, amount: uint256): nonpayable

pusd: public(Pusd)
asset: public(IERC20)  # USDC.e


@external
def wrap(asset: address, to: address, amount: uint256):
    assert asset == self.asset.address, "only USDC.e can be wrapped"
    assert extcall self.asset.transferFrom(msg.sender, self.pusd.address, amount)
    extcall self.pusd.mint(to, amount)
