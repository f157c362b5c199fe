# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  CtfCollateralAdapter and NegRiskCtfCollateralAdapter: pUSD in and out of outcome tokens
@notice One code at both addresses: `neg_risk` says which conditions it takes. The arguments are
        ConditionalTokens' own; whether the real adapters look at those that are always the same
        (collateral, parent, partition) is not established, so here they must be right.
"""

from ethereum.ercs import IERC20

import outcome_tokens
import receiver

exports: receiver.__interface__

interface Pusd:
    def mint(to: address, amount: uint256): nonpayable
    def redeem(to: address, amount: uint256): nonpayable

interface NegRiskAdapter:
    def marketOf(condition_id: bytes32) -> bytes32: view

ctf: public(outcome_tokens)
asset: public(IERC20)  # USDC.e
pusd: public(address)
negRiskAdapter: public(address)
negRisk: public(bool)


@external
def splitPosition(
    collateral: address,
    parent: bytes32,
    condition_id: bytes32,
    partition: DynArray[uint256, 2],
    amount: uint256,
):
    ids: DynArray[uint256, 64] = self._ids(collateral, parent, condition_id, partition)
    assert extcall IERC20(self.pusd).transferFrom(msg.sender, self, amount)
    extcall Pusd(self.pusd).redeem(self, amount)
    extcall self.ctf.splitPosition(
        self.asset.address, empty(bytes32), condition_id, [1, 2], amount
    )
    extcall self.ctf.safeBatchTransferFrom(self, msg.sender, ids, [amount, amount], b"")


@external
def mergePositions(
    collateral: address,
    parent: bytes32,
    condition_id: bytes32,
    partition: DynArray[uint256, 2],
    amount: uint256,
):
    ids: DynArray[uint256, 64] = self._ids(collateral, parent, condition_id, partition)
    extcall self.ctf.safeBatchTransferFrom(msg.sender, self, ids, [amount, amount], b"")
    extcall self.ctf.mergePositions(
        self.asset.address, empty(bytes32), condition_id, [1, 2], amount
    )
    self._pay(amount)


@external
def redeemPositions(
    collateral: address,
    parent: bytes32,
    condition_id: bytes32,
    index_sets: DynArray[uint256, 2],
):
    """
    @notice Redeems all that the caller holds of the condition.
    """
    ids: DynArray[uint256, 64] = self._ids(collateral, parent, condition_id, index_sets)
    amounts: DynArray[uint256, 64] = [
        staticcall self.ctf.balanceOf(msg.sender, ids[0]),
        staticcall self.ctf.balanceOf(msg.sender, ids[1]),
    ]
    extcall self.ctf.safeBatchTransferFrom(msg.sender, self, ids, amounts, b"")
    before: uint256 = staticcall self.asset.balanceOf(self)
    extcall self.ctf.redeemPositions(
        self.asset.address, empty(bytes32), condition_id, [1, 2]
    )
    self._pay(staticcall self.asset.balanceOf(self) - before)


@view
@internal
def _ids(
    collateral: address, parent: bytes32, condition_id: bytes32, sets: DynArray[uint256, 2]
) -> DynArray[uint256, 64]:
    assert collateral == self.pusd, "the collateral is pUSD"
    assert parent == empty(bytes32), "parent collections are not in the mock"
    assert len(sets) == 2 and sets[0] == 1 and sets[1] == 2, "the partition is [1, 2]"
    market: bytes32 = staticcall NegRiskAdapter(self.negRiskAdapter).marketOf(condition_id)
    assert self.negRisk == (market != empty(bytes32)), "the condition is the other adapter's"
    condition: outcome_tokens.Condition = staticcall self.ctf.conditions(condition_id)
    assert condition.collateral != empty(address), "condition not prepared yet"
    return [condition.yes, condition.no]


@internal
def _pay(amount: uint256):
    if amount > 0:
        assert extcall self.asset.transfer(self.pusd, amount)
        extcall Pusd(self.pusd).mint(msg.sender, amount)
