# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  NegRiskAdapter: split, merge, redeem and convert the positions of neg-risk markets
@notice In USDC.e, as the real one, whose wrapped collateral the mock does without: here
        ConditionalTokens holds USDC.e for these conditions too. Which conditions are one market
        is written at genesis. Its second splitPosition and mergePositions, which take
        ConditionalTokens' arguments, are not built.
"""

from ethereum.ercs import IERC20

import outcome_tokens
import receiver

exports: receiver.__interface__

event PositionSplit:
    stakeholder: indexed(address)
    conditionId: indexed(bytes32)
    amount: uint256

event PositionsMerge:
    stakeholder: indexed(address)
    conditionId: indexed(bytes32)
    amount: uint256

event PayoutRedemption:
    redeemer: indexed(address)
    conditionId: indexed(bytes32)
    amounts: DynArray[uint256, 2]
    payout: uint256

event PositionsConverted:
    stakeholder: indexed(address)
    marketId: indexed(bytes32)
    indexSet: indexed(uint256)
    amount: uint256

MAX_QUESTIONS: constant(uint256) = 64

ctf: public(outcome_tokens)
col: public(IERC20)  # USDC.e
marketOf: public(HashMap[bytes32, bytes32])  # condition -> market
questionCount: HashMap[bytes32, uint256]
questions: HashMap[bytes32, HashMap[uint256, bytes32]]  # market -> index -> condition


@view
@external
def getQuestionCount(market_id: bytes32) -> uint256:
    return self.questionCount[market_id]


@view
@external
def balanceOf(owner: address, id: uint256) -> uint256:
    return staticcall self.ctf.balanceOf(owner, id)


@view
@external
def balanceOfBatch(
    owners: DynArray[address, 256], ids: DynArray[uint256, 256]
) -> DynArray[uint256, 256]:
    return staticcall self.ctf.balanceOfBatch(owners, ids)


@external
def splitPosition(condition_id: bytes32, amount: uint256):
    ids: DynArray[uint256, 64] = self._ids(condition_id)
    assert extcall self.col.transferFrom(msg.sender, self, amount)
    extcall self.ctf.splitPosition(
        self.col.address, empty(bytes32), condition_id, [1, 2], amount
    )
    extcall self.ctf.safeBatchTransferFrom(self, msg.sender, ids, [amount, amount], b"")
    log PositionSplit(stakeholder=msg.sender, conditionId=condition_id, amount=amount)


@external
def mergePositions(condition_id: bytes32, amount: uint256):
    ids: DynArray[uint256, 64] = self._ids(condition_id)
    extcall self.ctf.safeBatchTransferFrom(msg.sender, self, ids, [amount, amount], b"")
    extcall self.ctf.mergePositions(
        self.col.address, empty(bytes32), condition_id, [1, 2], amount
    )
    assert extcall self.col.transfer(msg.sender, amount)
    log PositionsMerge(stakeholder=msg.sender, conditionId=condition_id, amount=amount)


@external
def redeemPositions(condition_id: bytes32, amounts: DynArray[uint256, 2]):
    """
    @notice Redeems these amounts of (YES, NO).
    """
    ids: DynArray[uint256, 64] = self._ids(condition_id)
    assert len(amounts) == 2, "amounts are of YES and NO"
    taken: DynArray[uint256, 64] = [amounts[0], amounts[1]]
    extcall self.ctf.safeBatchTransferFrom(msg.sender, self, ids, taken, b"")
    before: uint256 = staticcall self.col.balanceOf(self)
    extcall self.ctf.redeemPositions(self.col.address, empty(bytes32), condition_id, [1, 2])
    payout: uint256 = staticcall self.col.balanceOf(self) - before
    if payout > 0:
        assert extcall self.col.transfer(msg.sender, payout)
    log PayoutRedemption(
        redeemer=msg.sender, conditionId=condition_id, amounts=amounts, payout=payout
    )


@external
def convertPositions(market_id: bytes32, index_set: uint256, amount: uint256):
    """
    @notice NO of the questions in `index_set` (bit i is question i) for YES of all the others,
            and a dollar a share for each NO but one: at most one question ends in YES.
    """
    count: uint256 = self.questionCount[market_id]
    assert count > 0, "MarketNotPrepared"
    assert index_set > 0, "NoConvertiblePositions"
    assert index_set < 1 << count, "InvalidIndexSet"
    burned: DynArray[uint256, 64] = []
    minted: DynArray[uint256, 64] = []
    for i: uint256 in range(count, bound=MAX_QUESTIONS):
        ids: DynArray[uint256, 64] = self._ids(self.questions[market_id][i])
        if index_set & (1 << i) != 0:
            burned.append(ids[1])
        else:
            minted.append(ids[0])
    extcall self.ctf.convert(
        self.col.address,
        msg.sender,
        burned,
        minted,
        amount,
        amount * (len(burned) - 1),
    )
    log PositionsConverted(
        stakeholder=msg.sender, marketId=market_id, indexSet=index_set, amount=amount
    )


@view
@internal
def _ids(condition_id: bytes32) -> DynArray[uint256, 64]:
    assert self.marketOf[condition_id] != empty(bytes32), "not a neg-risk condition"
    condition: outcome_tokens.Condition = staticcall self.ctf.conditions(condition_id)
    return [condition.yes, condition.no]
