# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  Router of Protocol V2: pUSD in and out of positions
@notice Conditions are 31 bytes; the position manager's key is these and a byte 0. The mock's
        position manager has the code of ConditionalTokens and is backed by USDC.e like it.
        Modules hold nothing here: conditions are prepared at genesis.
"""

from ethereum.ercs import IERC20

import outcome_tokens
import receiver

exports: receiver.__interface__

interface Pusd:
    def mint(to: address, amount: uint256): nonpayable
    def redeem(to: address, amount: uint256): nonpayable

ctf: public(outcome_tokens)  # the position manager
asset: public(IERC20)  # USDC.e
pusd: public(address)


@external
def split(condition_id: bytes31, amount: uint256):
    key: bytes32 = convert(condition_id, bytes32)
    ids: DynArray[uint256, 64] = self._ids(key)
    assert extcall IERC20(self.pusd).transferFrom(msg.sender, self, amount)
    extcall Pusd(self.pusd).redeem(self, amount)
    extcall self.ctf.splitPosition(self.asset.address, empty(bytes32), key, [1, 2], amount)
    extcall self.ctf.safeBatchTransferFrom(self, msg.sender, ids, [amount, amount], b"")


@external
def merge(condition_id: bytes31, amount: uint256):
    key: bytes32 = convert(condition_id, bytes32)
    ids: DynArray[uint256, 64] = self._ids(key)
    extcall self.ctf.safeBatchTransferFrom(msg.sender, self, ids, [amount, amount], b"")
    extcall self.ctf.mergePositions(self.asset.address, empty(bytes32), key, [1, 2], amount)
    self._pay(amount)


@external
def redeem(condition_id: bytes31, outcome: uint256, amount: uint256):
    key: bytes32 = convert(condition_id, bytes32)
    assert outcome < 2, "not an outcome"
    ids: DynArray[uint256, 64] = self._ids(key)
    extcall self.ctf.safeTransferFrom(msg.sender, self, ids[outcome], amount, b"")
    before: uint256 = staticcall self.asset.balanceOf(self)
    extcall self.ctf.redeemPositions(
        self.asset.address, empty(bytes32), key, [outcome + 1]
    )
    self._pay(staticcall self.asset.balanceOf(self) - before)


@view
@internal
def _ids(key: bytes32) -> DynArray[uint256, 64]:
    condition: outcome_tokens.Condition = staticcall self.ctf.conditions(key)
    assert condition.collateral != empty(address), "condition not prepared yet"
    return [condition.yes, condition.no]


@internal
def _pay(amount: uint256):
    if amount > 0:
        assert extcall self.asset.transfer(self.pusd, amount)
        extcall Pusd(self.pusd).mint(msg.sender, amount)
