# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  CollateralOfframp: pUSD in, USDC.e out, one for one
"""

interface Pusd:
    def transferFrom(sender: address, to: address, amount: uint256) -> bool: nonpayable
    def redeem(to: address, amount: uint256): nonpayable

pusd: public(Pusd)
asset: public(address)  # USDC.e


@external
def unwrap(asset: address, to: address, amount: uint256):
    assert asset == self.asset, "pUSD unwraps to USDC.e only"
    assert extcall self.pusd.transferFrom(msg.sender, self, amount)
    extcall self.pusd.redeem(to, amount)
