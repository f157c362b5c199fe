# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  ConditionalTokens: outcome tokens (ERC-1155) of binary conditions
@notice The interface and revert strings of Gnosis's contract, for two outcomes and no parent
        collection. Two things differ, both the operator's: which ids a condition has is a
        register (the real ids are derived; those of the venue's documentation market cannot
        be), and reportPayouts takes the condition id, not an oracle's question id.
"""

from ethereum.ercs import IERC20

interface Receiver:
    def onERC1155Received(
        operator: address, sender: address, id: uint256, amount: uint256, data: Bytes[1024]
    ) -> bytes4: nonpayable
    def onERC1155BatchReceived(
        operator: address,
        sender: address,
        ids: DynArray[uint256, 64],
        amounts: DynArray[uint256, 64],
        data: Bytes[1024],
    ) -> bytes4: nonpayable

event TransferSingle:
    operator: indexed(address)
    sender: indexed(address)
    to: indexed(address)
    id: uint256
    value: uint256

event TransferBatch:
    operator: indexed(address)
    sender: indexed(address)
    to: indexed(address)
    ids: DynArray[uint256, 64]
    values: DynArray[uint256, 64]

event ApprovalForAll:
    owner: indexed(address)
    operator: indexed(address)
    approved: bool

event PositionSplit:
    stakeholder: indexed(address)
    collateralToken: address
    parentCollectionId: indexed(bytes32)
    conditionId: indexed(bytes32)
    partition: DynArray[uint256, 2]
    amount: uint256

event PositionsMerge:
    stakeholder: indexed(address)
    collateralToken: address
    parentCollectionId: indexed(bytes32)
    conditionId: indexed(bytes32)
    partition: DynArray[uint256, 2]
    amount: uint256

event PayoutRedemption:
    redeemer: indexed(address)
    collateralToken: indexed(address)
    parentCollectionId: indexed(bytes32)
    conditionId: bytes32
    indexSets: DynArray[uint256, 2]
    payout: uint256

event ConditionPreparation:
    conditionId: indexed(bytes32)
    oracle: indexed(address)
    questionId: indexed(bytes32)
    outcomeSlotCount: uint256

event ConditionResolution:
    conditionId: indexed(bytes32)
    oracle: indexed(address)
    questionId: indexed(bytes32)
    outcomeSlotCount: uint256
    payoutNumerators: DynArray[uint256, 2]

struct Condition:
    collateral: address
    yes: uint256
    no: uint256

ON_RECEIVED: constant(bytes4) = 0xf23a6e61
ON_BATCH_RECEIVED: constant(bytes4) = 0xbc197c81

owner: public(address)  # the operator
negRiskAdapter: public(address)
balanceOf: public(HashMap[address, HashMap[uint256, uint256]])
isApprovedForAll: public(HashMap[address, HashMap[address, bool]])
conditions: public(HashMap[bytes32, Condition])
payoutNumerators: public(HashMap[bytes32, HashMap[uint256, uint256]])
payoutDenominator: public(HashMap[bytes32, uint256])


@pure
@external
def supportsInterface(interface_id: bytes4) -> bool:
    return interface_id in [0x01ffc9a7, 0xd9b67a26]  # ERC-165, ERC-1155


@view
@external
def balanceOfBatch(
    owners: DynArray[address, 256], ids: DynArray[uint256, 256]
) -> DynArray[uint256, 256]:
    assert len(owners) == len(ids), "ERC1155: owners and IDs must have same lengths"
    balances: DynArray[uint256, 256] = []
    for i: uint256 in range(len(ids), bound=256):
        balances.append(self.balanceOf[owners[i]][ids[i]])
    return balances


@external
def setApprovalForAll(operator: address, approved: bool):
    self.isApprovedForAll[msg.sender][operator] = approved
    log ApprovalForAll(owner=msg.sender, operator=operator, approved=approved)


@external
def safeTransferFrom(
    sender: address, to: address, id: uint256, amount: uint256, data: Bytes[1024]
):
    self._check_operator(sender, to)
    self._take(sender, id, amount)
    self.balanceOf[to][id] += amount
    log TransferSingle(operator=msg.sender, sender=sender, to=to, id=id, value=amount)
    if to.is_contract:
        accepted: bytes4 = extcall Receiver(to).onERC1155Received(
            msg.sender, sender, id, amount, data
        )
        assert accepted == ON_RECEIVED, "ERC1155: got unknown value from onERC1155Received"


@external
def safeBatchTransferFrom(
    sender: address,
    to: address,
    ids: DynArray[uint256, 64],
    amounts: DynArray[uint256, 64],
    data: Bytes[1024],
):
    assert len(ids) == len(amounts), "ERC1155: IDs and values must have same lengths"
    self._check_operator(sender, to)
    for i: uint256 in range(len(ids), bound=64):
        self._take(sender, ids[i], amounts[i])
        self.balanceOf[to][ids[i]] += amounts[i]
    log TransferBatch(operator=msg.sender, sender=sender, to=to, ids=ids, values=amounts)
    self._check_batch_accepted(sender, to, ids, amounts, data)


@view
@external
def getOutcomeSlotCount(condition_id: bytes32) -> uint256:
    return 2 if self.conditions[condition_id].collateral != empty(address) else 0


@external
def registerCondition(condition_id: bytes32, yes: uint256, no: uint256, collateral: address):
    """
    @notice The operator says which two ids a condition has; takes prepareCondition's place.
    """
    assert msg.sender == self.owner, "only the operator registers conditions"
    assert self.conditions[condition_id].collateral == empty(address), "condition already prepared"
    assert collateral != empty(address) and yes != no, "not a binary condition"
    self.conditions[condition_id] = Condition(collateral=collateral, yes=yes, no=no)
    log ConditionPreparation(
        conditionId=condition_id,
        oracle=msg.sender,
        questionId=empty(bytes32),
        outcomeSlotCount=2,
    )


@external
def reportPayouts(condition_id: bytes32, payouts: DynArray[uint256, 2]):
    """
    @notice The operator resolves a condition: [1, 0] for YES, [0, 1] for NO, [1, 1] for both.
    """
    assert msg.sender == self.owner, "only the operator reports payouts"
    self._get(condition_id)
    assert self.payoutDenominator[condition_id] == 0, "payout denominator already set"
    assert len(payouts) == 2 and payouts[0] + payouts[1] > 0, "payout is all zeroes"
    self.payoutDenominator[condition_id] = payouts[0] + payouts[1]
    self.payoutNumerators[condition_id][0] = payouts[0]
    self.payoutNumerators[condition_id][1] = payouts[1]
    log ConditionResolution(
        conditionId=condition_id,
        oracle=msg.sender,
        questionId=empty(bytes32),
        outcomeSlotCount=2,
        payoutNumerators=payouts,
    )


@external
def splitPosition(
    collateral: address,
    parent: bytes32,
    condition_id: bytes32,
    partition: DynArray[uint256, 2],
    amount: uint256,
):
    condition: Condition = self._whole(collateral, parent, condition_id, partition)
    assert extcall IERC20(collateral).transferFrom(
        msg.sender, self, amount
    ), "could not receive collateral tokens"
    ids: DynArray[uint256, 64] = [condition.yes, condition.no]
    amounts: DynArray[uint256, 64] = [amount, amount]
    self.balanceOf[msg.sender][condition.yes] += amount
    self.balanceOf[msg.sender][condition.no] += amount
    log TransferBatch(
        operator=msg.sender, sender=empty(address), to=msg.sender, ids=ids, values=amounts
    )
    self._check_batch_accepted(empty(address), msg.sender, ids, amounts, b"")
    log PositionSplit(
        stakeholder=msg.sender,
        collateralToken=collateral,
        parentCollectionId=parent,
        conditionId=condition_id,
        partition=partition,
        amount=amount,
    )


@external
def mergePositions(
    collateral: address,
    parent: bytes32,
    condition_id: bytes32,
    partition: DynArray[uint256, 2],
    amount: uint256,
):
    condition: Condition = self._whole(collateral, parent, condition_id, partition)
    self._take(msg.sender, condition.yes, amount)
    self._take(msg.sender, condition.no, amount)
    log TransferBatch(
        operator=msg.sender,
        sender=msg.sender,
        to=empty(address),
        ids=[condition.yes, condition.no],
        values=[amount, amount],
    )
    assert extcall IERC20(collateral).transfer(
        msg.sender, amount
    ), "could not send collateral tokens"
    log PositionsMerge(
        stakeholder=msg.sender,
        collateralToken=collateral,
        parentCollectionId=parent,
        conditionId=condition_id,
        partition=partition,
        amount=amount,
    )


@external
def redeemPositions(
    collateral: address,
    parent: bytes32,
    condition_id: bytes32,
    index_sets: DynArray[uint256, 2],
):
    condition: Condition = self._get(condition_id)
    assert parent == empty(bytes32), "parent collections are not in the mock"
    assert collateral == condition.collateral, "not the condition's collateral"
    denominator: uint256 = self.payoutDenominator[condition_id]
    assert denominator > 0, "result for condition not received yet"
    payout: uint256 = 0
    for index_set: uint256 in index_sets:
        assert index_set in [1, 2], "got invalid index set"
        id: uint256 = condition.yes if index_set == 1 else condition.no
        held: uint256 = self.balanceOf[msg.sender][id]
        if held > 0:
            numerator: uint256 = self.payoutNumerators[condition_id][index_set - 1]
            payout += held * numerator // denominator
            self.balanceOf[msg.sender][id] = 0
            log TransferSingle(
                operator=msg.sender, sender=msg.sender, to=empty(address), id=id, value=held
            )
    if payout > 0:
        assert extcall IERC20(collateral).transfer(
            msg.sender, payout
        ), "could not transfer payout to message sender"
    log PayoutRedemption(
        redeemer=msg.sender,
        collateralToken=collateral,
        parentCollectionId=parent,
        conditionId=condition_id,
        indexSets=index_sets,
        payout=payout,
    )


@external
def convert(
    collateral: address,
    holder: address,
    burned: DynArray[uint256, 64],
    minted: DynArray[uint256, 64],
    amount: uint256,
    payout: uint256,
):
    """
    @notice The neg-risk adapter's: `amount` of each id in `burned` becomes as much of each in
            `minted` and collateral. All conditions share this contract's collateral, which
            covers it because at most one condition of a neg-risk market ends in YES.
    """
    assert msg.sender == self.negRiskAdapter, "only the neg-risk adapter converts"
    self._check_operator(holder, self)
    amounts: DynArray[uint256, 64] = []
    for id: uint256 in burned:
        self._take(holder, id, amount)
        amounts.append(amount)
    log TransferBatch(
        operator=msg.sender, sender=holder, to=empty(address), ids=burned, values=amounts
    )
    if len(minted) > 0:
        amounts = []
        for id: uint256 in minted:
            self.balanceOf[holder][id] += amount
            amounts.append(amount)
        log TransferBatch(
            operator=msg.sender, sender=empty(address), to=holder, ids=minted, values=amounts
        )
        self._check_batch_accepted(empty(address), holder, minted, amounts, b"")
    if payout > 0:
        assert extcall IERC20(collateral).transfer(
            holder, payout
        ), "could not send collateral tokens"


@view
@internal
def _get(condition_id: bytes32) -> Condition:
    condition: Condition = self.conditions[condition_id]
    assert condition.collateral != empty(address), "condition not prepared yet"
    return condition


@view
@internal
def _whole(
    collateral: address, parent: bytes32, condition_id: bytes32, partition: DynArray[uint256, 2]
) -> Condition:
    """
    @notice The condition, after the checks that splitting and merging share.
    """
    condition: Condition = self._get(condition_id)
    assert parent == empty(bytes32), "parent collections are not in the mock"
    assert collateral == condition.collateral, "not the condition's collateral"
    assert len(partition) == 2, "got empty or singleton partition"
    assert partition[0] in [1, 2] and partition[1] in [1, 2], "got invalid index set"
    assert partition[0] != partition[1], "partition not disjoint"
    return condition


@view
@internal
def _check_operator(sender: address, to: address):
    assert to != empty(address), "ERC1155: target address must be non-zero"
    assert (
        sender == msg.sender or self.isApprovedForAll[sender][msg.sender]
    ), "ERC1155: need operator approval for 3rd party transfers."


@internal
def _take(holder: address, id: uint256, amount: uint256):
    held: uint256 = self.balanceOf[holder][id]
    assert held >= amount, "SafeMath: subtraction overflow"
    self.balanceOf[holder][id] = held - amount


@internal
def _check_batch_accepted(
    sender: address,
    to: address,
    ids: DynArray[uint256, 64],
    amounts: DynArray[uint256, 64],
    data: Bytes[1024],
):
    if to.is_contract:
        accepted: bytes4 = extcall Receiver(to).onERC1155BatchReceived(
            msg.sender, sender, ids, amounts, data
        )
        assert (
            accepted == ON_BATCH_RECEIVED
        ), "ERC1155: got unknown value from onERC1155BatchReceived"
